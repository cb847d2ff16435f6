"""A preview: rows as they were read, what would become of each, and what did. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from services.registers.changes import Change
from services.registers.engine import HandIn, Result
from services.registers.outcomes import OutcomeName
from services.registers.row import CellFault, RawRow
from texts import Message

Verdict = Literal["refused", "corrected", "withdrawn", "restored", "accepted", "unchanged", "left_out"]
VERDICTS: tuple[Verdict, ...] = (
    "refused",
    "corrected",
    "withdrawn",
    "restored",
    "accepted",
    "unchanged",
    "left_out",
)
"""In the order in which a person looks at them: first what needs a hand, then what changes something."""
WRITES: frozenset[Verdict] = frozenset({"corrected", "withdrawn", "restored", "accepted"})


@dataclass(slots=True)
class Told:
    """A fault of a cell, or a note about it, in both languages. ``sides``: what stands under a number, and what the row says."""

    row: int
    field: str
    value: str
    rule: str
    vi: str
    en: str
    sides: tuple[str, str] | None = None

    @classmethod
    def of(cls, about: CellFault) -> "Told":
        """Return a fault of the engine."""
        text = about.message
        return cls(about.row, about.field, about.value, about.rule, text.vi, text.en, about.sides)

    @property
    def message(self) -> Message:
        """Return the text."""
        return Message(self.vi, self.en)


@dataclass(slots=True)
class PreviewRow:
    """One row. ``line`` is its number on its ``sheet``, ``number`` the one by which it is told from all others.

    ``unread`` are faults of its cells as they stand in the file; while there are any, the row is not handed in.
    """

    number: int
    line: int
    sheet: str
    values: dict[str, Any]
    unread: list[Told] = field(default_factory=list)
    left_out: bool = False
    outcome: OutcomeName | None = None
    record: UUID | None = None
    faults: list[Told] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Return what would become, or became, of the row."""
        if self.left_out:
            return "left_out"
        return "refused" if self.unread or self.outcome is None else self.outcome

    @property
    def all_faults(self) -> list[Told]:
        """Return everything that is wrong with the row."""
        return [*self.unread, *self.faults]


@dataclass(slots=True)
class Content:
    """What is kept encrypted of a preview.

    ``headed``: the first line named the columns. ``replace``: rows may be about another case or person than the record
    under their number. ``read_notes`` are about the file, ``notes`` about its rows.
    """

    rows: list[PreviewRow]
    source: str = ""
    headed: bool = True
    replace: bool = False
    read_notes: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)

    def of(self, verdict: Verdict) -> list[PreviewRow]:
        """Return the rows with this verdict."""
        return [row for row in self.rows if row.verdict == verdict]

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many rows there are of each verdict."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in VERDICTS}

    def writes(self) -> int:
        """Return how many rows would write something."""
        return sum(row.verdict in WRITES for row in self.rows)

    def handed_in(self) -> Iterator[PreviewRow]:
        """Yield the rows that are put to the engine."""
        return (row for row in self.rows if not row.left_out and not row.unread)

    def batch(self, form: str, number: str, met: Sequence[str], *, dry_run: bool) -> HandIn:
        """Return the rows as the engine takes them: always all of them, so that it decides the same each time."""
        return HandIn(
            form,
            [RawRow(row.number, row.values) for row in self.handed_in()],
            dry_run=dry_run,
            replace=self.replace,
            show_changes=True,
            met=tuple(met),
            correlation_id=number,
        )

    def take_in(self, result: Result | None) -> None:
        """Note what the engine decided; None where no row was put to it."""
        by_number = {row.number: row for row in self.rows}
        for row in self.rows:
            row.outcome, row.record, row.faults, row.changes = None, None, [], []
        self.notes = []
        if result is None:
            return
        for outcome in result.outcomes:
            row = by_number[outcome.row]
            row.outcome, row.record = outcome.outcome, outcome.record_id
            row.changes = list(outcome.changes)
        for fault in result.faults:
            by_number[fault.row].faults.append(Told.of(fault))
        self.notes = [Told.of(note) for note in result.notes]

    def differs_from(self, result: Result | None) -> bool:
        """Return whether the engine decides any row otherwise now than it was shown."""
        shown = {row.number: row for row in self.handed_in()}
        for outcome in () if result is None else result.outcomes:
            row = shown[outcome.row]
            if row.outcome != outcome.outcome or _plain(row.changes) != _plain(outcome.changes):
                return True
        return False


@dataclass(slots=True)
class Preview:
    """A preview and whose it is. ``version`` counts its states: only what was shown last is confirmed."""

    preview_id: UUID
    form: str
    subject: str
    unit: str
    purpose: str
    version: int
    expires_at: datetime
    content: Content
    confirmed_at: datetime | None = None


def _plain(changes: Sequence[Change]) -> bytes:
    # As they are stored: a list that was read back is no tuple.
    return orjson.dumps(list(changes))
