"""Texts about disclosure control and the audit of reads."""

TEXTS: dict[str, tuple[str, str]] = {
    "protected_question": (
        "Số liệu này chỉ được công bố theo lịch và theo bảng cố định cho đơn vị ngoài ngành chủ quản",
        "to readers outside the owning agency this figure is released only on fixed dates and in fixed tables",
    ),
    "protected_date": (
        "Chỉ công bố cho kỳ của lịch {calendar} đã đến hạn; gần nhất: {allowed}",
        "released only for whole periods of the calendar {calendar} that are due; nearest: {allowed}",
    ),
    "protected_known_at": (
        "Không chọn được thời điểm biết: mỗi kỳ có một lần công bố",
        "known_at cannot be chosen: a period is released as it was known once",
    ),
    "protected_geography": (
        "Chỉ công bố theo địa bàn của chính ngày đó",
        "released only in the areas of the day itself",
    ),
    "protected_area_of": ("Chỉ công bố theo nơi cư trú", "released only by residence"),
    "protected_dimension": (
        "Không công bố theo chiều này. Các chiều được công bố: {allowed}",
        "not released by this dimension; released: {allowed}",
    ),
    "protected_breakdown": (
        "Chiều này chỉ công bố cho toàn tỉnh",
        "this dimension is released for the whole province only",
    ),
    "protected_area": (
        "Chỉ công bố đến cấp {finest}",
        "released down to the level {finest} only",
    ),
    "protection_note": (
        "Số từ 1 đến dưới {threshold} và những số để suy ra chúng được thay bằng *",
        "counts from 1 to below {threshold}, and those from which they would follow, are shown as *",
    ),
    "protection_grid": (
        "Chỉ công bố theo kỳ và cấp cố định: theo ngày và nơi nhỏ, số này cho biết số người",
        "released for fixed windows and levels only: by the day and in small places it would count persons",
    ),
    "audit_row_changed": (
        "{service}: dòng {seq} của chuỗi {chain} đã bị thay đổi, chèn hoặc đổi chỗ",
        "{service}: row {seq} of chain {chain} was changed, inserted or moved",
    ),
    "audit_row_missing": (
        "{service}: thiếu dòng {seq} của chuỗi {chain}",
        "{service}: row {seq} of chain {chain} is missing",
    ),
    "audit_head_differs": (
        "{service}: dòng {seq} của chuỗi {chain} khác với đầu chuỗi đã xuất: chuỗi đã bị làm lại",
        "{service}: row {seq} of chain {chain} differs from the exported head: the chain was redone",
    ),
    "audit_cut_off": (
        "{service}: chuỗi {chain} bị cắt từ dòng {seq}: đầu chuỗi đã xuất dài hơn",
        "{service}: chain {chain} was cut off from row {seq} on: an exported head is longer",
    ),
    "audit_signature_wrong": (
        "Chữ ký của đầu chuỗi {service} trong {path} không đúng",
        "the signature of the head of {service} in {path} is not right",
    ),
    "audit_head_unsigned": (
        "Đầu chuỗi {service} trong {path} không có chữ ký",
        "the head of {service} in {path} is not signed",
    ),
    "audit_file_unknown": (
        "{path} không phải tệp nhật ký truy cập: {reason}",
        "{path} is no file of the audit: {reason}",
    ),
    "audit_other_service": (
        "Đầu chuỗi {path} là của dịch vụ {found}, không phải {service}",
        "the head {path} is of the service {found}, not of {service}",
    ),
}
