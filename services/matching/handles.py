"""Looser keys (handles) to find a row's record where the key itself fails: numbers written otherwise, near days.

Pure.
"""

import re
from datetime import date

from contracts.forms import Form, Kind
from reference import bare, digits_only
from services.matching.compare import agree, hint_of_days, plausible, swapped
from services.matching.model import Ours, Theirs
from services.registers import SEPARATOR

NEAR_DAYS = 31
_RUNS = re.compile(r"[^\W0-9_]+|[0-9]+")


def required(form: Form) -> frozenset[str]:
    """Return the columns that every record has, besides its key and its dates."""
    keys = {name for part in form.key for names in part.split("|") for name in names.split("+")}
    return frozenset(
        column.id
        for column in form.columns
        if column.required and column.id not in keys and column.kind not in (Kind.DATE, Kind.DATETIME)
    )


def names_people(form: Form) -> bool:
    """Return whether identity is part of the key."""
    names = {name for part in form.key for names in part.split("|") for name in names.split("+")}
    return any(form.by_id[name].identity for name in names)


def may_be_written_otherwise(form: Form, row: Theirs, record: Ours) -> bool:
    """Return whether a row and a record with equal `loosened` keys may be the same: persons, day or columns agree."""
    # A number that is only written similarly does not identify anybody: the persons must be similar, too.
    if form.identity:
        return plausible(row, record)
    return row.day == record.day or agree(form, row, record, required(form))


def may_be_another_day(form: Form, row: Theirs, record: Ours) -> bool:
    """Return whether a row and a record of one number may be the same in spite of different days.

    The day is a typing error, or near and the content is the same.
    """
    if not plausible(row, record) or row.day is None:
        return False
    if distance(row.day, record.day) == 0 or hint_of_days(row.day, record.day) is not None:
        return True
    return distance(row.day, record.day) <= NEAR_DAYS and agree(form, row, record, required(form))


def may_be_same(form: Form, row: Theirs, record: Ours) -> bool:
    """Return whether a row with a record's key may be about the same: persons are similar, or day or commune agree."""
    if not happens_in_communes(form):
        return plausible(row, record)
    return row.day in (None, record.day) or row.area in (None, record.area)


def happens_in_communes(form: Form) -> bool:
    """Return whether records of the form are incidents in a commune, not persons, with a key that lacks the commune."""
    keys = {name for part in form.key for name in part.split("|")}
    return not form.identity and any(
        column.kind is Kind.COMMUNE and column.id not in keys for column in form.columns
    )


def loosened(key: str) -> str:
    """Return a key without what clerks write differently: case, marks, separators, leading zeros."""
    parts = []
    for part in key.split(SEPARATOR):
        runs = [run.lstrip("0") or "0" if digits_only(run) else run for run in _RUNS.findall(bare(part))]
        # A dot stays between two runs of digits: otherwise "1 23" and "12 3" would become one number.
        parts.append(re.sub(r"(?<=[0-9]) (?=[0-9])", ".", " ".join(runs)).replace(" ", ""))
    return SEPARATOR.join(parts)


def dated_parts(form: Form) -> frozenset[int]:
    """Return which parts of the key are days; none where the key is a day alone."""
    return frozenset(
        index
        for index, part in enumerate(form.key)
        if part in form.by_id and form.by_id[part].kind is Kind.DATE and len(form.key) > 1
    )


def without_parts(key: str, dated: frozenset[int]) -> tuple[str, ...]:
    """Return the parts of a key but these."""
    return tuple(part for index, part in enumerate(key.split(SEPARATOR)) if index not in dated)


def distance(one: date | None, other: date) -> int:
    """Return the days between a row's date and a record's: 0 where day and month are swapped, or the row has none."""
    if one is None:
        return 0
    return 0 if swapped(one, other) else abs((one - other).days)
