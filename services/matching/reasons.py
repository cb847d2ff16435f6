"""The likely reason for everything that does not match: rules as data, the first that holds is given. Pure.

The texts are in the catalogue under ``match.<code>`` and, for slips in a cell, ``match.hint.<hint>``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.envelope import VIETNAM
from services.matching.compare import differences
from services.matching.differing import Values, day_of, different, refused
from services.matching.handles import distance
from services.matching.model import Item, Ours, Question, Reason, Theirs
from services.matching.pairing import MANY, Board
from services.matching.persons import Likenesses

ENDS = ("ended_on", "removed_on", "status_to", "valid_to")
"""Columns that tell of an end; what they name ends on that day, so that it no longer is at its end."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the two sides, in the order in which they are tried; the last of each always holds."""

    only_theirs: "tuple[Callable[[Case, Theirs], Reason | None], ...]"
    only_ours: "tuple[Callable[[Case, Ours], Reason | None], ...]"


@dataclass(slots=True)
class Case:
    """What the rules of a side may ask."""

    board: Board
    question: Question
    likenesses: Likenesses | None
    rows_of: Mapping[int, list[Theirs]]
    records_of: Mapping[int, list[Ours]]
    neighbours: Mapping[tuple[str, date], list[Theirs | Ours]]
    units_here: frozenset[str]
    units_listed: frozenset[str]
    rules: Rules
    listed_as: dict[UUID, tuple[int, bool] | None] = field(default_factory=dict)


def items_of(case: Case, histories: Mapping[UUID, Sequence[Values]]) -> list[Item]:
    """Return everything to be looked at: differing pairs, rows alone, records alone; rows in the list's order first."""
    board = case.board
    rows = {row.number: row for row in board.theirs}
    found = [
        different(pair, case.question, histories.get(pair.ours.record, ()))
        for pair in board.pairs.values()
        if pair.differences
    ]
    found += [Item("only_theirs", rows[number], None, reason) for number, reason in board.reasons.items()]
    if case.question.final:
        found += [
            Item("only_theirs", row, None, _first(case.rules.only_theirs, case, row)) for row in board.open()
        ]
    # In the order of the list, in which the clerk goes through it.
    found.sort(key=lambda item: item.theirs.number if item.theirs is not None else 0)
    if case.question.final:
        alone = sorted(board.free(), key=lambda each: (each.unit, each.key))
        found += [Item("only_ours", None, each, _first(case.rules.only_ours, case, each)) for each in alone]
    return found


def compared(board: Board, question: Question) -> None:
    """Fill in what differs in each pair."""
    for pair in board.pairs.values():
        pair.differences = differences(board.form, pair.theirs, pair.ours, question.columns)


def _first(rules: Sequence[Callable[[Case, Any], Reason | None]], case: Case, one: Theirs | Ours) -> Reason:
    return next(reason for rule in rules if (reason := rule(case, one)) is not None)


# --- rows alone --------------------------------------------------------------------------------------------------


def _refused(_: Case, row: Theirs) -> Reason | None:
    """Return the reason where a filled cell breaks a rule; blank required cells have a later rule (``_incomplete``)."""
    return refused(row) if any(fault.rule != "required" for fault in row.faults) else None


def _incomplete(_: Case, row: Theirs) -> Reason | None:
    return refused(row) if row.faults else None


def _withdrawn(case: Case, row: Theirs) -> Reason | None:
    found = row.withdrawn
    # A person's record may have been withdrawn under another key; person and day still identify it.
    if found is None and case.board.roll is not None:
        tokens = case.board.roll.known_rows[row.number]
        told = (case.board.roll.withdrawn.get(token) for token in (*tokens.numbers, tokens.name) if token)
        found = next((each for each in told if each is not None and each.day == row.day), None)
    if found is None:
        return None
    return Reason("voided_here", {"day": day_of(found.recorded_at)}, record=found.record)


def _outside(_: Case, row: Theirs) -> Reason | None:
    return None if row.in_area else Reason("outside_area")


def _known_person(case: Case, row: Theirs) -> Reason | None:
    """Return the reason where the person is already in the register, or in an earlier row, with another record."""
    roll = case.board.roll
    if roll is None:
        return None
    who = roll.of_row(row)
    for other in case.rows_of.get(who, [])[:MANY]:
        pair = case.board.pairs.get(other.number)
        again = other.day is None or row.day is None or distance(row.day, other.day) == 0
        if other is not row and (other.number < row.number or pair is not None) and again:
            return Reason("duplicate_person", {"row": other.number}, other.number)
    records = case.records_of.get(who, [])[:MANY]
    # First, because nobody needs to look further: the unit that was not asked about has the person already.
    outside = [each for each in records if not each.in_scope]
    if outside:
        # Unit and key break ties, so that the same list gets the same answer every time.
        nearest = min(outside, key=lambda each: (distance(row.day, each.day), each.unit, each.key))
        return Reason("other_unit_handed_in", {"unit": nearest.unit}, record=nearest.record)
    for each in records:
        earlier = case.board.used.get(each.record)
        if earlier is not None and distance(row.day, each.day) == 0 and earlier != row.number:
            return Reason("duplicate_person", {"row": earlier}, earlier, each.record)
    if records:
        nearest = min(records, key=lambda each: (distance(row.day, each.day), each.unit, each.key))
        parts = {"unit": nearest.unit, "number": nearest.key.partition("\x1f")[0]}
        return Reason("person_known", parts, record=nearest.record)
    return None


def _after(case: Case, row: Theirs) -> Reason | None:
    as_of = case.question.as_of
    if as_of is None:
        return None
    # `as_of` is a Vietnamese day; the UTC day of an instant may be the day before.
    recorded = row.recorded_at.astimezone(VIETNAM).date() if row.recorded_at else None
    late = (row.day is not None and row.day > as_of) or (recorded is not None and recorded > as_of)
    return Reason("after_as_of", {"day": f"{as_of:%d/%m/%Y}"}) if late else None


def _may_be_record(case: Case, row: Theirs) -> Reason | None:
    if case.likenesses is not None:
        found = case.likenesses.record(row)
        if found is not None:
            parts = {"unit": found.unit, "number": found.key.partition("\x1f")[0]}
            return Reason("possible_person", parts, record=found.record)
    for each in _neighbours(case, row):
        if isinstance(each, Ours):
            return Reason("possible_near", {"unit": each.unit, "number": each.key.partition("\x1f")[0]})
    return None


def _unit_unknown(case: Case, row: Theirs) -> Reason | None:
    return (
        None
        if row.unit in case.units_here or not row.unit_named
        else Reason("unit_silent", {"unit": row.unit})
    )


def _never(_: Case, __: Theirs) -> Reason:
    return Reason("never_handed_in")


def _not_registered(_: Case, __: Theirs) -> Reason:
    return Reason("not_registered")


# --- records alone -----------------------------------------------------------------------------------------------


def _in_list_otherwise(case: Case, record: Ours) -> Reason | None:
    """Return the reason where the list has the person under another number or in another unit."""
    found = _listed_as(case, record)
    if found is None or found[1]:
        return None
    return Reason("listed_otherwise", {"row": found[0]}, found[0])


def _other_row(case: Case, record: Ours) -> Reason | None:
    """Return the reason where the list has the person under this number, but without this period."""
    found = _listed_as(case, record)
    return None if found is None else Reason("other_row", {"row": found[0]}, found[0])


def _listed_as(case: Case, record: Ours) -> tuple[int, bool] | None:
    """Return the first row of the record's person, and whether it has the record's number; None without a row."""
    if record.record not in case.listed_as:
        case.listed_as[record.record] = _first_row(case, record)
    return case.listed_as[record.record]


def _first_row(case: Case, record: Ours) -> tuple[int, bool] | None:
    roll = case.board.roll
    if roll is None or record.record not in roll.records:
        return None
    who = roll.of_record(record)
    number = record.key.partition("\x1f")[0]
    rows = [
        (row.number, row.first_key == number and row.unit == record.unit)
        for row in case.rows_of.get(who, [])[:MANY]
    ]
    rows += [
        (case.board.used[each.record], each.person == record.person)
        for each in case.records_of.get(who, [])[:MANY]
        if each.record in case.board.used
    ]
    if not rows:
        return None
    return min(rows)[0], bool(case.board.form.person_key) and any(same for _, same in rows)


def _recorded_after(case: Case, record: Ours) -> Reason | None:
    as_of = case.question.as_of
    if as_of is None or record.recorded_at.astimezone(VIETNAM).date() <= as_of:
        return None
    return Reason("recorded_after", {"day": day_of(record.recorded_at)})


def _began_after(case: Case, record: Ours) -> Reason | None:
    as_of = case.question.as_of
    return Reason("began_after", {"day": f"{record.day:%d/%m/%Y}"}) if as_of and record.day > as_of else None


def _ended_before(case: Case, record: Ours) -> Reason | None:
    as_of = case.question.as_of
    if as_of is None:
        return None
    ends = [date.fromisoformat(record.content[name]) for name in ENDS if record.content.get(name)]
    ended = min(ends, default=None)
    return (
        Reason("ended_before", {"day": f"{ended:%d/%m/%Y}"}) if ended is not None and ended <= as_of else None
    )


def _unit_missing(case: Case, record: Ours) -> Reason | None:
    return None if record.unit in case.units_listed else Reason("unit_missing", {"unit": record.unit})


def _may_be_row(case: Case, record: Ours) -> Reason | None:
    if case.likenesses is not None:
        found = case.likenesses.row(record)
        if found is not None:
            return Reason("possible_row", {"row": found.number}, found.number)
    for each in _neighbours(case, record):
        if isinstance(each, Theirs):
            return Reason("possible_near_row", {"row": each.number}, each.number)
    return None


def _missing(_: Case, __: Ours) -> Reason:
    return Reason("missing_there")


def _not_listed(_: Case, __: Ours) -> Reason:
    return Reason("not_listed")


def _neighbours(case: Case, one: Theirs | Ours) -> Sequence[Theirs | Ours]:
    if one.area is None or one.day is None:
        return ()
    return case.neighbours.get((one.area, one.day), ())


RECORDS = Rules(
    only_theirs=(
        _refused,
        _withdrawn,
        _outside,
        _known_person,
        _after,
        _may_be_record,
        _incomplete,
        _unit_unknown,
        _never,
    ),
    only_ours=(
        _in_list_otherwise,
        _began_after,
        _ended_before,
        _recorded_after,
        _other_row,
        _may_be_row,
        _unit_missing,
        _missing,
    ),
)
"""A list against the register of its own form."""
PERSONS = Rules(
    only_theirs=(_refused, _outside, _after, _may_be_record, _incomplete, _not_registered),
    only_ours=(_began_after, _ended_before, _recorded_after, _may_be_row, _not_listed),
)
"""The people of a list against those of another register."""
