"""The one catalogue of what users read: rule name → Vietnamese and English text.

``{field}``, ``{value}`` and other named parts are filled from the fault. Texts of single features are in ``texts``.
"""

from dataclasses import dataclass

from texts import (
    checking,
    closing,
    disclosure,
    matching,
    periods,
    publishing,
    reconciling,
    reports,
)


@dataclass(frozen=True, slots=True)
class Message:
    """A text in Vietnamese (shown first) and English."""

    vi: str
    en: str

    def __str__(self) -> str:
        return f"{self.vi} / {self.en}"


_TEXTS: dict[str, tuple[str, str]] = {
    # --- cells and rows of registers -----------------------------------------------------------------------
    "required": ("Thiếu giá trị bắt buộc ở cột {column}", "{field} is required"),
    "date": (
        "Ngày không hợp lệ: dùng dd/mm/yyyy hoặc yyyy-mm-dd",
        "not a date: use dd/mm/yyyy or yyyy-mm-dd",
    ),
    "datetime": (
        "Ngày giờ không hợp lệ: dùng dd/mm/yyyy HH:MM",
        "not a date with time: use dd/mm/yyyy HH:MM",
    ),
    "birth": ("Ngày sinh không hợp lệ: ngày đầy đủ hoặc năm sinh", "not a birth date: a full date or a year"),
    "integer": ("Phải là số nguyên", "must be a whole number"),
    "decimal": ("Phải là số", "must be a number"),
    "minimum": ("Không được nhỏ hơn {minimum}", "must be at least {minimum}"),
    "maximum": ("Không được lớn hơn {maximum}", "must be at most {maximum}"),
    "flag": ("Phải là có/không (x, có, yes, 1 / không, no, 0)", "must be yes or no (x, yes, 1 / no, 0)"),
    "code": ("Không có trong danh mục. Ghi một trong: {codes_vi}", "not in the list; allowed: {codes}"),
    "national_id": (
        "Số định danh phải là CCCD 12 chữ số hoặc CMND 9 chữ số",
        "must be a 12-digit CCCD or a 9-digit CMND",
    ),
    "commune": ("Mã xã không có hiệu lực vào ngày {day}", "no commune has this code on {day}"),
    "area": ("Mã địa bàn không có hiệu lực vào ngày {day}", "no area has this code on {day}"),
    "unit": ("Mã đơn vị không hợp lệ", "not a reporting unit"),
    "figure": ("Không có số liệu mang mã này", "no figure has this code"),
    "too_long": ("Dài quá {limit} ký tự", "longer than {limit} characters"),
    "control_character": ("Có ký tự không in được", "contains a control character"),
    "unknown_column": ("Không có cột này trong biểu mẫu", "the form has no such column"),
    "order": ("Không được trước {earlier_vi}", "must not be before {earlier}"),
    "future": ("Không được ở tương lai", "must not be in the future"),
    "recorded_before": (
        "Ngày ghi sổ không được trước {earlier_vi}",
        "recorded_on must not be before {earlier}",
    ),
    "needs": ("Cần có {needed_vi}", "makes sense only with {needed}"),
    "void_unknown": (
        "Không có bản ghi mang khóa này để hủy",
        "no record has this key, so nothing can be withdrawn",
    ),
    "unit_scope": ("Đơn vị của bạn không được ghi cho đơn vị này", "your unit may not write for this unit"),
    "cell_type": ("Ô phải là chữ, số hoặc có/không", "a cell must be text, a number or yes/no"),
    "decimal_places": ("Nhiều nhất {places} chữ số thập phân", "at most {places} decimal places"),
    "list_too_long": ("Nhiều nhất {limit} mục, cách nhau bằng dấu ;", "at most {limit} items, ; between"),
    "commune_form": ("Mã xã phải gồm 5 chữ số", "a commune code has 5 digits"),
    "commune_unknown": ("Chưa từng có xã nào mang mã này", "no commune ever had this code"),
    "area_form": (
        "Mã địa bàn phải gồm 2 (tỉnh), 3 (huyện) hoặc 5 (xã) chữ số",
        "an area code has 2 (province), 3 (district) or 5 (commune) digits",
    ),
    "area_unknown": ("Chưa từng có địa bàn nào mang mã này", "no area ever had this code"),
    "column_twice": ("Cột này xuất hiện hai lần trong dòng", "the row has this column twice"),
    "row_number": (
        "Số dòng phải là số nguyên dương, mỗi dòng một số",
        "row numbers are positive and distinct",
    ),
    "row_values": ("Mỗi dòng cần có values: tên cột → giá trị", "each row needs values: column name → cell"),
    "either": (
        "Điền {first} hoặc {second}, không để trống hay điền cả hai",
        "fill {first} or {second}: one of them",
    ),
    "birth_after": (
        "Ngày sinh sau ngày của bản ghi ({day})",
        "the birth date is after the record's date ({day})",
    ),
    "facility_unknown": ("Không có cơ sở mang mã này vào ngày {day}", "no facility has this code on {day}"),
    "facility_not_determining": (
        "Cơ sở này không có chức năng xác định tình trạng nghiện vào ngày {day}",
        "the facility does no determinations on {day}",
    ),
    "clinician_unknown": (
        "Không có người xác định mang mã này vào ngày {day}",
        "no clinician has this number on {day}",
    ),
    "only_transferred": (
        "Chỉ điền cơ sở chuyển đến khi lý do kết thúc là chuyển cơ sở (transferred)",
        "a receiving facility makes sense only with end_reason transferred",
    ),
    "figure_not_counted": (
        "Chỉ tiêu phải giao cho số liệu được đếm, không cho tỷ lệ hay chính chỉ tiêu",
        "a target is assigned to a counted figure, not to a ratio or to the target itself",
    ),
    "class_of_scheme": (
        "Bộ tiêu chí {scheme} chỉ có các loại: {classes}",
        "the scheme {scheme} has the classes: {classes}",
    ),
    "rows_too_many": ("Nhiều nhất {limit} dòng một lần gửi", "at most {limit} rows per request"),
    "form_unknown": ("Không có biểu mẫu này ở đây", "this service has no such form"),
    # --- requests, tokens, operations (chassis) --------------------------------------------------------------
    "invalid_input": ("Dữ liệu không hợp lệ", "the input is not valid"),
    "shape": ("Không đúng cấu trúc yêu cầu", "does not have the required shape"),
    "bad_request": ("Yêu cầu không hợp lệ", "bad request"),
    "not_found": ("Không tìm thấy", "not found"),
    "method_not_allowed": ("Phương thức không được hỗ trợ", "method not allowed"),
    "body_too_large": ("Dữ liệu gửi lên quá lớn", "the request body is too large"),
    "internal": ("Lỗi hệ thống; đã được ghi nhận", "internal error; it has been logged"),
    "database_unreachable": (
        "Cơ sở dữ liệu tạm thời không truy cập được",
        "the database cannot be reached now",
    ),
    "issuer_unreachable": (
        "Không kiểm tra được mã truy cập: không liên lạc được nơi cấp",
        "the token cannot be checked: its issuer cannot be reached",
    ),
    "token_missing": ("Thiếu mã truy cập (Authorization: Bearer …)", "a bearer token is required"),
    "token_invalid": ("Mã truy cập không hợp lệ", "the token is not valid"),
    "token_key": ("Mã truy cập được ký bằng khóa không rõ", "the token is signed by an unknown key"),
    "token_expired": ("Mã truy cập đã hết hạn", "the token has expired"),
    "token_claims": ("Mã truy cập thiếu hoặc sai thông tin", "the token lacks a claim or has a wrong one"),
    "forbidden": ("Không có quyền thực hiện", "not allowed"),
    "role_required": ("Vai trò của bạn không được thực hiện việc này", "your role may not do this"),
    "dead_letter_unknown": ("Không có thông điệp hỏng mang số này", "no dead letter has this number"),
    "dead_letter_settled": ("Thông điệp hỏng này đã được xử lý", "this dead letter has been settled already"),
    "dead_letter_fails": (
        "Thông điệp vẫn không áp dụng được: {reason}",
        "the message still cannot be applied: {reason}",
    ),
    "consumer_unknown": ("Không có bộ tiêu thụ mang tên này", "no consumer has this name"),
    "no_submission_key": (
        "Đơn vị này chưa mở nhận hồ sơ qua Kafka",
        "this service takes no submissions over Kafka",
    ),
    # --- files and the command line ----------------------------------------------------------------------------
    "file_missing": ("Không có tệp {path}", "no such file: {path}"),
    "file_kind": (
        "Chỉ nhận tệp .csv và .xlsx, không nhận {suffix}",
        "only .csv and .xlsx are taken, not {suffix}",
    ),
    "template_kind": (
        "Sổ mẫu là tệp .xlsx, không phải {suffix}",
        "an empty register is an .xlsx file, not {suffix}",
    ),
    "file_unreadable": ("Không đọc được tệp: {reason}", "the file cannot be read: {reason}"),
    "file_empty": ("Tệp không có nội dung", "the file is empty"),
    "file_no_rows": (
        "Tệp chỉ có dòng tiêu đề, không có dòng nào để nộp",
        "the file has a header but no rows",
    ),
    "file_too_large": (
        "Tệp {size} MB, vượt giới hạn {limit} MB; hãy chia thành nhiều tệp",
        "the file has {size} MB, the limit is {limit} MB: split it",
    ),
    "file_bomb": (
        "Nội dung nén phình ra quá lớn; tệp không giống một sổ bình thường nên không được mở",
        "the compressed content is far too large for a register; the file was not opened",
    ),
    "file_too_wide": (
        "Bảng tính có vùng dữ liệu {rows} dòng × {columns} cột, quá lớn cho một sổ",
        "the sheet spans {rows} rows × {columns} columns, too large for a register",
    ),
    "file_encoding": (
        "Tệp .csv không phải UTF-8 (dòng {line}); hãy lưu lại dạng “CSV UTF-8”",
        "the .csv file is not UTF-8 (line {line}): save it as “CSV UTF-8”",
    ),
    "file_not_text": (
        "Tệp .csv chứa dữ liệu nhị phân, không phải văn bản",
        "the .csv file holds binary data, not text",
    ),
    "file_csv": ("Dòng {line}: dấu ngoặc kép không khép đúng", "line {line}: quotation marks do not match"),
    "file_not_xlsx": (
        "Tệp không phải .xlsx hợp lệ (có thể hỏng, là .xls cũ, hoặc có mật khẩu)",
        "not a valid .xlsx file (damaged, an old .xls, or protected by a password)",
    ),
    "header_missing": (
        "Dòng 1 không phải dòng tiêu đề của biểu mẫu {form}",
        "row 1 is not the header of the form {form}",
    ),
    "header_other_form": (
        "Tiêu đề này là của biểu mẫu {other} ({name}), không phải {form}",
        "this is the header of the form {other}, not of {form}",
    ),
    "missing_column": ("Thiếu cột bắt buộc {column}", "the required column {field} is missing"),
    "duplicate_column": ("Cột này có hai lần trong tiêu đề", "the header has this column twice"),
    "formula": (
        "Ô {cell} chứa công thức; hãy dán giá trị",
        "cell {cell} holds a formula: paste its value instead",
    ),
    "cell_error": ("Ô {cell} có lỗi của bảng tính", "cell {cell} holds a spreadsheet error"),
    "extra_cells": (
        "Dòng có giá trị ngoài các cột của tiêu đề",
        "the row has values beyond the columns of the header",
    ),
    "unknown_form": (
        "Không có biểu mẫu {form}. Các biểu mẫu: {forms}",
        "no form {form}; the forms are: {forms}",
    ),
    "unknown_figure": ("Không có số liệu {code}{hint}", "no figure {code}{hint}"),
    "unknown_service": ("Không có dịch vụ {service}", "no service {service}"),
    "option_twice": (
        "{option} được đưa nhiều lần: chỉ đưa một lần",
        "{option} is given more than once: give it once",
    ),
    "not_a_day": (
        "{option}: {value} không phải ngày; dùng dd/mm/yyyy hoặc yyyy-mm-dd",
        "{option}: {value} is not a date; use dd/mm/yyyy or yyyy-mm-dd",
    ),
    "stack_not_running": (
        "Hệ thống chưa chạy trong {data_dir}; hãy chạy “khopso up”",
        "nothing runs in {data_dir}: start it with “khopso up”",
    ),
    "stack_failed": ("Hệ thống không khởi động được: {reason}", "the stack did not start: {reason}"),
    "stack_other_broker": (
        "Hệ thống đang chạy với {running}; hãy “khopso down” trước khi đổi sang {wanted}",
        "the stack runs on {running}: “khopso down” before changing to {wanted}",
    ),
    "service_unreachable": (
        "Không liên lạc được dịch vụ {service} ({url})",
        "the service {service} cannot be reached ({url})",
    ),
    "service_slow": (
        "Dịch vụ {service} chưa trả lời sau {seconds} giây; việc có thể vẫn đang được làm, hãy hỏi lại sau",
        "the service {service} has not answered within {seconds} s; it may still be at work: ask again later",
    ),
    "service_answer": (
        "Dịch vụ {service} trả lời {status} không như mong đợi",
        "the service {service} answered {status} unexpectedly",
    ),
    "wait_timeout": (
        "Sau {seconds} giây số liệu vẫn chưa cập nhật hết: {waiting}",
        "after {seconds} s the figures are not current yet: {waiting}",
    ),
    "target_exists": ("Không ghi được {path}: {reason}", "cannot write {path}: {reason}"),
    "no_issuer": (
        "Thư mục dữ liệu này chưa có khóa cấp mã truy cập; hãy chạy “khopso up”",
        "this data directory has no token issuer yet: run “khopso up”",
    ),
    # --- questions about figures (reporting) -----------------------------------------------------------------
    "unknown_parameter": ("Không có tham số này", "there is no such parameter"),
    "stock_with_period": (
        "Số liệu thời điểm: hỏi bằng as_of, không dùng from/to",
        "this figure is a stock: ask with as_of, not from/to",
    ),
    "flow_with_day": (
        "Số liệu thời kỳ: hỏi bằng from và to, không dùng as_of",
        "this figure is a flow: ask with from and to, not as_of",
    ),
    "period_needed": (
        "Số liệu thời kỳ: cần có from và to",
        "this figure is a flow: from and to are required",
    ),
    "period_backwards": ("Ngày cuối kỳ không được trước {first}", "the period must not end before {first}"),
    "known_at": (
        "Thời điểm không hợp lệ: dùng ngày hoặc ngày giờ ISO 8601",
        "not a moment: use a date or an ISO 8601 date-time",
    ),
    "known_at_before_first": (
        "Khi đó hệ thống chưa có bản ghi nào (bản ghi đầu tiên: {first})",
        "nothing was known then; the first record is of {first}",
    ),
    "dimension": (
        "Số liệu này không chia được theo chiều đó. Các chiều dùng được: {allowed}",
        "the figure has no such dimension; it has: {allowed}",
    ),
    "area_of": ("Chỉ dùng residence hoặc facility", "must be residence or facility"),
    "area_of_not_available": (
        "Số liệu này không gắn với cơ sở điều trị",
        "this figure is not about treatment at facilities",
    ),
    "area_not_then": ("Địa bàn không tồn tại vào ngày {day}", "the area did not exist on {day}"),
    "rebuild_failed": ("Tính lại số liệu không thành: {reason}", "the rebuild has failed: {reason}"),
    "area_scope": (
        "Đơn vị của bạn chỉ xem được số liệu của địa bàn mình và các địa bàn bên trong",
        "your unit sees figures of its own area and of those inside it",
    ),
}
for _part in (periods, reconciling, matching, checking, closing, reports, disclosure, publishing):
    _TEXTS |= _part.TEXTS


def message(rule: str, **parts: object) -> Message:
    """The text of a rule, with its named parts filled in.

    Raises:
        KeyError: no such rule in the catalogue, or a part that its text needs is missing.
    """
    vi, en = _TEXTS[rule]
    return Message(vi.format(**parts), en.format(**parts))
