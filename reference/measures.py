"""What figures count in, in words."""

from reference.figures import FIGURES

MEASURES: dict[str, tuple[str, str]] = {
    "person": ("người", "persons"),
    "case": ("vụ", "cases"),
    "slip": ("phiếu", "slips"),
    "facility": ("cơ sở", "facilities"),
    "dose": ("liều", "doses"),
    "gram": ("gam", "grams"),
    "vnd": ("đồng", "VND"),
    "place": ("điểm", "places"),
    "commune": ("xã", "communes"),
    "percent": ("%", "%"),
}
"""``Figure.unit`` → Vietnamese and English (plural)."""


def measure_of(figure: str) -> tuple[str, str]:
    """Return what a figure counts in, in Vietnamese and English: watched venues are cơ sở, hot spots are điểm."""
    return MEASURES["facility" if figure.startswith("venues.") else FIGURES[figure].unit]
