"""A whole match in memory: pair, compare, explain, count. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.matching.differing import Values
from services.matching.handles import happens_in_communes
from services.matching.model import Matched, Ours, People, Question, Theirs
from services.matching.pairing import Board, by_everything, by_key
from services.matching.persons import Likenesses, roll_of
from services.matching.reasons import PERSONS, RECORDS, Case, Rules, compared, items_of


def paired(
    question: Question, theirs: Sequence[Theirs], ours: Sequence[Ours], taken: Mapping[UUID, int]
) -> Board:
    """Return which row is which record, and what differs. ``taken`` are the records that earlier pages matched, by row."""
    board = Board(question.form, theirs, ours, dict(taken), question.as_of)
    by_key(board)
    if question.final:
        by_everything(board)
    compared(board, question)
    return board


def explained(
    board: Board, question: Question, taken: Mapping[UUID, int], histories: Mapping[UUID, Sequence[Values]]
) -> Matched:
    """Return the answer. ``histories`` are the earlier states of the records that differ, by record."""
    items = items_of(_case(board, question), histories)
    found = Matched(
        theirs=len(board.theirs) - len(board.agreed),
        in_both=sum(not pair.differences for pair in board.pairs.values()),
        found={number: pair.ours.record for number, pair in board.pairs.items()},
        items=items,
    )
    if question.final:
        found.ours = sum(each.in_scope and not each.voided for each in board.ours)
        found.ours += sum(not pair.ours.in_scope for pair in board.pairs.values())
        loaded = {each.record for each in board.ours}
        # Records of earlier pages are not loaded again, but the sums are those of the whole list.
        found.ours += sum(record not in loaded for record in taken)
        found.people = _people(board, taken)
    else:
        found.open_rows = [row.number for row in board.open()]
        # Open rows come again with the last page; counted here, they would count twice.
        found.theirs -= len(found.open_rows)
    return found


def persons_matched(question: Question, theirs: Sequence[Theirs], ours: Sequence[Ours]) -> Matched:
    """Return the match of a list's people with another register's: each person once, by the first row or record."""
    board = Board(question.form, [row for row in theirs if not row.void], ours, {})
    roll = board.roll = roll_of(question.form, board.theirs, ours, (), question.as_of)
    rows: dict[int, list[Theirs]] = defaultdict(list)
    for row in board.theirs:
        rows[roll.of_row(row)].append(row)
    records: dict[int, list[Ours]] = defaultdict(list)
    for each in board.free():
        if each.record in roll.records:
            records[roll.of_record(each)].append(each)
    both = rows.keys() & records.keys()
    for who, listed in rows.items():
        board.agreed.update(row.number for row in (listed if who in both else listed[1:]))
    for who, found in records.items():
        named = rows[who][0].number if who in both else 0
        # One record stands for the person, so that the clerk gets one item and not one for each record.
        latest = max(found, key=lambda each: (each.day, each.recorded_at, each.record))
        board.used |= {each.record: named for each in found if who in both or each is not latest}
    return Matched(
        theirs=len(rows),
        ours=len(records),
        in_both=len(both),
        found={rows[who][0].number: records[who][0].record for who in both},
        items=items_of(_case(board, question, PERSONS), {}),
        people=People(len(rows), len(records), len(both)),
    )


def _case(board: Board, question: Question, rules: Rules = RECORDS) -> Case:
    likenesses: Likenesses | None = None
    rows_of: dict[int, list[Theirs]] = defaultdict(list)
    records_of: dict[int, list[Ours]] = defaultdict(list)
    neighbours: dict[tuple[str, date], list[Theirs | Ours]] = defaultdict(list)
    rows, records = board.open(), board.free()
    roll = board.roll
    if roll is not None:
        for row in board.theirs:
            if row.number in roll.rows:
                rows_of[roll.of_row(row)].append(row)
        for each in board.ours:
            if each.record in roll.records:
                records_of[roll.of_record(each)].append(each)
        likenesses = Likenesses(roll, rows, records)
    elif happens_in_communes(question.form):
        sides: Iterable[Theirs | Ours] = (*rows, *records)
        for one in sides:
            if one.area is not None and one.day is not None:
                neighbours[one.area, one.day].append(one)
    return Case(
        board=board,
        question=question,
        likenesses=likenesses,
        rows_of=rows_of,
        records_of=records_of,
        neighbours=neighbours,
        units_here=question.register_units,
        units_listed=question.list_units
        | {row.unit for row in board.theirs if row.unit_named}
        | _units_of_pairs(board),
        rules=rules,
    )


def _units_of_pairs(board: Board) -> set[str]:
    """Return the units of the records that rows were paired with: a list need not name its units."""
    return {each.unit for each in board.ours if each.record in board.used}


def _people(board: Board, taken: Mapping[UUID, int]) -> People | None:
    roll = board.roll
    # If a record is left out, the sum would be too low and still look complete: no number is given instead.
    if roll is None or any(
        each.in_scope and not each.voided and each.identity is None for each in board.ours
    ):
        return None
    theirs = {
        roll.of_row(row) for row in board.theirs if row.number in roll.rows and row.number not in board.agreed
    }
    theirs |= {
        roll.of_record(each) for each in board.ours if each.record in taken and each.record in roll.records
    }
    ours = {roll.of_record(each) for each in board.ours if each.in_scope and each.record in roll.records}
    return People(len(theirs), len(ours), len(theirs & ours))
