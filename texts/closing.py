"""Texts about closing, revising, verifying."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- closing -------------------------------------------------------------------------------------------------
    "closing_no_key": (
        "Chưa có khóa ký của văn phòng (KHOPSO_SIGNING_KEY) nên không khóa sổ được",
        "the office has no signing key (KHOPSO_SIGNING_KEY), so nothing can be closed",
    ),
    "closing_unknown": ("Không có kỳ khóa sổ mang mã này", "there is no closing with this id"),
    "closing_exists": (
        "Kỳ {period} ({calendar}, {figures}) đã khóa sổ: lần {edition}, mã {closing}. Muốn thay thì ban hành lần sau",
        "{period} ({calendar}, {figures}) is closed already: edition {edition}, id {closing}; reissue it to replace it",
    ),
    "closing_not_over": (
        "Kỳ chưa kết thúc: ngày cuối là {last}, chỉ khóa sổ từ ngày hôm sau",
        "the period is not over: its last day is {last}, it can be closed from the day after",
    ),
    "closing_known_before_end": (
        "Thời điểm thông tin phải sau ngày cuối của kỳ ({last})",
        "the instant of knowledge must be after the period's last day ({last})",
    ),
    "closing_set_unknown": (
        "Không có bộ số liệu này. Các bộ: {sets}",
        "no such set of figures; there are: {sets}",
    ),
    "closing_set_empty": (
        "Bộ số liệu “{figures}” không có số liệu nào vào ngày {last}",
        "the set “{figures}” holds no figure on {last}",
    ),
    "closing_not_entitled": (
        "Chỉ cán bộ phụ trách (official) của Ban Chỉ đạo hoặc của cơ quan chủ quản mọi số liệu trong bộ được khóa sổ",
        "only an official of the committee, or of the agency that owns every figure of the set, closes a period",
    ),
    "closing_exact_only": (
        "Số liệu đã khóa là số chính xác: chỉ Ban Chỉ đạo và cơ quan chủ quản được xem",
        "closed figures are exact numbers: the committee and the owner agency read them",
    ),
    "closing_superseded": (
        "Kỳ khóa sổ này đã được thay bằng lần {edition}, mã {closing}; hãy ban hành tiếp từ đó",
        "this closing was superseded by edition {edition}, id {closing}: reissue that one",
    ),
    "closing_unrevised": (
        "Chưa có số liệu nào thay đổi từ khi khóa sổ, không có gì để ban hành lại",
        "nothing has changed since the closing, so there is nothing to reissue",
    ),
    "closing_nothing_new": (
        "Không có thay đổi nào so với lần ghi nhận trước",
        "nothing has changed since the revisions were noted last",
    ),
    "closing_known_before_closing": (
        "Thời điểm phải sau thời điểm thông tin của kỳ khóa sổ ({closed})",
        "the instant must be after the one of the closing ({closed})",
    ),
    "closing_records_hidden": (
        "Hồ sơ phía sau chỉ hiện cho người có trách nhiệm",
        "the records behind it are shown to those entitled only",
    ),
    # --- why a closed figure has another value now -----------------------------------------------------------------
    "closing_reason_moved_area": ("sửa địa bàn cư trú hoặc nơi xảy ra", "the area was corrected"),
    "closing_reason_void": ("hủy bản ghi", "a record was withdrawn"),
    "closing_reason_correction": ("sửa bản ghi", "a record was corrected"),
    "closing_reason_late_record": ("ghi sổ hoặc nộp muộn", "recorded or handed in late"),
    "closing_reason_unlink": ("tách người đã ghép nhầm", "persons joined in error were separated"),
    "closing_reason_link": ("ghép hồ sơ của cùng một người", "records of one person were joined"),
    "closing_reason_related_record": (
        "do bản ghi khác của cùng người, cùng cơ sở hoặc cùng địa điểm",
        "another record of the same person, facility or place",
    ),
    "closing_reason_definition": ("định nghĩa số liệu thay đổi", "the figure's definition changed"),
    "closing_reason_hierarchy": ("danh mục địa bàn thay đổi", "the book of areas changed"),
    "closing_reason_unexplained": ("chưa giải thích được", "not explained"),
    # --- the command line ------------------------------------------------------------------------------------------
    "closing_option_needed": ("Cần có {option}", "{option} is required"),
    "closing_replayed": (
        "Tính lại từ nhật ký: giống hệt từng byte",
        "computed again from the log: the same, byte for byte",
    ),
    "closing_not_replayed": (
        "Tính lại từ nhật ký: {cells} ô khác",
        "computed again from the log: {cells} cells differ",
    ),
    "closing_other_book": (
        "Danh mục địa bàn đang dùng không phải danh mục lúc khóa sổ: khác biệt có thể do đó, nội dung đã ký không đổi",
        "the book of areas in use is not the closing's: the difference may come from that; what was signed stays",
    ),
    "closing_period_unknown": ("Chưa có kỳ {period} nào được khóa sổ", "no period {period} has been closed"),
    "closing_period_ambiguous": (
        "Có nhiều kỳ khóa sổ {period}; hãy dùng mã",
        "several closings are of {period}: name one by its id",
    ),
    # --- verifying offline -----------------------------------------------------------------------------------------
    "closing_verified": ("Nguyên vẹn: {what}", "intact: {what}"),
    "closing_figures_verified": (
        "Mọi số liệu của báo cáo là của kỳ khóa sổ {what}; lời văn chỉ tệp .proof.json mới giữ được",
        "every figure of the report is that of closing {what}; its words are held by a .proof.json only",
    ),
    "closing_key_used": (
        "khóa {key}, SHA-256 {fingerprint} (hãy so với dấu vân tay do văn phòng cho biết)",
        "key {key}, SHA-256 {fingerprint} (compare it with what the office told you)",
    ),
    "closing_not_verified": ("KHÔNG nguyên vẹn", "NOT intact"),
    "closing_file_unknown": (
        "Tệp không chứa kỳ khóa sổ, chuỗi khóa sổ hay tham chiếu khóa sổ nào",
        "the file holds no closing, no chain of closings and no reference to one",
    ),
    "closing_damaged": ("Nội dung hỏng: {reason}", "the content is damaged: {reason}"),
    "closing_not_canonical": (
        "Tệp không còn đúng từng byte như khi xuất ra (có byte bị đổi hoặc tệp được lưu lại)",
        "the file is no longer byte for byte what was exported (a byte was changed, or it was saved again)",
    ),
    "closing_content_changed": (
        "Nội dung kỳ khóa sổ {closing} đã bị sửa: mã băm không khớp",
        "the content of closing {closing} was changed: its hash does not match",
    ),
    "closing_entry_changed": (
        "Mắt xích số {number} đã bị sửa: mã băm không khớp",
        "link {number} was changed: its hash does not match",
    ),
    "closing_signature_wrong": (
        "Chữ ký của mắt xích số {number} không phải do khóa “{key}” của văn phòng ký",
        "the signature of link {number} is not by the office's key “{key}”",
    ),
    "closing_reference_mixed": (
        "Tham chiếu tới kỳ khóa sổ {closing} không khớp với mắt xích kèm theo",
        "the reference to closing {closing} does not fit the link that it carries",
    ),
    "closing_chain_order": (
        "Vị trí {number} của chuỗi mang số {found}: có mắt xích bị xóa, chèn hoặc đổi chỗ",
        "place {number} of the chain says {found}: a link was removed, inserted or exchanged",
    ),
    "closing_chain_broken": (
        "Mắt xích số {number} không nối với mắt xích trước nó",
        "link {number} does not refer to the link before it",
    ),
    "closing_chain_length": (
        "Chuỗi ghi có {length} mắt xích nhưng có {found}",
        "the chain says that it has {length} links, but it has {found}",
    ),
    "closing_not_in_chain": (
        "Chuỗi (dài {length}) không có mắt xích số {number}",
        "the chain ({length} long) has no link {number}",
    ),
    "closing_other_in_chain": (
        "Ở vị trí {number}, chuỗi có một kỳ khóa sổ khác",
        "at place {number} the chain has another closing",
    ),
    "closing_published_file_changed": (
        "Tệp {file} không còn là tệp đã công bố: mã băm không khớp",
        "{file} is no longer the file that was published: its hash does not match",
    ),
    "closing_publication_signature_wrong": (
        "Chữ ký công bố tệp {file} không phải của văn phòng",
        "the signature under the publication of {file} is not the office's",
    ),
    "closing_figure_changed": (
        "{place}: trong báo cáo là {found}, kỳ khóa sổ là {expected}",
        "{place}: the report says {found}, the closing {expected}",
    ),
    "closing_figures_unchecked": (
        "Chỉ kiểm tham chiếu tới kỳ khóa sổ, CHƯA kiểm các con số của báo cáo (.json, .csv: cần tệp kỳ khóa sổ bên cạnh"
        " hoặc --chain THƯ MỤC; .docx, .pdf, .xlsx: cần tệp .proof.json bên cạnh)",
        "only the reference to the closing was checked, NOT the report's numbers (.json, .csv need the exported closing"
        " beside them or --chain FOLDER; .docx, .pdf, .xlsx need their .proof.json beside them)",
    ),
    "closing_not_published": (
        "Tệp {file} đã ghi, nhưng không có {proof}: người này không được thay văn phòng công bố. Cán bộ được khóa sổ có"
        " thể ký bằng khopso close publish",
        "{file} is saved, but without {proof}: you may not publish for the office. An official who may close can sign it:"
        " khopso close publish",
    ),
    "closing_unreadable": (
        "Tệp là kỳ khóa sổ hoặc chuỗi khóa sổ nhưng không đọc được nữa: có byte bị đổi",
        "the file is a closing or a chain that can no longer be read: a byte was changed",
    ),
    "closing_sha256": (
        "Phải là mã băm SHA-256 (64 chữ số thập lục phân)",
        "must be a SHA-256 hash in hexadecimal",
    ),
    "closing_chain_unreadable": (
        "{path} không phải chuỗi khóa sổ, cũng không phải thư mục chứa kỳ khóa sổ",
        "{path} is neither a chain of closings nor a folder with closings",
    ),
    "closing_key_unreadable": (
        "Không đọc được khóa công khai: {reason}",
        "the public key cannot be read: {reason}",
    ),
    "closing_signature_unchecked": (
        "Chưa kiểm chữ ký: không có khóa công khai (--public-key)",
        "the signature was not checked: no public key was given (--public-key)",
    ),
}
