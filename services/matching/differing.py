"""Why a row differs from the record that it is paired with, and which of the two is the newer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from services.matching.compare import looks_like_typos, same
from services.matching.model import Difference, Item, Newer, Pair, Question, Reason, Theirs
from texts import Message

Values = Mapping[str, Any]


def different(pair: Pair, question: Question, history: Sequence[Values]) -> Item:
    """Return the item of a pair that differs. ``history`` is what the record said before."""
    newer = newer_side(pair, question.as_of)
    reason: Reason | None
    if _said_before(pair, question, history):
        reason, newer = Reason("corrected_here", {"day": day_of(pair.ours.recorded_at)}), "ours"
    else:
        reason = _reason_of(pair)
    if reason is None:
        reason = Reason("differs" if newer is None else f"newer_{newer}")
    return Item("different", pair.theirs, pair.ours, reason, pair.differences, newer)


def _reason_of(pair: Pair) -> Reason | None:
    row, record, found = pair.theirs, pair.ours, pair.differences
    parts = {"unit": record.unit, "number": record.key.partition("\x1f")[0]}
    # How the pair was found explains more than the cells: unit or number is what the clerk has to put right.
    if pair.basis != "same_key":
        return Reason(pair.basis, parts)
    if row.void:
        return Reason("withdrawn_there")
    invalid = [each.field for each in found if each.hint == "invalid"]
    if invalid:
        return refused(row)
    if all(each.hint == "old_new_id" for each in found):
        return Reason("old_new_id")
    if looks_like_typos(found):
        return Reason("typo")
    return _fuller(found)


def _fuller(found: Sequence[Difference]) -> Reason | None:
    """Return the reason that one side only has more: a cell that is blank on the other, a full date instead of a year.

    None where that is not so.
    """
    years = [len(str(each.theirs)) == 4 for each in found if each.hint == "year_only"]
    blank = {each.hint for each in found if each.hint != "year_only"}
    if all(years) and blank <= {"only_here"}:
        return Reason("year_only_there") if years else Reason("filled_here")
    if not any(years) and blank <= {"only_there"}:
        return Reason("year_only_here") if years else Reason("filled_there")
    return None


def newer_side(pair: Pair, as_of: date | None) -> Newer | None:
    """Return which side was recorded later: the row by its own day of recording, else by the list's date.

    None where that is not known.
    """
    theirs = pair.theirs.recorded_at.astimezone(VIETNAM).date() if pair.theirs.recorded_at else as_of
    ours = pair.ours.recorded_at.astimezone(VIETNAM).date()
    if theirs is None or theirs == ours:
        return None
    return "theirs" if theirs > ours else "ours"


def _said_before(pair: Pair, question: Question, history: Sequence[Values]) -> bool:
    by_id = question.form.by_id
    told = [each.field for each in pair.differences if each.field in by_id]
    return bool(told) and any(
        all(same(by_id[name], pair.theirs.values.get(name), past.get(name)) for name in told)
        for past in history
    )


def refused(row: Theirs) -> Reason:
    """Return the reason that the row breaks rules, which it names in words and by their codes."""
    by_column = {fault.field: fault for fault in reversed(row.faults)}
    rules = Message(
        "; ".join(dict.fromkeys(fault.message.vi for fault in by_column.values())),
        "; ".join(f"{fault.field}: {fault.rule}" for fault in by_column.values()),
    )
    return Reason("refused", {"rules": rules})


def day_of(at: datetime) -> str:
    """Return the Vietnamese day of an instant, as clerks write it."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y}"
