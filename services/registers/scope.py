"""Which units lie in which areas, for the scope of writes and reads."""

from functools import lru_cache

from reference import area_book, parse_unit


@lru_cache(maxsize=65_536)
def area_within(unit_code: str, area_code: str) -> bool:
    """Return whether an area's unit lies in the area, in any validity of either: registers tell of the past too.

    False for facilities: where they are is known to `treatment` alone.
    """
    unit = parse_unit(unit_code)
    if unit is None or unit.area_code is None:
        return False
    book = area_book()
    return any(
        book.covers(area_code, area.uid) for area in book.by_uid.values() if area.code == unit.area_code
    )
