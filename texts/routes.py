"""Routes as the OpenAPI documents name them: route → (operation id, what it does in Vietnamese).

The English half is the route's own ``summary``. An operation id is a verb and its object, so that generated clients
read well; it never changes, since programs call it.
"""

ROUTES: dict[str, tuple[str, str]] = {
    # every service
    "live": ("check_live", "Tiến trình còn hoạt động"),
    "ready": ("check_ready", "Dịch vụ đã sẵn sàng"),
    "metrics": ("get_metrics", "Số đo cho Prometheus"),
    "forms": ("list_forms", "Các sổ mà dịch vụ này giữ"),
    "form_columns": ("get_form", "Các cột của một sổ"),
    "hand_in_row": ("hand_in_row", "Nộp một dòng"),
    "hand_in_rows": ("hand_in_rows", "Nộp nhiều dòng của một sổ, theo thứ tự"),
    "records": ("list_records", "Các bản ghi hiện có của đơn vị mình"),
    "match_list": (
        "match_list",
        "Đối chiếu một danh sách với sổ: cả hai, chỉ bên kia, chỉ bên này, khác nhau và vì sao",
    ),
    "reporting_units": ("list_units", "Các đơn vị báo cáo"),
    "same_person_as": ("get_person", "Các mã tham chiếu hiện là cùng một người"),
    "submission_key": ("get_submission_key", "Khóa công khai để nộp qua Kafka"),
    "list_dead_letters": ("list_dead_letters", "Thông điệp không áp dụng được"),
    "show_dead_letter": ("get_dead_letter", "Một thông điệp không áp dụng được, kèm nội dung"),
    "retry_dead_letter": ("retry_dead_letter", "Áp dụng lại nguyên văn thông điệp"),
    "discard_dead_letter": ("discard_dead_letter", "Bỏ hẳn một thông điệp"),
    "list_consumers": ("list_consumers", "Các bộ đọc, và có bị dừng vì thông điệp hỏng không"),
    "resume_consumer": ("resume_consumer", "Cho một bộ đọc đã dừng chạy lại"),
    "republish": ("republish_outbox", "Gửi lại hộp thư đi lên Kafka; bên nhận bỏ qua điều đã biết"),
    "audit_rows": ("list_audit_rows", "Ai đã đọc gì: các dòng của một chuỗi, theo thứ tự"),
    "audit_head": ("get_audit_head", "Độ dài và mã băm cuối của mỗi chuỗi, có ký: hãy giữ ở nơi khác"),
    "progress": ("get_progress", "Đã gửi gì, đã áp dụng gì, gì còn nằm lại"),
    # reporting: figures
    "figures": ("list_figures", "Danh mục số liệu"),
    "figure": ("get_figure", "Một số liệu"),
    "repeated": ("get_overlap", "Phần được tính ở nhiều dòng của một cách phân tổ; cần `by`"),
    "all_calendars": ("list_calendars", "Lịch báo cáo, các kỳ và hạn gửi"),
    "rule_sets": ("list_rule_sets", "Các phiên bản định nghĩa số liệu và cách hiểu đã chọn"),
    "rebuild": ("start_rebuild", "Tính lại toàn bộ nhật ký rồi chuyển sang; người đọc không bị gián đoạn"),
    "rebuilds": ("list_rebuilds", "Các thế hệ bảng và trạng thái, mới nhất trước"),
    # reporting: machines
    "data": ("get_data", "Nhiều số liệu một lần, theo kiểu SDMX REST"),
    "areas": ("list_areas", "Địa bàn qua các thời kỳ, và đã thành gì"),
    "follows": ("list_follows", "Những số liệu đơn vị mình đang theo dõi"),
    "follow": ("create_follow", "Theo dõi một số liệu"),
    "unfollow": ("delete_follow", "Thôi theo dõi"),
    # reporting: checks, reconciliation
    "checks": ("list_checks", "Mọi phép kiểm tra và số trường hợp"),
    "check": ("get_check", "Một phép kiểm tra: số trường hợp và danh sách cho người được xem"),
    "table": ("check_table", "Chỗ các con số trong một bảng mâu thuẫn nhau, kèm giá trị đúng"),
    "reconciliation": ("get_reconciliation", "Số đã khai so với số tính từ nhật ký, từng bước chênh lệch"),
    "reconciliations": ("list_reconciliations", "Mọi số đã khai, cạnh số liệu cùng ngày"),
    # reporting: reports, closings
    "reports": ("list_reports", "Các báo cáo và định dạng"),
    "report": ("get_report", "Một báo cáo dưới dạng tệp"),
    "closing_key": ("get_closing_key", "Khóa công khai của cơ quan, để xác minh kỳ đã khóa"),
    "closing_chain": ("get_closing_chain", "Chuỗi các lần khóa: mã băm và chữ ký, không có số liệu"),
    "closings": ("list_closings", "Mọi kỳ đã khóa, mới nhất trước, không kèm số liệu"),
    "close": ("create_closing", "Khóa một kỳ: cố định số liệu, băm, nối chuỗi và ký"),
    "closing": ("get_closing", "Một kỳ đã khóa, nguyên văn từng byte"),
    "replay": ("replay_closing", "Tính lại một kỳ đã khóa từ những gì biết lúc khóa"),
    "reissue": ("create_edition", "Khóa lại một kỳ, theo điều biết hiện nay"),
    "publication": ("create_publication", "Ký xác nhận một tệp được công bố từ kỳ đã khóa"),
    "closing_revisions": ("list_revisions", "Các ô nay có giá trị khác, và vì sao"),
    "closing_revisions_noted": ("note_revisions", "Ghi nhận các sửa đổi và báo cho bên theo dõi"),
}
