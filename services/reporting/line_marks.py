"""To whom lines of reporting's lists can be assigned: to units that see them, since others could do nothing about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reference import area_book
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security import Unit, Units
from services.marks import Author, Line, Mark, MarkedList, Marking, Notes, Outcome, put_mark
from services.reporting.figures import Reader, default_province, unit_reaches


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line that the reader's list has: whose records the list is of, its areas' hierarchy, the units register of that state."""

    line: Line
    agency: str
    hierarchy: date
    units: Units


async def mark_seen_line(
    platform: Platform, notes: Notes, reader: Reader, of: MarkedList, seen: SeenLine | None, given: Marking
) -> tuple[Outcome, list[Mark]]:
    """Put a mark on a line that the reader's list has; return all marks of the line.

    Raises:
        Problem: 404 where the list has no such line (None), 422 for a unit that does not see it, 409 where another state
            stands than the mark says that its author saw.
    """
    if seen is None:
        raise Problem.not_found("mark_line_unknown")
    faults = [*_faults_of_unit(given, seen, reader.today)]
    if faults:
        raise Problem.invalid(faults)
    author = Author(reader.caller.subject, reader.caller.unit, reader.today)
    return await put_mark(platform, notes, author, of, seen.line, given)


def _faults_of_unit(given: Marking, seen: SeenLine, today: date) -> Iterable[Fault]:
    """Yield the fault of a line that is given to a unit which does not see it: it could do nothing about it."""
    if given.to_unit is None:
        return
    unit = seen.units.on(given.to_unit, today)
    if seen.agency not in unit.agencies:
        yield Fault.of("to_unit", given.to_unit, "mark_unit_of_others")
    elif not _sees(unit, seen.line.areas, seen.hierarchy, today):
        yield Fault.of("to_unit", given.to_unit, "mark_unit_of_elsewhere")


def _sees(unit: Unit, areas: frozenset[str], hierarchy: date, today: date) -> bool:
    """Return whether one of the line's areas is the unit's or lies in it, as it was or as what it became.

    A line without an area is on the list of the whole province alone.
    """
    if not areas:
        province = default_province(hierarchy)
        return province is not None and unit_reaches(unit, province, hierarchy)
    book = area_book()
    # Of a divided commune the line is on the list of each part where the person may live.
    later = {uid for area in areas for uid in book.successors(area)}
    placed = {place.uid for area in areas for day in (hierarchy, today) if (place := book.placed(area, day))}
    return any(unit_reaches(unit, uid, hierarchy) for uid in areas | later | placed)
