"""Mark a line of a check's list: who may, what a mark needs, and what becomes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from reference import area_book, parse_unit
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import lock_key
from services.chassis.security import Unit, Units
from services.reporting.checks.access import check_may_ask
from services.reporting.checks.asking import AskedCheck
from services.reporting.checks.domain.identity_numbers import has_identity_number
from services.reporting.checks.domain.marks import (
    Kind,
    Mark,
    Standing,
    in_order,
    last_told,
    standing_of,
)
from services.reporting.checks.listing import run_for
from services.reporting.checks.marks import Notes, marks_of, on_line
from services.reporting.checks.queries import Found, Lines
from services.reporting.checks.usecases import RECOMPUTE
from services.reporting.facts import Connection, units_register
from services.reporting.figures import QueryService, Reader, RecordSight, default_province, unit_reaches
from texts import message

MARK_LINE = "mark_line"
_MASKED = "…"
Outcome = Literal["marked", "unchanged"]
NothingSeen = Literal["none"]
NOTHING_SEEN: NothingSeen = "none"
Seen = UUID | NothingSeen


@dataclass(frozen=True, slots=True)
class Marking:
    """What somebody marks on a line. ``on``: since when it is so (default: today).

    ``seen``: the mark that made the state which they saw, `NOTHING_SEEN` for a line without one; None: they do not say.
    """

    subject: str
    kind: Kind
    to_unit: str | None = None
    to_person: str | None = None
    note: str | None = None
    on: date | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the list, and the units register of the same state."""

    found: Found
    units: Units


def check_may_list(queries: QueryService, reader: Reader, one: AskedCheck, action: str) -> frozenset[str]:
    """Refuse whoever does not see the lines of the list: what is marked on them is for nobody else.

    Return the guards of the right, which the request must meet.

    Raises:
        Problem: 403 for another agency's or area's list, 422 for a check that lists no lines.
    """
    if one.check.code == RECOMPUTE:
        raise Problem.invalid([Fault.of("rule", one.check.code, "mark_no_lines")])
    check_may_ask(reader, one.asked)
    comparison = one.comparison
    allowed = reader.check(action, comparison.parties, "check_role")
    if queries.sight_of(comparison, reader) == "released":
        raise Problem.forbidden("check_records_of_others")
    whose = {one.listed_agency}
    guards = allowed.guards(action)
    if not replace(reader, met=reader.met | guards).lists(action, comparison.parties, whose):
        raise Problem.forbidden("check_records_hidden")
    return guards


async def mark(
    platform: Platform, queries: QueryService, notes: Notes, reader: Reader, one: AskedCheck, given: Marking
) -> tuple[Outcome, list[Mark]]:
    """Put a mark on a line that the list has as known now, and that the reader sees; return all marks of the line.

    Raises:
        Problem: 422 with every fault of the mark; 404 where the reader's list has no such line; 409 where another state
            stands than the mark says that its author saw.
    """
    faults = [*_faults(given, one, reader.today)]
    if faults:
        raise Problem.invalid(faults)

    async def find(connection: Connection) -> Line | None:
        sight = await RecordSight.of(connection, reader)
        narrow = replace(one.asked, lines=Lines(frozenset({given.subject}), frozenset()), after="", limit=1)
        page = (await run_for(connection, one.check, narrow, sight)).page
        return Line(page[0], await units_register(connection, given.to_unit)) if page else None

    line, _ = await queries.read_compared(one.asked.question, [one.comparison], reader, "check_parties", find)
    if line is None:
        raise Problem.not_found("mark_line_unknown")
    faults = [*_faults_of_unit(given, line, one, reader.today)]
    if faults:
        raise Problem.invalid(faults)
    async with platform.uow() as session:
        connection = await raw(session)
        # Of two who mark one line at once, the second decides by what the first has marked.
        key = lock_key(f"check mark {one.check.code} {line.found.subject}")
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
        marks = on_line(await marks_of(connection, one.check, None), line.found)
        if _is_repeat(given, reader, marks, await notes.read(connection, marks)):
            return "unchanged", marks
        _check_seen(given, standing_of(marks))
        made = _made(platform, reader, line.found, given)
        await notes.add(session, one.check.code, made, given.note)
    return "marked", in_order([*marks, made])


def _check_seen(given: Marking, standing: Standing) -> None:
    """Refuse a mark whose author saw another state than stands now, and tell what stands: somebody else was first."""
    stands: Seen = NOTHING_SEEN if standing.mark is None else standing.mark.mark_id
    if given.seen in (None, stands):
        return
    made = standing.mark
    whom = standing.to_unit or standing.to_person
    told = () if made is None else (f"{made.by} ({made.by_unit})", f"{made.on:%d/%m/%Y}")
    who = ", ".join((*(() if whom is None else (f"→ {whom}",)), *told))
    state = message(f"check.mark.{standing.state}")
    fault = Fault.of("seen", str(given.seen), "mark_seen_other", state=state, who=who, stands=stands)
    raise Problem(409, "mark_line_changed", faults=[fault])


def _faults(given: Marking, one: AskedCheck, today: date) -> Iterable[Fault]:
    """Yield what is wrong with a mark by itself. A text that may hold a number of somebody is not repeated."""
    named = [name for name in (given.to_unit, given.to_person) if name is not None]
    if given.kind == "assigned" and len(named) != 1:
        yield Fault.of("to_unit", None, "mark_needs_whom")
    if given.kind != "assigned" and named:
        yield Fault.of("to_unit", given.to_unit, "mark_whom_unfit")
    if given.to_unit is not None and parse_unit(given.to_unit) is None:
        yield Fault.of("to_unit", given.to_unit, "unit")
    if given.kind == "note" and given.note is None:
        yield Fault.of("note", None, "mark_needs_note")
    for field, text in (("note", given.note), ("to_person", given.to_person)):
        if text is not None and has_identity_number(text):
            yield Fault.of(field, _MASKED, "mark_identity_number")
    if given.on is not None and given.on > today:
        yield Fault.of("on", given.on, "mark_in_future")
    if one.asked.question.known_at is not None:
        # What was known earlier may be settled or another's line by now.
        yield Fault.of("known_at", one.asked.question.known_as_asked, "mark_known_earlier")


def _faults_of_unit(given: Marking, line: Line, one: AskedCheck, today: date) -> Iterable[Fault]:
    """Yield the fault of a line that is given to a unit which does not see it: it could do nothing about it."""
    if given.to_unit is None:
        return
    unit = line.units.on(given.to_unit, today)
    if one.listed_agency not in unit.agencies:
        yield Fault.of("to_unit", given.to_unit, "mark_unit_of_others")
    elif not _sees(unit, line.found, one.asked.scope().hierarchy, today):
        yield Fault.of("to_unit", given.to_unit, "mark_unit_of_elsewhere")


def _sees(unit: Unit, found: Found, hierarchy: date, today: date) -> bool:
    """Return whether one of the line's areas is the unit's or lies in it, as it was or as what it became.

    A line without an area is on the list of the whole province alone.
    """
    areas = {trace.area for trace in found.traces if trace.area is not None}
    if not areas:
        province = default_province(hierarchy)
        return province is not None and unit_reaches(unit, province, hierarchy)
    book = area_book()
    # Of a divided commune the line is on the list of each part where the person may live.
    later = {uid for area in areas for uid in book.successors(area)}
    placed = {place.uid for area in areas for day in (hierarchy, today) if (place := book.placed(area, day))}
    return any(unit_reaches(unit, uid, hierarchy) for uid in areas | later | placed)


def _is_repeat(given: Marking, reader: Reader, marks: list[Mark], texts: Mapping[UUID, str]) -> bool:
    """Return whether the line is already as the mark says, or the reader said this last: so a request that is sent again.

    ``on`` and the note are compared where they are given; what the mark does not say changes nothing.
    """
    standing, last = standing_of(marks).mark, last_told(marks)
    if given.kind != "note" and standing is not None and _says(given, standing, texts):
        return True
    if last is None or last.by != reader.caller.subject or not _says(given, last, texts):
        return False
    return last.on == (given.on or reader.today) and texts.get(last.mark_id) == given.note


def _says(given: Marking, mark: Mark, texts: Mapping[UUID, str]) -> bool:
    same = (given.kind, given.to_unit, given.to_person) == (mark.kind, mark.to_unit, mark.to_person)
    same = same and given.on in (None, mark.on)
    return same and given.note in (None, texts.get(mark.mark_id))


def _made(platform: Platform, reader: Reader, found: Found, given: Marking) -> Mark:
    return Mark(
        mark_id=platform.new_id(),
        subject=found.subject,
        records=frozenset(trace.record_id for trace in found.traces if trace.record_id is not None),
        areas=frozenset(trace.area for trace in found.traces if trace.area is not None),
        kind=given.kind,
        to_unit=given.to_unit,
        to_person=given.to_person,
        on=given.on or reader.today,
        marked_at=platform.clock(),
        by=reader.caller.subject,
        by_unit=reader.caller.unit,
        noted=given.note is not None,
    )
