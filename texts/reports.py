"""Texts about printed reports."""

TEXTS: dict[str, tuple[str, str]] = {
    "report_unknown": (
        "Không có báo cáo {report}. Các báo cáo: {reports}",
        "no report {report}; the reports are: {reports}",
    ),
    "report_format": (
        "Không có định dạng {format}. Các định dạng: {formats}",
        "no format {format}; the formats are: {formats}",
    ),
    "report_period": (
        "Cần nêu kỳ báo cáo: year, hoặc calendar và period, hoặc closing",
        "name what to report on: year, or calendar and period, or closing",
    ),
    "report_period_twice": (
        "Chỉ nêu một trong các cách: year; calendar và period; closing",
        "give only one of: year; calendar and period; closing",
    ),
    "report_calendar_alone": (
        "calendar và period phải đi cùng nhau",
        "calendar and period belong together",
    ),
    "report_year": ("Năm phải từ 1901 đến 9000", "the year must be from 1901 to 9000"),
    "report_calendar": (
        "Không có lịch báo cáo này. Các lịch: {calendars}",
        "there is no such calendar; there are: {calendars}",
    ),
    "report_period_unknown": (
        "Lịch này không có kỳ như vậy. Các kỳ dùng được: {codes}",
        "the calendar has no such period; it has: {codes}",
    ),
    "report_no_closing": ("Không có kỳ khóa sổ mang mã này", "no closing has this id"),
    "report_closing_fixed": (
        "Kỳ khóa sổ đã định sẵn kỳ và địa bàn; chỉ nêu thêm known_at (xét sửa đổi đến lúc đó)",
        "a closing fixes its period and area; besides it only known_at (revisions until then) may be given",
    ),
    "report_not_closable": (
        "Báo cáo đối chiếu luôn được tính lại từ sổ gốc, không in theo kỳ khóa sổ",
        "reconciliations are computed from the registers and are not printed from a closing",
    ),
    "report_out": (
        "Tên tệp phải có đuôi .docx, .pdf, .xlsx, .csv hoặc .json, không phải {suffix}",
        "the file name must end in .docx, .pdf, .xlsx, .csv or .json, not {suffix}",
    ),
    "report_out_missing": ("Cần --out TỆP", "--out FILE is required"),
}
