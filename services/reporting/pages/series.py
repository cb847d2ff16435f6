"""A figure over time: the twelve months up to the end of a period, the same period of the years before, and each part by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference import Period, PeriodNotThenError, resolve
from services.chassis.problems import Problem
from services.reporting.figures import Answer, Question, dimensions, figure_of
from services.reporting.pages import periods
from services.reporting.pages.choosing import Chosen

MONTHS = 12
YEARS = 5
_SPLIT = "area"
Numbers = Sequence[tuple[Period, float | None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for a series: a question for each period that the area was there in, None for the others."""

    months: Sequence[tuple[Period, Question | None]]
    years: Sequence[tuple[Period, Question | None]]

    @property
    def questions(self) -> list[Question]:
        """Return the questions, those of the months first."""
        return [question for _, question in (*self.months, *self.years) if question is not None]


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers over time. ``parts`` are those of each area below by its code, by month; empty where it is not split."""

    months: Numbers
    years: Numbers
    parts: Mapping[str, Numbers]


def plan(figure: str, chosen: Chosen, by: str) -> Plan:
    """Return what to ask; the months are split by area where the page is."""
    split = {"by": _SPLIT} if by == _SPLIT and _SPLIT in dimensions(figure_of(figure)) else {}
    months = [(month, asked_in(figure, chosen, month, split)) for month in months_until(chosen.period)]
    years = [(year, asked_in(figure, chosen, year, {})) for year in _years(chosen.period)]
    return Plan(months, years if len(years) > 1 else ())


def series(asked: Plan, answers: Sequence[Answer | Problem]) -> Series:
    """Return the numbers of the answers to a plan's questions, in their order."""
    given = iter(answers)
    months = [(month, None if one is None else next(given)) for month, one in asked.months]
    years = [(year, None if one is None else next(given)) for year, one in asked.years]
    return Series(_numbers(months), _begun(_numbers(years)), _parts(months))


def _numbers(answers: Sequence[tuple[Period, Answer | Problem | None]]) -> list[tuple[Period, float | None]]:
    return [(period, _document(one).get("value")) for period, one in answers]


def _document(answer: Answer | Problem | None) -> Mapping[str, Any]:
    return answer.document if isinstance(answer, Answer) else {}


def _begun(years: Sequence[tuple[Period, float | None]]) -> Numbers:
    """Return the years from the first one of which anything is known: before it no register was handed in."""
    first = next((number for number, (_, value) in enumerate(years) if value), len(years))
    return years[first:]


def _parts(months: Sequence[tuple[Period, Answer | Problem | None]]) -> dict[str, Numbers]:
    codes = dict.fromkeys(
        str(row[_SPLIT]) for _, one in months for row in _document(one).get("rows") or () if _SPLIT in row
    )
    return {
        code: [(month, _row(_document(one), code)) for month, one in months]
        for code in codes
        if ":" not in code
    }


def _row(document: Mapping[str, Any], code: str) -> float | None:
    rows = document.get("rows") or ()
    return next((row["value"] for row in rows if str(row.get(_SPLIT)) == code), None)


def months_until(chosen: Period) -> list[Period]:
    """Return the months of the civil calendar that lie before the end of the period or end with it, earliest first."""
    found: list[Period] = []
    year, month = chosen.last.year, chosen.last.month
    while len(found) < MONTHS:
        try:
            period = resolve(periods.FIRST_CALENDAR, f"{year:04}-{month:02}")
        except PeriodNotThenError:
            break
        if period.last <= chosen.last:
            found.append(period)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _years(chosen: Period) -> list[Period]:
    """Return the period and the same one of the years before it, earliest first."""
    found = [chosen]
    while len(found) < YEARS and (earlier := periods.year_before(found[-1])) is not None:
        found.append(earlier)
    return found[::-1]


def asked_in(figure: str, chosen: Chosen, period: Period, more: Mapping[str, str]) -> Question | None:
    """Return the question of another period, with ``more`` parameters; None where the area was not there."""
    try:
        return chosen.question(figure, period, **more)
    except Problem:
        # Before a change of areas the area was not there; the periods since then are shown.
        return None
