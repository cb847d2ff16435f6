"""Mark a line of a list: what a mark needs by itself, and what becomes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from reference import parse_unit
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import lock_key
from services.marks.identity_numbers import has_identity_number
from services.marks.standing import (
    Kind,
    Line,
    Mark,
    MarkedList,
    Standing,
    in_order,
    last_told,
    standing_of,
)
from services.marks.storage import Notes, marks_of
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
class Author:
    """Who marks: account and unit of the token, and the day on which they do."""

    person: str
    unit: str
    today: date


async def put_mark(
    platform: Platform, notes: Notes, author: Author, of: MarkedList, line: Line, given: Marking
) -> tuple[Outcome, list[Mark]]:
    """Put a mark on a line that its author sees; return all marks of the line.

    Raises:
        Problem: 409 where another state stands than the mark says that its author saw.
    """
    async with platform.uow() as session:
        connection = await raw(session)
        # Of two who mark one line at once, the second decides by what the first has marked.
        key = lock_key(f"{of.kind} mark {of.rule} {line.subject}")
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
        marks = (await marks_of(connection, of, None)).on(line.subject, line.records)
        if _is_repeat(given, author, marks, await notes.read(connection, marks)):
            return "unchanged", marks
        _check_seen(given, standing_of(marks))
        made = _made(platform, author, line, given)
        await notes.add(session, of, made, given.note)
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


def faults_of(given: Marking, today: date, known_at: str | None) -> Iterable[Fault]:
    """Yield what is wrong with a mark by itself; ``known_at``: the earlier knowledge that its list was asked with, if any.

    A text that may hold a number of somebody is not repeated.
    """
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
    if known_at is not None:
        # What was known earlier may be settled or another's line by now.
        yield Fault.of("known_at", known_at, "mark_known_earlier")


def _is_repeat(given: Marking, author: Author, marks: list[Mark], texts: Mapping[UUID, str]) -> bool:
    """Return whether the line is already as the mark says, or the author said this last: so a request that is sent again.

    ``on`` and the note are compared where they are given; what the mark does not say changes nothing.
    """
    standing, last = standing_of(marks).mark, last_told(marks)
    if given.kind != "note" and standing is not None and _says(given, standing, texts):
        return True
    if last is None or last.by != author.person or not _says(given, last, texts):
        return False
    return last.on == (given.on or author.today) and texts.get(last.mark_id) == given.note


def _says(given: Marking, mark: Mark, texts: Mapping[UUID, str]) -> bool:
    same = (given.kind, given.to_unit, given.to_person) == (mark.kind, mark.to_unit, mark.to_person)
    same = same and given.on in (None, mark.on)
    return same and given.note in (None, texts.get(mark.mark_id))


def _made(platform: Platform, author: Author, line: Line, given: Marking) -> Mark:
    return Mark(
        mark_id=platform.new_id(),
        subject=line.subject,
        records=line.records,
        areas=line.areas,
        kind=given.kind,
        to_unit=given.to_unit,
        to_person=given.to_person,
        on=given.on or author.today,
        marked_at=platform.clock(),
        by=author.person,
        by_unit=author.unit,
        noted=given.note is not None,
    )
