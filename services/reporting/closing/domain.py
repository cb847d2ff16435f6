"""What changed between a closing and now, and why: pure functions of the rows that a figure counted then and counts now.

A figure counts *things*: human beings, facilities or records, or it adds up amounts of records. The change of every thing
is computed by itself, so that the changes of a cell always add up to its new value minus its old one.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

Count = Literal["person", "record", "facility", "sum"]
Number = int | Decimal
CellKey = tuple[str, str | None, str | None]
"""Figure, breakdown, row; the total of a figure has neither breakdown nor row."""

REASONS = (
    "moved_area",
    "void",
    "correction",
    "late_record",
    "unlink",
    "link",
    "related_record",
    "definition",
    "hierarchy",
    "unexplained",
)
"""Reasons why a closed figure has another value now; where several hold, the first counts. Texts: ``closing_reason_…``."""
RecordOutcome = Literal["void", "correction", "late_record", "same"]


class Counted(NamedTuple):
    """A row that a figure counted: its record, the person or facility, the row of the breakdown, and its amount."""

    record: UUID
    ref: UUID | None
    who: UUID | None
    facility: str | None
    row: str | None
    amount: Number


class RecordState(NamedTuple):
    """The state of a record at an instant: the event in force (None: not recorded yet), and whether it voided the record."""

    event: UUID | None
    voided: bool


@dataclass(frozen=True, slots=True)
class CountChange:
    """The part of a cell's difference that one thing (human being, facility, record) makes.

    ``arrived`` are the records that the cell counts now and did not then, ``gone`` the reverse. ``refs`` are the references
    of the human being, where persons are counted.
    """

    delta: Number
    arrived: tuple[UUID, ...]
    gone: tuple[UUID, ...]
    refs: tuple[UUID, ...]


def cell_key(cell: Mapping[str, Any]) -> CellKey:
    """Return the key that identifies a cell within one closing: figure, breakdown and row."""
    return cell["figure"], cell["by"], cell["row"]


def differing(
    frozen: Iterable[Mapping[str, Any]], current: Iterable[Mapping[str, Any]]
) -> list[tuple[CellKey, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """Return the cells whose value (or numerator or denominator) is another now, with both; None where a cell is missing.

    In the order of the closing; cells that were not there then come last. A row of zero and no row are the same.
    """
    old = {cell_key(cell): cell for cell in frozen}
    new = {cell_key(cell): cell for cell in current}
    keys = [*old, *(key for key in new if key not in old)]
    return [(key, old.get(key), new.get(key)) for key in keys if _shown(old.get(key)) != _shown(new.get(key))]


def _shown(cell: Mapping[str, Any] | None) -> tuple[Any, ...]:
    if cell is None:
        return (None, None, None)
    found = (cell.get("value"), cell.get("numerator"), cell.get("denominator"))
    # A row of zero may be listed or left out; that is no revision.
    return (None, None, None) if found in ((0, None, None), (None, 0, 0)) else found


def changes(
    count: Count,
    then: Sequence[Counted],
    now: Sequence[Counted],
    names_then: Mapping[UUID, UUID],
    names_now: Mapping[UUID, UUID],
) -> dict[str | None, list[CountChange]]:
    """Return, by row of the breakdown (None: the total), what each thing adds to the difference.

    ``names_…`` say which human being a reference belonged to then and belongs to now (absent: to itself). The changes
    of a row add up to its value now minus its value then.
    """
    thing = _things(count, then, now, names_then, names_now)
    before, after = _grouped(then, thing), _grouped(now, thing)
    found: dict[str | None, list[CountChange]] = defaultdict(list)
    # As texts: the key of a row without a facility is None, which does not compare with others.
    for key in sorted(before.keys() | after.keys(), key=str):
        was, is_ = before.get(key, {}), after.get(key, {})
        for row in [*was, *(row for row in is_ if row not in was)]:
            old, new = was.get(row, []), is_.get(row, [])
            listed = (
                _by_person(old, new) if count == "person" else [_change(_less(count, new, old), old, new)]
            )
            found[row] += [change for change in listed if change.delta]
    return {row: listed for row, listed in found.items() if listed}


def _less(count: Count, new: Sequence[Counted], old: Sequence[Counted]) -> Number:
    return _size(count, new) - _size(count, old)


def _by_person(old: Sequence[Counted], new: Sequence[Counted]) -> list[CountChange]:
    """Return the changes within one group of connected references: human beings gone, come, joined and separated.

    One human being gone and one come cancel out: it is the same one, now counted by another record.
    """
    kept = {row.ref for row in old} & {row.ref for row in new}
    gone = _unseen(old, kept)
    come = _unseen(new, kept)
    same = min(len(gone), len(come))
    listed = [_change(-1, rows, []) for rows in gone[same:]] + [_change(1, [], rows) for rows in come[same:]]
    rest = _less("person", new, old) - sum(change.delta for change in listed)
    # By identity, since two rows may hold equal values.
    apart = {id(row) for rows in (*gone, *come) for row in rows}
    stayed = [[row for row in rows if id(row) not in apart] for rows in (old, new)]
    return [*listed, _change(rest, *stayed)]


def _unseen(rows: Sequence[Counted], kept: set[UUID | None]) -> list[list[Counted]]:
    """Return, for each human being of whom no reference is in ``kept``, the rows about them."""
    people: dict[UUID | None, list[Counted]] = defaultdict(list)
    for row in rows:
        people[row.who].append(row)
    return [found for _, found in sorted(people.items(), key=str) if not {row.ref for row in found} & kept]


def _change(delta: Number, old: Sequence[Counted], new: Sequence[Counted]) -> CountChange:
    had, has = {(c.record, c.amount) for c in old}, {(c.record, c.amount) for c in new}
    refs = {c.ref for c in (*old, *new) if c.ref is not None}
    return CountChange(
        delta,
        tuple(sorted({record for record, _ in has - had})),
        tuple(sorted({record for record, _ in had - has})),
        tuple(sorted(refs)),
    )


def _things(
    count: Count,
    then: Sequence[Counted],
    now: Sequence[Counted],
    names_then: Mapping[UUID, UUID],
    names_now: Mapping[UUID, UUID],
) -> Mapping[Counted, Hashable]:
    """Return for each row the thing that it is about, with the same name for then and now."""
    if count == "facility":
        return {c: c.facility for c in (*then, *now)}
    if count != "person":
        return {c: c.record for c in (*then, *now)}
    # The references of one human being then can belong to two now, or the reverse. So all references that are or were
    # linked, directly or through others, are one thing here.
    parent: dict[Hashable, Hashable] = {}

    def find(item: Hashable) -> Hashable:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for counted in (*then, *now):
        ref = counted.ref
        if ref is not None:
            for other in (("then", names_then.get(ref, ref)), ("now", names_now.get(ref, ref))):
                parent[find(other)] = find(ref)
    return {c: str(find(c.ref)) for c in (*then, *now)}


def _grouped(
    rows: Iterable[Counted], thing: Mapping[Counted, Hashable]
) -> dict[Hashable, dict[str | None, list[Counted]]]:
    found: dict[Hashable, dict[str | None, list[Counted]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[thing[row]][row.row].append(row)
    return found


def _size(count: Count, rows: Sequence[Counted]) -> Number:
    if count == "person":
        return len({row.who for row in rows})
    if count == "facility":
        return len({row.facility for row in rows})
    if count == "sum":
        return sum((row.amount for row in rows), 0)
    return len(rows)


def record_outcome(then: RecordState, now: RecordState) -> RecordOutcome:
    """Return how the record itself changed: not at all, recorded late, corrected or voided."""
    if then.event == now.event:
        return "same"
    if then.event is None:
        return "late_record"
    return "void" if now.voided else "correction"


def reason(
    change: CountChange, outcomes: Mapping[UUID, RecordOutcome], elsewhere: Collection[UUID], *, linked: bool
) -> str:
    """Return why a thing counts differently: one of `REASONS`.

    ``elsewhere`` are the records that the figure counted then and counts now, in any row. ``linked``: a link of one of the
    change's references was made, withdrawn or changed; then the same records count as more or fewer human beings.
    """
    records = change.arrived if change.delta > 0 else change.gone
    # In both: the same record with another amount, which is a correction and no move to another area.
    stayed = set(change.arrived) & set(change.gone)
    telling = {_outcome_in_figure(record, outcomes, set(elsewhere) - stayed) for record in records}
    telling.discard("same")
    if telling:
        return min(telling, key=REASONS.index)
    if linked and not records:
        return "unlink" if change.delta > 0 else "link"
    return "related_record"


def _outcome_in_figure(
    record: UUID, outcomes: Mapping[UUID, RecordOutcome], elsewhere: Collection[UUID]
) -> str:
    own: str = outcomes.get(record, "same")
    return "moved_area" if own == "correction" and record in elsewhere else own
