"""What figures count in, in words."""

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
