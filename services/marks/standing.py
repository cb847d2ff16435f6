"""Marks on the lines of a list: who has a line, whether it is done or disputed, and notes. Pure.

A mark is an event of its own: what was marked is never changed, the next mark is put after it. What stands of a line
follows from its marks.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.linkage import Groups

Kind = Literal["assigned", "done", "disputed", "open", "note"]
ListKind = Literal["check", "waterfall", "match"]
State = Literal["open", "assigned", "done", "disputed"]
Wanted = Literal["open", "mine", "assigned", "done", "disputed"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the line of a subject, with the records and areas (uids) that stood behind the line then.

    ``on`` is the day on which it came to be so, ``marked_at`` when the system was told; ``to_unit`` or ``to_person`` has the
    line from then on (``assigned`` alone). ``by`` and ``by_unit`` are those of the token.
    """

    mark_id: UUID
    subject: str
    records: frozenset[UUID]
    areas: frozenset[str]
    kind: Kind
    to_unit: str | None
    to_person: str | None
    on: date
    marked_at: datetime
    by: str
    by_unit: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class MarkedList:
    """Which list lines are of: its kind, and the code of the check or figure. ``persons``: its lines are of persons."""

    kind: ListKind
    rule: str
    persons: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in its list, with the records and areas (uids) behind it."""

    subject: str
    records: frozenset[UUID]
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of a line: its state, who has it, and the mark that made the state (None: notes alone)."""

    state: State
    to_unit: str | None
    to_person: str | None
    mark: Mark | None


def in_order(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks by the day on which they came to be so; of one day the later told comes later."""
    return sorted(marks, key=lambda mark: (mark.on, mark.marked_at, mark.mark_id))


def standing_of(marks: Iterable[Mark]) -> Standing:
    """Return what stands after all of these marks of one line.

    A mark of an earlier day that is told later enters the history at its own day, and does not win over a newer one.
    A line stays with whom it was assigned to, also when it is done, disputed or opened again.
    """
    state: State = "open"
    to_unit = to_person = made = None
    for mark in in_order(marks):
        if mark.kind == "note":
            continue
        state, made = mark.kind, mark
        if mark.kind == "assigned":
            to_unit, to_person = mark.to_unit, mark.to_person
    return Standing(state, to_unit, to_person, made)


class MarkedLines:
    """The marks of one list, by the lines that they are on.

    A line is found by its subject. That of a person (``persons``) is also found by its records, since a link may give the
    person another name. Other lines are not: two contradictions can rest on one declaration, and stay two lines.
    """

    def __init__(self, marks: Iterable[Mark], *, persons: bool) -> None:
        self.marks = in_order(marks)
        self.persons = persons
        self._by_subject: dict[str, list[Mark]] = defaultdict(list)
        self._by_record: dict[UUID, list[Mark]] = defaultdict(list)
        for mark in self.marks:
            self._by_subject[mark.subject].append(mark)
            for record in self._followed(mark.subject, mark.records):
                self._by_record[record].append(mark)

    @property
    def subjects(self) -> frozenset[str]:
        """Return the subjects that were marked."""
        return frozenset(self._by_subject)

    @property
    def records(self) -> frozenset[UUID]:
        """Return the records by which marked lines are found again."""
        return frozenset(self._by_record)

    @property
    def most_done(self) -> int:
        """Return how many lines can be done at most: each has a mark that says so, by its subject or by one of its records."""
        done = [mark for mark in self.marks if mark.kind == "done"]
        records = {record for mark in done for record in self._followed(mark.subject, mark.records)}
        return len({mark.subject for mark in done}) + len(records)

    def on(self, subject: str, records: Iterable[UUID]) -> list[Mark]:
        """Return the marks of the line that has this subject and these records now."""
        found = {mark.mark_id: mark for mark in self._by_subject.get(subject, ())}
        for record in self._followed(subject, frozenset(records)):
            found |= {mark.mark_id: mark for mark in self._by_record.get(record, ())}
        return in_order(found.values())

    def by_line(self) -> dict[str, list[Mark]]:
        """Return the marks of each line by the subject that it was marked under last.

        Example: marks under S1 (record 1) and later under S2 (records 1 and 2) are of one line of a person, S2.
        """
        groups: Groups[str | UUID] = Groups()
        for mark in self.marks:
            for record in self._followed(mark.subject, mark.records):
                groups.join(mark.subject, record)
        lines: dict[str | UUID, list[Mark]] = defaultdict(list)
        for mark in self.marks:
            lines[groups.find(mark.subject)].append(mark)
        return {max(those, key=_told).subject: those for those in lines.values()}

    def _followed(self, subject: str, records: frozenset[UUID]) -> frozenset[UUID]:
        # A balance of persons lists single records too, each under its own id: such a line is that record's alone.
        named = subject in map(str, records)
        return records if self.persons and not named else frozenset()


def _told(mark: Mark) -> tuple[datetime, UUID]:
    return (mark.marked_at, mark.mark_id)


def last_told(marks: Iterable[Mark]) -> Mark | None:
    """Return the mark that the system was told last, of whatever day it is."""
    return max(marks, key=_told, default=None)


def is_wanted(standing: Standing, wanted: Wanted, unit: str, person: str) -> bool:
    """Return whether a marked line is among those asked for; a line without marks is open and nobody's.

    ``open``: not marked done; ``mine``: so, and assigned to this unit or person.
    """
    if wanted == "open":
        return standing.state != "done"
    if wanted == "mine":
        return standing.state != "done" and (standing.to_unit == unit or standing.to_person == person)
    return standing.state == wanted
