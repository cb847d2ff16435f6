"""Which row of a list is which record of the register: one to one, the surest way first. Pure and deterministic.

1. the same unit and key, unless the record is clearly about another person;
2. the same number in another unit: where the list names no unit, or where all that must be written agrees;
3. the same human being by a certain link: the record of the same day, else the nearest, else the only one left;
4. the same unit and the number written otherwise (``hs 7``, ``HS-007``), or the same number from another day;
5. the same commune, day and required columns under another number;
6. the same key about another person: a number that was used again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import TypeVar
from uuid import UUID

from contracts.forms import Form
from services.matching.compare import agree, equal_columns
from services.matching.handles import (
    NEAR_DAYS,
    dated_parts,
    distance,
    happens_in_communes,
    loosened,
    may_be_another_day,
    may_be_same,
    may_be_written_otherwise,
    names_people,
    required,
    without_parts,
)
from services.matching.model import Basis, Ours, Pair, Reason, Theirs
from services.matching.persons import Roll, roll_of
from services.registers import SEPARATOR

MANY = 100
"""More records than one human being has in one register."""
Side = TypeVar("Side", Theirs, Ours)


@dataclass(slots=True)
class Board:
    """The state of a match: what is paired, what is explained already, what is left. ``as_of``: the list's day."""

    form: Form
    theirs: Sequence[Theirs]
    ours: Sequence[Ours]
    used: dict[UUID, int]
    as_of: date | None = None
    pairs: dict[int, Pair] = field(default_factory=dict)
    reasons: dict[int, Reason] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    roll: Roll | None = None

    def open(self) -> list[Theirs]:
        """Return rows without a record and without a reason."""
        done = self.pairs.keys() | self.reasons.keys() | self.agreed
        return [row for row in self.theirs if row.number not in done]

    def free(self) -> list[Ours]:
        """Return records in scope that no row is about."""
        return [
            each for each in self.ours if each.in_scope and not each.voided and each.record not in self.used
        ]

    def findable(self, ours: Iterable[Ours]) -> list[Ours]:
        """Return the records that may be found by their key.

        Where identity is part of the key, records whose identity the caller may not read are left out: that a key
        exists would reveal who somebody is.
        """
        if not names_people(self.form):
            return list(ours)
        return [each for each in ours if each.identity is not None]

    def pair(self, theirs: Theirs, ours: Ours, basis: Basis) -> None:
        """Pair a row with its record."""
        self.pairs[theirs.number] = Pair(theirs, ours, basis)
        self.used[ours.record] = theirs.number


def by_key(board: Board) -> None:
    """Pair in ways 1 and 2, for one page of a list as well as for a whole one."""
    ours = board.findable(board.ours)
    places = {(each.unit, each.key): each for each in ours}
    elsewhere: dict[str, list[Ours]] = defaultdict(list)
    for each in ours:
        if not each.voided:
            elsewhere[each.key].append(each)
    seen: dict[tuple[str, str], int] = {}
    for row in board.theirs:
        # Of units that the caller may not read the answer says nothing: even "not there" would reveal something.
        if not row.in_reach:
            board.reasons[row.number] = Reason("out_of_reach", {"unit": row.unit})
            continue
        if row.key is None:
            continue
        # The second row of a key is an error; pairing it too would hide that the list counts somebody twice.
        first = seen.setdefault((row.unit, row.key), row.number)
        if first != row.number:
            board.reasons[row.number] = Reason("duplicate_key", {"row": first}, first)
            continue
        _at_place(board, row, places.get((row.unit, row.key)))
    for row in board.open():
        if row.key is not None and row.deferred is None and row.withdrawn is None:
            _in_other_unit(board, row, [each for each in elsewhere[row.key] if each.unit != row.unit])


def _at_place(board: Board, row: Theirs, record: Ours | None) -> None:
    if record is None or record.voided:
        row.withdrawn = record
        if row.void:
            board.agreed.add(row.number)
    elif record.record in board.used:
        first = board.used[record.record]
        board.reasons[row.number] = Reason("duplicate_key", {"row": first}, first)
    # Neither side was asked about, so the pair must not count in the sums.
    elif not record.in_scope and not row.in_area:
        board.reasons[row.number] = Reason("outside_area")
    elif may_be_same(board.form, row, record):
        board.pair(row, record, "same_key")
    else:
        # Lists with numbers of their own have the same key by chance: surer ways come first, this record is last.
        row.deferred = record


def _in_other_unit(board: Board, row: Theirs, candidates: Sequence[Ours]) -> None:
    candidates = [each for each in candidates if each.record not in board.used]
    if row.unit_named:
        if board.form.identity:
            return
        must = required(board.form)
        candidates = [
            each for each in candidates if each.day == row.day and agree(board.form, row, each, must)
        ]
    else:
        candidates = [each for each in candidates if may_be_same(board.form, row, each)]
    # With two that fit, choosing one would be a guess.
    if len(candidates) != 1:
        return
    found = candidates[0]
    if found.in_scope:
        board.pair(row, found, "other_unit" if row.unit_named else "same_key")
    else:
        board.reasons[row.number] = Reason("other_unit_handed_in", {"unit": found.unit}, record=found.record)


def by_everything(board: Board) -> None:
    """Pair in ways 3 to 6, once the whole list is there."""
    if board.form.identity:
        rows = [row for row in board.theirs if row.in_reach]
        board.roll = roll_of(board.form, rows, board.ours, board.pairs.values(), board.as_of)
        _by_person(board, board.roll)
    # After the persons: who somebody is says more than how a number is written.
    _unique(board, "written_otherwise", _loose_row, _loose, may_be_written_otherwise)
    dated = dated_parts(board.form)
    if dated:
        _unique(
            board,
            "key_date",
            lambda row: (row.unit, without_parts(row.key, dated)) if row.key else None,
            lambda each: (each.unit, without_parts(each.key, dated)),
            may_be_another_day,
        )
    if happens_in_communes(board.form):
        must = required(board.form)
        _unique(
            board,
            "near",
            lambda row: (row.area, row.day) if row.area and row.day else None,
            lambda each: (each.area, each.day) if each.area else None,
            lambda form, row, each: agree(form, row, each, must),
        )
    if board.roll is not None:
        board.roll.join_pairs(board.pairs.values())
    for row in board.open():
        # Nothing better was found for either side, so the number was most likely given to another person.
        if row.deferred is not None and row.deferred.record not in board.used and row.deferred.in_scope:
            board.pair(row, row.deferred, "number_reused")


def _by_person(board: Board, roll: Roll) -> None:
    rows: dict[int, list[Theirs]] = defaultdict(list)
    for row in board.open():
        if not row.void:
            rows[roll.of_row(row)].append(row)
    records: dict[int, list[Ours]] = defaultdict(list)
    for each in board.free():
        if each.record in roll.records:
            who = roll.of_record(each)
            if who in rows:
                records[who].append(each)
    for who, found in records.items():
        _assign(board, rows[who], found)


def _assign(board: Board, rows: list[Theirs], records: list[Ours]) -> None:
    if len(rows) * len(records) > MANY * MANY:
        return  # nobody has so many records: a number that stands for "not known"
    ranked = sorted(
        ((_nearness(board, row, each), row, each) for row, each in product(rows, records)),
        key=lambda ranking: ranking[0],
    )
    if len(ranked) > 1:
        # Among several candidates a distant day is no evidence; a single remaining pair is joined below.
        ranked = [each for each in ranked if each[0][0] <= NEAR_DAYS]
    for _, row, each in ranked:
        if row.number not in board.pairs and each.record not in board.used:
            board.pair(row, each, _basis_of_person(row, each))
    left = [row for row in rows if row.number not in board.pairs]
    free = [each for each in records if each.record not in board.used]
    if len(left) == len(free) == 1:
        board.pair(left[0], free[0], _basis_of_person(left[0], free[0]))


def _nearness(board: Board, row: Theirs, record: Ours) -> tuple[int, bool, int, int, int, str]:
    """Return a sort key: how near a record of the same person is to a row; where the row has no date, to the list's."""
    late = row.day is None and board.as_of is not None and record.day > board.as_of
    latest = -record.day.toordinal() if row.day is None else 0
    same = -equal_columns(board.form, row, record)
    return distance(row.day, record.day), late, latest, same, row.number, str(record.record)


def _basis_of_person(row: Theirs, record: Ours) -> Basis:
    if row.withdrawn is not None:
        return "key_corrected"
    if row.unit_named and row.unit != record.unit:
        return "other_unit"
    if row.first_key != record.key.partition(SEPARATOR)[0]:
        return "other_number"
    return "same_key" if row.day in (None, record.day) else "key_date"


def _unique(
    board: Board,
    basis: Basis,
    of_row: Callable[[Theirs], Hashable | None],
    of_record: Callable[[Ours], Hashable | None],
    fits: Callable[[Form, Theirs, Ours], bool],
) -> None:
    """Pair each row with the only record that shares its handle and fits, where no other row does."""
    rows = _by_handle((row for row in board.open() if not row.void), of_row)
    if not rows:
        return
    records = _by_handle(board.findable(board.free()), of_record)
    for handle, found in rows.items():
        there = records.get(handle, [])
        fitting = [(row, each) for row in found for each in there if fits(board.form, row, each)]
        lone_rows = Counter(row.number for row, _ in fitting)
        lone_records = Counter(each.record for _, each in fitting)
        for row, each in fitting:
            # Unique in both directions: a handle that fits two is only a likeness, and a wrong pair hides two errors.
            if lone_rows[row.number] == lone_records[each.record] == 1:
                board.pair(row, each, "key_corrected" if row.withdrawn is not None else basis)


def _by_handle(
    each: Iterable[Side], handle: Callable[[Side], Hashable | None]
) -> Mapping[Hashable, list[Side]]:
    found: dict[Hashable, list[Side]] = defaultdict(list)
    for one in each:
        named = handle(one)
        if named is not None:
            found[named].append(one)
    return found


def _loose_row(row: Theirs) -> Hashable | None:
    return (row.unit, loosened(row.key)) if row.key else None


def _loose(record: Ours) -> Hashable:
    return record.unit, loosened(record.key)
