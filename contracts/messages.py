"""The one catalogue of what users read: rule name → Vietnamese and English text.

``{field}``, ``{value}`` and other named parts are filled from the fault. Append entries to the section of your area.
"""

from dataclasses import dataclass


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
    "code": ("Không có trong danh mục. Các mã dùng được: {codes}", "not in the list; allowed: {codes}"),
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
    "order": ("Không được trước {earlier}", "must not be before {earlier}"),
    "future": ("Không được ở tương lai", "must not be in the future"),
    "recorded_before": ("Ngày ghi sổ không được trước {earlier}", "recorded_on must not be before {earlier}"),
    "needs": ("Cần có {needed}", "makes sense only with {needed}"),
    "void_unknown": (
        "Không có bản ghi mang khóa này để hủy",
        "no record has this key, so nothing can be withdrawn",
    ),
    "unit_scope": ("Đơn vị của bạn không được ghi cho đơn vị này", "your unit may not write for this unit"),
}


def message(rule: str, **parts: object) -> Message:
    """The text of a rule, with its named parts filled in.

    Raises:
        KeyError: no such rule in the catalogue, or a part that its text needs is missing.
    """
    vi, en = _TEXTS[rule]
    return Message(vi.format(**parts), en.format(**parts))
