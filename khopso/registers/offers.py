"""What the lists of a register book offer for a unit and a period: areas by code and name, and what the services know."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.forms import list_entry
from contracts.substances import substance_names
from khopso.registers.book import Offered
from reference import Area, area_book, parse_unit, unit_name


def offered_to(
    unit: str | None,
    days: Sequence[date],
    facilities: Iterable[Mapping[str, Any]] = (),
    clinicians: Iterable[Mapping[str, Any]] = (),
) -> Offered:
    """Return the lists for a unit (None: the province) on the days, first and last of the book's period.

    Areas are those of either day: the unit's own first, then those of its district, then the others of the province.
    ``facilities`` are units as the API lists them, ``clinicians`` the values of their records; a clinician's name is in
    the list only where the record's reader may see it.
    """
    facilities, day = list(facilities), days[-1]
    code = "" if unit is None else _area_code(unit, facilities)
    near = _nearest_first(code, day)
    every = _areas(days)
    communes = sorted((area for area in every if area.level == "commune"), key=near)
    return Offered(
        communes=_entries(communes),
        areas=_entries(sorted(every, key=lambda area: (len(area.code), near(area)))),
        facilities=tuple(
            list_entry(each["code"], each["name"])
            for each in facilities
            if each["kind"] == "facility" and each["name"]
        ),
        clinicians=tuple(
            list_entry(each["clinician_no"], each.get("full_name") or "")
            for each in clinicians
            if unit is None or ":" in unit or each.get("facility_code") == unit
        ),
        substances=substance_names(),
        units=() if unit is None else (list_entry(unit, unit_title(unit, day, facilities)),),
    )


def unit_title(unit: str, day: date, facilities: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return what the unit is called: a facility as the services list it, a unit of an area by its kind and area."""
    listed = next((each["name"] for each in facilities if each["code"] == unit), None)
    return listed or unit_name(unit, day)


def _area_code(unit: str, facilities: Iterable[Mapping[str, Any]]) -> str:
    parsed = parse_unit(unit)
    if parsed is not None and parsed.area_code is not None:
        return parsed.area_code
    return next((each["area_code"] or "" for each in facilities if each["code"] == unit), "")


def _areas(days: Sequence[date]) -> list[Area]:
    # The pack's list holds the areas of the province alone, whatever the province was called on a day.
    found = {area.uid: area for day in days for area in area_book().by_uid.values() if area.exists_on(day)}
    return list(found.values())


def _nearest_first(code: str, day: date) -> Any:
    """Return the order of areas around the area of this code: inside it, in the same district, elsewhere; then by code."""
    book = area_book()
    own = book.resolve(code, day) if code else None
    if own is None and code:
        own = book.named(code)[-1] if book.named(code) else None
    around = book.ancestors(own.uid) if own is not None else []

    def distance(area: Area) -> tuple[int, str]:
        above = book.ancestors(area.uid)
        step = next((place for place, uid in enumerate(around) if uid in above), len(around))
        return step, area.code

    return distance


def _entries(areas: Sequence[Area]) -> tuple[str, ...]:
    """Return the entries of areas; names that occur twice are told apart by the area above."""
    book = area_book()
    times = Counter(area.name for area in areas)
    entries = []
    for area in areas:
        above = None if area.parent_uid is None else book.by_uid[area.parent_uid].name
        name = f"{area.name} ({above})" if times[area.name] > 1 and above else area.name
        entries.append(list_entry(area.code, name))
    return tuple(dict.fromkeys(entries))
