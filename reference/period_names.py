"""What periods are called: "năm 2023", "quý III năm 2023", "tháng 9 năm 2023"."""

from reference.digits import digits_only

_QUARTERS = {"Q1": "quý I", "Q2": "quý II", "Q3": "quý III", "Q4": "quý IV"}
_PARTS = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm", "M9C": "9 tháng đầu năm"}


def period_name(code: str) -> str:
    """Return the Vietnamese name of a period by its code (``2023``, ``2023-Q3``, ``2023-09``, ``2023-H1``)."""
    year, _, rest = code.partition("-")
    if not rest:
        return f"năm {year}"
    if digits_only(rest):
        return f"tháng {int(rest)} năm {year}"
    if rest in _QUARTERS:
        return f"{_QUARTERS[rest]} năm {year}"
    return f"{_PARTS[rest]} {year}" if rest in _PARTS else f"kỳ {rest} năm {year}"
