"""What a service declares about one of its forms: rules, milestones, snapshot. The engine does the rest."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import VIETNAM, Snapshot
from contracts.events.common import PersonKeys
from contracts.forms import Form, Kind
from services.chassis.persistence import AsyncSession
from services.registers.row import CellFault, Row


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something the record reports as having happened on a day.

    ``columns`` are the columns that report it: when a change of a record only fills in these columns,
    it is this milestone and not a correction. The entry itself (the first milestone) has none.
    """

    type: str
    on: date
    at: datetime | None = None
    columns: frozenset[str] = frozenset()


class Dated(NamedTuple):
    """A milestone that a form states as a date: its event type, the date column, and columns filled in with it."""

    type: str
    column: str
    beside: tuple[str, ...] = ()


def by_dates(entry: Dated, *later: Dated) -> Callable[[Row], list[Milestone]]:
    """Return the function that reads the milestones of a row: the entry, then each later date that is filled in.

    Example: ``by_dates(Dated("…listed.v1", "valid_from"), Dated("…closed.v1", "valid_to"))`` reports a listing, and
    its closing as soon as the row has a ``valid_to``. A column of instants gives the Vietnamese day and the instant.
    """
    stated = [(each.type, each.column, frozenset({each.column, *each.beside})) for each in later]

    def milestones(row: Row) -> list[Milestone]:
        values = row.values
        found = [_milestone(entry.type, values[entry.column], frozenset())]
        found += [
            _milestone(name, at, columns) for name, column, columns in stated if (at := values.get(column))
        ]
        return found

    return milestones


def _milestone(name: str, at: date | datetime, columns: frozenset[str]) -> Milestone:
    if isinstance(at, datetime):
        return Milestone(name, at.astimezone(VIETNAM).date(), at, columns)
    return Milestone(name, at, columns=columns)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a row is about, as far as the right to hand it in depends on it (``authority/hand-in.csv``).

    - ``variants``: which kinds of record of the form it is; ``facility`` instead: whatever this facility does.
    - ``area``: uid of the area that a number is about; ``owners``: the agencies whose number it is; ``paper``: what the
      row says of the paper that the number was taken from.
    """

    variants: frozenset[str] | None = None
    facility: str | None = None
    area: str | None = None
    owners: frozenset[str] = frozenset()
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what the record is about, as the bus may know it. ``person`` is None in forms without identity."""

    record_id: UUID
    person: PersonKeys | None = None

    @property
    def who(self) -> PersonKeys:
        """Return the person; ValueError in forms without identity."""
        if self.person is None:
            raise ValueError("the form has no identity columns")
        return self.person


Rule = Callable[[Row, Any], Iterable[CellFault]]
"""``rule(row, context)`` gives faults. It must bear rows in which some columns are blank or unreadable."""

Remarks = Callable[[Sequence[Row], Any], Iterable[CellFault]]
"""``remarks(rows, context)`` gives notes about the rows of a batch that were taken; they refuse nothing."""

Prepare = Callable[[AsyncSession, Sequence[Row]], Awaitable[Any]]
"""``prepare(session, rows)`` loads what the rules of a form need to know, once per batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One form, with the rules, milestones and events that its service declares.

    - ``milestones(row)``: what a valid row reports, in natural order, the entry first. Called for stored rows too,
      which have no identity columns.
    - ``data(row, subject)``: the contract's snapshot of a valid row.
    - ``corrected``, ``voided``: event types for other changes and for withdrawal.
    - ``rules``: beyond the generic ones, pure.
    - ``prepare(session, rows)``: loads the rules' context once per batch (default: None).
    - ``remarks(rows, context)``: what is asked about though the rows are taken.
    - ``aim(row)``: what the right to hand the row in depends on besides its unit; None where the row does not say. A
      withdrawal may name the record's key alone. Without it the right depends on the unit alone.
    - ``moving``: columns that may go from one value to another as the record's natural progress (a status), so
      that the change counts as its milestone.
    """

    form: Form
    milestones: Callable[[Row], Sequence[Milestone]]
    data: Callable[[Row, Subject], Snapshot]
    corrected: str
    voided: str
    rules: tuple[Rule, ...] = ()
    prepare: Prepare | None = None
    remarks: Remarks | None = None
    aim: Callable[[Row], Aim | None] | None = None
    moving: frozenset[str] = field(default_factory=frozenset)

    @property
    def aims_at_areas(self) -> bool:
        """Return whether rows are numbers about an area, which their unit names, and no records of its own."""
        return self.aim is not None and any(column.kind is Kind.AREA for column in self.form.columns)

    def __post_init__(self) -> None:
        for name in (self.corrected, self.voided):
            # At start-up: a misspelt type would otherwise be found only at the first correction or withdrawal.
            if name not in EVENT_TYPES:
                raise ValueError(f"{self.form.name}: no event type {name}")


def collect(*registers: Register) -> Mapping[str, Register]:
    """Return the registers by form name."""
    return {register.form.name: register for register in registers}
