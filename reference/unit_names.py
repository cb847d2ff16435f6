"""What people call a reporting unit."""

from datetime import date

from reference.pack.areas import area_book
from reference.pack.units import unit_kinds
from reference.units import parse_unit


def unit_name(code: str, day: date | None = None) -> str:
    """Return what people call a unit ("Công an phường Ngọc Châu"); its code where it is a facility or not known.

    ``day`` decides which area the code names, where more than one had it: that of the day, else the first.
    """
    unit = parse_unit(code)
    if unit is None or unit.area_code is None:
        return code
    had = area_book().named(unit.area_code)
    area = next((area for area in had if day is not None and area.exists_on(day)), had[0])
    kinds = (kind for kind in unit_kinds() if (kind.code_word, kind.level) == (unit.kind, area.level))
    return next((kind.named(area.name) for kind in kinds), code)
