"""What every part of the generator shares: the days of the report, the random source, the registers being filled."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from contracts.forms import FORMS, Kind
from demo.province import Province

Value = str | int | bool | Decimal | date | datetime | tuple[str, ...] | None
Row = dict[str, Value]

POLICE_DAY = date(2023, 12, 14)
"""The police closed their figures at the end of this day."""
HEALTH_DAY = date(2023, 12, 19)
"""The health department closed its methadone figures at the end of this day."""
YEAR_START = date(2023, 1, 1)
YEAR_END = date(2023, 12, 31)
LAST_RECORDED = date(2024, 1, 20)
"""No row of a register is first written down after this day."""
CORRECTED_FROM, CORRECTED_UNTIL = date(2024, 1, 5), date(2024, 1, 31)
"""In this time units hand in corrections. After it nothing changes: the report of January 2024 can be repeated."""


def between(rng: Random, first: date, last: date) -> date:
    """Return a day from ``first`` to ``last``, both inclusive."""
    return first + timedelta(days=rng.randint(0, (last - first).days))


def skewed(rng: Random, first: date, last: date) -> date:
    """Return a day from ``first`` to ``last``, later days likelier: registers grow."""
    return max(between(rng, first, last), between(rng, first, last))


def days(count: int) -> timedelta:
    """So many days."""
    return timedelta(days=count)


def day_of(value: date) -> date:
    """Return the day of a date or a date-time."""
    return value.date() if isinstance(value, datetime) else value


class World:
    """The registers while they fill. ``registers`` are handed in first, ``afterthoughts`` in January 2024."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.province = Province(Random(f"{seed}:province"))
        self.registers: dict[str, list[Row]] = {form: [] for form in FORMS}
        self.afterthoughts: dict[str, list[Row]] = {form: [] for form in FORMS}
        self._lag = self.rng("lag")
        self._numbers: dict[str, int] = {}

    def rng(self, part: str) -> Random:
        """Return a random source of its own for each part, so that a change in one leaves the others as they were."""
        return Random(f"{self.seed}:{part}")

    def number(self, series: str) -> int:
        """Return the next running number of a series, from 1."""
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return self._numbers[series]

    def write(self, form: str, row: Row) -> Row:
        """Enter a row; without ``recorded_on`` it is written down some days after the last thing it tells."""
        entered = {"recorded_on": self._with_hour(self.noted(form, row)), **row}
        self.registers[form].append(entered)
        return entered

    def write_in_stages(self, form: str, row: Row, later: Sequence[str], share: float = 0.35) -> Row:
        """Enter a row whose ``later`` columns came after the rest: for some rows as two hand-ins of one record."""
        if any(row.get(column) not in (None, False) for column in later) and self._lag.random() < share:
            first = self.write(form, {key: value for key, value in row.items() if key not in later})
            noted = max(self.noted(form, row), day_after_hour(first["recorded_on"]))
            return self.write(form, {**row, "recorded_on": noted})
        return self.write(form, row)

    def noted(self, form: str, row: Row) -> date:
        """Return when the unit wrote the row down: mostly within days, now and then weeks late."""
        last = max(
            _earliest_note(row[column]) for column in _fact_columns(form) if row.get(column) is not None
        )
        lag = (
            self._lag.randint(20, 70)
            if self._lag.random() < 0.06
            else self._lag.choice((0, 0, 1, 1, 2, 3, 5, 8))
        )
        return min(last + days(lag), max(LAST_RECORDED, last))

    def _with_hour(self, day: date) -> date:
        """Some units write down the hour as well."""
        if self._lag.random() < 0.02:
            return datetime.combine(day, time(self._lag.randint(7, 16), self._lag.randint(0, 59)))
        return day


def _fact_columns(form: str) -> list[str]:
    return [
        column.id
        for column in FORMS[form].columns
        if column.kind in (Kind.DATE, Kind.DATETIME) and not column.plan
    ] or [column.id for column in FORMS[form].columns if column.id == "period_from"]


def _earliest_note(value: Value) -> date:
    """A date-only note of a date-time must stand on the next day, as it means the day's start."""
    if isinstance(value, datetime):
        return value.date() + days(1)
    assert isinstance(value, date)
    return value


def day_after_hour(noted: Value) -> date:
    """Return the first day whose start is not before the note."""
    assert isinstance(noted, date)
    return day_of(noted) + days(1) if isinstance(noted, datetime) else noted
