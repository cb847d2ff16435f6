"""The reporting units there are: police, committee and health units of every area, and facilities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reference import area_book, parse_unit

KINDS = {"police": "Công an", "committee": "Ban Chỉ đạo 138", "health": "Y tế"}


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """One unit as the API lists it. ``area_code`` is None where the service does not know a facility's place."""

    code: str
    kind: str
    name: str
    area_code: str | None


def area_units(day: date) -> list[UnitEntry]:
    """The units of every area that exists on the day."""
    areas = sorted(
        (area for area in area_book().by_uid.values() if area.exists_on(day)),
        key=lambda area: (len(area.code), area.code),
    )
    return [
        UnitEntry(f"{kind}:{area.code}", kind, f"{vi} {area.name}", area.code)
        for area in areas
        for kind, vi in KINDS.items()
    ]


def facility_units(codes: Iterable[str], known: Iterable[UnitEntry]) -> list[UnitEntry]:
    """Facilities: those that the service knows, and those that have handed something in."""
    entries = {entry.code: entry for entry in known}
    for code in codes:
        unit = parse_unit(code)
        if unit is not None and unit.kind == "facility":
            entries.setdefault(code, UnitEntry(code, "facility", code, None))
    return [entries[code] for code in sorted(entries)]
