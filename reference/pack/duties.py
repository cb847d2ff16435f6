"""By when what is due has to be done: amounts with their unit, by rule and day, as data (``duty-rules.csv``).

A province may have rows of its own in its pack (``duties.csv``): of a rule and variant for which it has one in force, the
nation's rows do not count. A blank ``amount``: the law sets no limit, or none was found.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Record,
    any_text,
    at_most,
    day,
    one_of,
    optional,
    read_table,
    text,
)
from reference.working_days import DaysOff

AmountUnit = Literal["hour", "day", "working_day", "month", "year"]
Mark = Literal["V", "S", "M", "D"]
"""How sure a row is: read in the text (V), in a secondary source (S), from memory (M), decided here for the time being (D)."""
_OWN = "duties.csv"
_NATIONAL = "duty-rules.csv"
_MOST, _HOURS, _MONTHS = 3_660, 24, 12
_ONE_DAY = timedelta(days=1)
_COLUMNS = {
    "rule": text,
    "variant": any_text,
    "valid_from": optional(day),
    "amount": optional(at_most(_MOST)),
    "unit": optional(one_of(*get_args(AmountUnit))),
    "moves": one_of("yes", "no"),
    "soon_days": optional(at_most(_MOST)),
    "shown": one_of("always", "soon"),
    "basis": text,
    "mark": one_of(*get_args(Mark)),
    "doubt_vi": any_text,
    "doubt_en": any_text,
}


@dataclass(frozen=True, slots=True)
class DutyRule:
    """A limit from ``valid_from`` on (None: from the beginning); ``amount`` is None where there is no limit.

    ``moves``: a last day that is a day off becomes the next working day. ``soon_days``: so many days before the last day the
    duty counts as due soon. ``early``: it is shown before that, too. ``doubt``: in Vietnamese and English, blank where there is none.
    """

    rule: str
    variant: str
    valid_from: date | None
    amount: int | None
    unit: AmountUnit | None
    moves: bool
    soon_days: int
    early: bool
    basis: str
    mark: Mark
    doubt: tuple[str, str]

    def last_day(self, start: date, days_off: DaysOff) -> date | None:
        """Return the last day on which it is done in time; None where there is no limit.

        The day of the start does not count; a period of months or years ends on the same day of its last month, or on the
        last day of that month where it has none (Civil Code 2015, Articles 147 and 148). Hours of which only the day is known end with their day.
        """
        if self.amount is None or self.unit is None:
            return None
        try:
            found = _after(start, self.amount, self.unit, days_off)
            return days_off.on_working_day(found) if self.moves else found
        except OverflowError:
            return date.max


@lru_cache(maxsize=4096)
def duty_rule(rule: str, variant: str, on: date) -> DutyRule | None:
    """Return the row in force for a rule on the day; None where none is."""
    for rows in (_province_rows(), _national_rows()):
        found = [
            row for row in rows.get((rule, variant), ()) if row.valid_from is None or row.valid_from <= on
        ]
        if found:
            return found[-1]
    return None


def duty_rules() -> tuple[DutyRule, ...]:
    """Return the nation's rows, in the order of the file."""
    return tuple(row for rows in _national_rows().values() for row in rows)


def read_duty_rules(of: Province) -> tuple[DutyRule, ...]:
    """Return the province's own rows; none where the pack has no such file.

    Raises:
        PackError: with every fault of the table.
    """
    if not of.folder.joinpath(_OWN).is_file():
        return ()
    faults: list[PackFault] = []
    rows = read_table(of.folder, _OWN, _COLUMNS, faults)
    known = set(_national_rows())
    for row in rows:
        if (row["rule"], row["variant"]) not in known:
            faults.append(row.broken("rule", "must be a rule and variant of duty-rules.csv"))
        if (row["amount"] is None) != (row["unit"] is None):
            faults.append(row.broken("amount", "must stand with its unit, or both are blank"))
    if faults:
        raise PackError(of.name, faults)
    return tuple(_rule(row) for row in rows)


def _after(start: date, amount: int, unit: AmountUnit, days_off: DaysOff) -> date:
    if unit == "hour":
        return start + _ONE_DAY * -(-amount // _HOURS)
    if unit == "day":
        return start + _ONE_DAY * amount
    if unit == "working_day":
        return _working_days_after(start, amount, days_off)
    return _months_after(start, amount * (_MONTHS if unit == "year" else 1))


def _working_days_after(start: date, amount: int, days_off: DaysOff) -> date:
    for _ in range(amount):
        start = days_off.on_working_day(start + _ONE_DAY)
    return start


def _months_after(start: date, months: int) -> date:
    year, month = divmod(start.year * _MONTHS + start.month - 1 + months, _MONTHS)
    if year > date.max.year:
        raise OverflowError("the day is beyond the calendar")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=1)
def _province_rows() -> dict[tuple[str, str], tuple[DutyRule, ...]]:
    return _by_rule(read_duty_rules(province()))


@lru_cache(maxsize=1)
def _national_rows() -> dict[tuple[str, str], tuple[DutyRule, ...]]:
    faults: list[PackFault] = []
    rows = read_table(files("reference").joinpath("data"), _NATIONAL, _COLUMNS, faults)
    if faults:
        raise PackError("reference", faults)
    return _by_rule(_rule(row) for row in rows)


def _by_rule(rows: Iterable[DutyRule]) -> dict[tuple[str, str], tuple[DutyRule, ...]]:
    found: dict[tuple[str, str], list[DutyRule]] = {}
    for row in rows:
        found.setdefault((row.rule, row.variant), []).append(row)
    return {key: tuple(sorted(own, key=lambda row: row.valid_from or date.min)) for key, own in found.items()}


def _rule(row: Record) -> DutyRule:
    return DutyRule(
        row["rule"],
        row["variant"],
        row["valid_from"],
        row["amount"],
        cast("AmountUnit | None", row["unit"]),
        row["moves"] == "yes",
        row["soon_days"] or 0,
        row["shown"] == "always",
        row["basis"],
        cast("Mark", row["mark"]),
        (row["doubt_vi"], row["doubt_en"]),
    )
