"""How numbers, days and periods are written in Vietnamese official documents. Pure.

The one rounding rule of all reports: shares are computed from the counts printed beside them and rounded half-up to
one decimal, when printed and only then.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from contracts.envelope import VIETNAM
from reference import FIGURES, measure_of
from services.reporting.documents.document import NO_DATA, Number, Times

SPACE = "\u00a0"
"""The no-break space between a number and its unit, at which no line is broken."""
MINUS = "\u2212"
"""The minus sign of printed numbers; a hyphen would be too short, and lines are broken at it."""
_KILOGRAM = 1_000
_NO_COUNTS = frozenset({"gram", "vnd", "percent"})
_TENTH = Decimal("0.1")
PREFIXES = ("Thành phố ", "Tỉnh ", "Huyện ", "Thị xã ", "Quận ", "Thị trấn ", "Phường ", "Xã ", "Đặc khu ")


def number(value: Number | None) -> str:
    """Return a number with full stops between thousands and a comma before decimals: 1.120; 9.000,5; a dash for None."""
    if value is None:
        return NO_DATA
    exact = Decimal(value)
    if exact == exact.to_integral_value():
        return f"{int(exact):,}".replace(",", ".").replace("-", MINUS)
    whole, _, decimals = f"{exact.normalize():,f}".partition(".")
    return f"{whole.replace(',', '.')},{decimals}".replace("-", MINUS)


def in_text(figure: str, value: Number | None) -> str:
    """Return a number within a sentence: counts from 1 to 9 as 01 to 09, as is usual in official texts."""
    is_count = FIGURES[figure].unit not in _NO_COUNTS
    if is_count and value is not None and 0 < value < 10 and value == int(value):
        return f"{int(value):02d}"
    return number(value)


def mass(grams: Number) -> str:
    """Return a mass with its unit: from a kilogram on in kilograms."""
    if grams >= _KILOGRAM:
        return f"{number(Decimal(grams) / _KILOGRAM)}{SPACE}kg"
    return f"{number(grams)}{SPACE}gam"


def percent_of(part: Number | None, whole: Number | None) -> Decimal | None:
    """Return the share in percent, half-up to one decimal; None without a base (a zero denominator gives no value)."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_TENTH, ROUND_HALF_UP)


def percent(value: Decimal | None) -> str:
    """Return a share that has been rounded, without its sign: 78,3."""
    # Commas become blanks first; replaced one after the other, commas and full stops would be mixed up.
    return NO_DATA if value is None else f"{value:,.1f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def change(value: Number | None) -> str:
    """Return a difference with its sign: +57, −3, 0."""
    if value is None:
        return NO_DATA
    return f"+{number(value)}" if value > 0 else number(value)


def unit(figure: str) -> str:
    """Return the unit of a figure in words."""
    return measure_of(figure)[0]


def day(value: date) -> str:
    """Return a day as 14/12/2023."""
    return f"{value.day:02d}/{value.month:02d}/{value.year}"


def day_in_words(value: date) -> str:
    """Return days below 10 and the months 1 and 2 with a zero, as Decree 30/2020/NĐ-CP has it: ngày 09 tháng 3 năm 2024."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


def times(value: Times) -> str:
    """Return a day, or a period in its shortest unmistakable form: 01/01–14/12/2023."""
    if value.first is None:
        return day(value.last)
    if value.first.year == value.last.year:
        return f"{value.first.day:02d}/{value.first.month:02d}–{day(value.last)}"
    return f"{day(value.first)}–{day(value.last)}"


def times_in_words(value: Times) -> str:
    """Return the words as said within a sentence."""
    if value.first is None:
        return f"tính đến hết ngày {day(value.last)}"
    whole_year = (value.first.month, value.first.day, value.last.month, value.last.day) == (1, 1, 12, 31)
    if whole_year and value.first.year == value.last.year:
        return f"trong năm {value.last.year}"
    return f"từ ngày {day(value.first)} đến hết ngày {day(value.last)}"


def moment(value: datetime) -> str:
    """Return an instant by the clock of Việt Nam: 16 giờ 05 phút ngày 20/12/2023; the last instant of a day as its end."""
    local = value.astimezone(VIETNAM)
    if (local.hour, local.minute, local.second) == (23, 59, 59):
        return f"hết ngày {day(local.date())}"
    return f"{local.hour:02d} giờ {local.minute:02d} phút ngày {day(local.date())}"


def file_title(report: str, label: str, area: str) -> str:
    """Return the name of a report's file as people say it: Báo cáo annual năm 2023 - Tỉnh Hải Dương."""
    return f"Báo cáo {report} {label} - {area}"


def bare(name: str) -> str:
    """Return an area's name without its kind: Thành phố Hải Dương → Hải Dương."""
    return next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)


def within(name: str) -> str:
    """Return an area's name within a sentence: tỉnh Hải Dương."""
    return name[:1].lower() + name[1:]
