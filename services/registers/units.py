"""The reporting units there are: police, committee and health units of every area, and facilities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reference import Area, Words, area_book, parse_unit, unit_kinds


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """One unit as the API lists it. ``area_code`` is None where the service does not know a facility's place."""

    code: str
    kind: str
    name: str
    area_code: str | None


def area_units(day: date) -> list[UnitEntry]:
    """Return the units of every area that exists on the day."""
    areas = sorted(
        (area for area in area_book().by_uid.values() if area.exists_on(day)),
        key=lambda area: (len(area.code), area.code),
    )
    return [entry for area in areas for entry in _units_of(area)]


def _units_of(area: Area) -> list[UnitEntry]:
    """Return the area's units, also those of kinds that have ended: their rows may still be handed in."""
    return [
        UnitEntry(code, kind.code_word, kind.named(area.name), area.code)
        for kind in unit_kinds()
        if kind.code_word is not None and kind.level == area.level
        if parse_unit(code := f"{kind.code_word}:{area.code}") is not None
    ]


def facility_units(codes: Iterable[str], known: Iterable[UnitEntry]) -> list[UnitEntry]:
    """Return facilities: those that the service knows, and those that have handed something in."""
    entries = {entry.code: entry for entry in known}
    for code in codes:
        unit = parse_unit(code)
        if unit is not None and unit.kind == "facility":
            # A facility may hand in before anyone has listed it; its records would else belong to no unit that is
            # shown.
            entries.setdefault(code, UnitEntry(code, "facility", code, None))
    return [entries[code] for code in sorted(entries)]


def find_units(asked: str, entries: Iterable[UnitEntry]) -> list[UnitEntry]:
    """Return the units whose name has the words (`Words`), or whose code or area is the text; the likeliest first."""
    words, code = Words(asked), asked.strip().casefold()
    ranked = (
        (0 if code in (entry.code.casefold(), entry.area_code) else words.rank((entry.name,)), number, entry)
        for number, entry in enumerate(entries)
    )
    found = ((rank, number, entry) for rank, number, entry in ranked if rank is not None)
    return [entry for *_, entry in sorted(found, key=lambda one: one[:2])]
