"""Read a question about a figure from request parameters, and report every fault in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from contracts.envelope import VIETNAM
from reference import (
    Area,
    Figure,
    Period,
    area_book,
    time_kind,
)
from services.chassis.http import read_date, read_known_at
from services.chassis.periods import named_period
from services.chassis.problems import Fault, Problem
from services.reporting.figures.breakdown import dimension_names as dimension_names
from services.reporting.figures.breakdown import dimensions as dimensions
from services.reporting.figures.breakdown import parse_breakdown
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.naming import figure_of as figure_of
from services.reporting.figures.naming import named_area, parameter_faults
from services.reporting.figures.territories import AREA_DIMENSIONS

AreaOf = Literal["residence", "facility"]
_PARAMETERS = frozenset(
    {"area", "as_of", "from", "to", "known_at", "by", "area_of", "geography", "calendar", "period"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """A well-formed question. ``known_at`` None = all that is known now; ``first`` is None for a stock.

    ``day`` is the day asked, for a period its last day. The areas that count are those of ``geography``, None = of the
    day. ``by`` is the dimension of the rows, ``across`` that of the columns where a table of two was asked.
    ``period`` is the calendar's where the question named one. ``known_as_asked`` and ``area_as_asked`` are how the
    asker put them; ``asked`` are all parameters as they were put, but for empty ones.
    """

    figure: Figure
    area: Area
    area_as_asked: str
    day: date
    first: date | None
    known_at: datetime | None
    known_as_asked: str | None
    by: str | None
    area_of: AreaOf
    geography: date | None = None
    period: Period | None = None
    asked: Mapping[str, str] = field(default_factory=dict, compare=False)
    across: str | None = None

    @property
    def hierarchy(self) -> date:
        """Return the day whose areas count."""
        return self.geography or self.day

    @property
    def kind(self) -> Literal["stock", "flow"]:
        """Return whether a day or a period is asked."""
        return "stock" if self.first is None else "flow"


def parse_question(code: str, given: Mapping[str, str], now: datetime, *, crossed: bool = False) -> Question:
    """Return the question that a request puts; ``crossed``: ``by`` may name two dimensions, for a table of both.

    Raises:
        Problem: 404 for an unknown figure or area, 422 with every fault otherwise.
    """
    figure = figure_of(code)
    faults = parameter_faults(given, _PARAMETERS)
    # Empty parameters are reported already; left in, each would cause a second fault.
    given = {name: value for name, value in given.items() if value.strip()}
    # A question gives either days or a period of a calendar; both could contradict each other.
    by_period = "calendar" in given or "period" in given
    period = _period(given, faults) if by_period else None
    first, day = (None, None) if by_period else _days(figure, given, now, faults)
    if period is not None:
        first, day = _days_of(figure, period)
    known_at = parse_known_at(given, faults, now)
    geography = _geography(given, faults)
    by, across = parse_breakdown(figure, given.get("by"), faults, crossed=crossed)
    area_of = _area_of(figure, given, faults)
    # A wrong ``geography`` must be reported and not be replaced by the areas of the day.
    hierarchy = geography if "geography" in given else day
    area = None if hierarchy is None else named_area(given.get("area"), hierarchy, faults)
    if faults or day is None or area is None:
        raise _refused(faults, hierarchy)
    return Question(
        figure,
        area,
        given.get("area", area.code),
        day,
        first,
        known_at,
        given.get("known_at"),
        by,
        area_of,
        geography,
        period,
        given,
        across,
    )


def _refused(faults: list[Fault], hierarchy: date | None) -> Problem:
    """Return the problem for faults: 404 where the only fault is an area that does not exist, else 422."""
    if hierarchy is not None and [fault.rule for fault in faults] in (["area_unknown"], ["area_not_then"]):
        return Problem(404, faults[0].rule, faults=faults, day=hierarchy.isoformat())
    return Problem.invalid(faults)


def _period(given: Mapping[str, str], faults: list[Fault]) -> Period | None:
    """Return the period that calendar and code name; None where there is a fault, which is added to ``faults``."""
    calendar, code = given.get("calendar"), given.get("period")
    before = len(faults)
    faults += [
        Fault.of(name, given[name], "period_and_days") for name in ("as_of", "from", "to") if given.get(name)
    ]
    if not calendar:
        faults.append(Fault.of("calendar", None, "calendar_needed"))
    elif not code:
        faults.append(Fault.of("period", None, "period_of_calendar_needed"))
    else:
        found = named_period(calendar, code)
        if isinstance(found, Period):
            return found if len(faults) == before else None
        faults.append(found)
    return None


def _days_of(figure: Figure, period: Period) -> tuple[date | None, date]:
    """Return the first and last day that a figure takes from a period; for a stock no first day, only the last."""
    return (None if time_kind(figure) == "stock" else period.first), period.last


def _geography(given: Mapping[str, str], faults: list[Fault]) -> date | None:
    day = _date("geography", given, faults)
    first = area_book().first_day
    if day is not None and day < first:
        faults.append(
            Fault.of("geography", given["geography"], "geography_too_early", first=first.isoformat())
        )
        return None
    return day


def _days(
    figure: Figure, given: Mapping[str, str], now: datetime, faults: list[Fault]
) -> tuple[date | None, date | None]:
    as_of, first, last = (_date(name, given, faults) for name in ("as_of", "from", "to"))
    if time_kind(figure) == "stock":
        faults += [
            Fault.of(name, given[name], "stock_with_period") for name in ("from", "to") if given.get(name)
        ]
        return None, as_of if given.get("as_of") else now.astimezone(VIETNAM).date()
    if given.get("as_of"):
        faults.append(Fault.of("as_of", given["as_of"], "flow_with_day"))
    else:
        faults += [Fault.of(name, None, "period_needed") for name in ("from", "to") if not given.get(name)]
    if first is not None and last is not None and first > last:
        faults.append(Fault.of("to", given["to"], "period_backwards", first=first.isoformat()))
    return first, last


def _date(name: str, given: Mapping[str, str], faults: list[Fault]) -> date | None:
    text = given.get(name)
    if not text:
        return None
    found = read_date(text)
    if found is None:
        faults.append(Fault.of(name, text, "date"))
    return found


def parse_known_at(given: Mapping[str, str], faults: list[Fault], now: datetime) -> datetime | None:
    """Return the instant of record time that ``known_at`` names, None without it; what is wrong is added to the faults."""
    text = given.get("known_at")
    found = read_known_at(text, now) if text else None
    if isinstance(found, Fault):
        faults.append(found)
        return None
    return found


def _area_of(figure: Figure, given: Mapping[str, str], faults: list[Fault]) -> AreaOf:
    text = given.get("area_of", "residence")
    if text == "facility":
        codes = (
            [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
        )
        if not any("facility" in DEFINITIONS[code].dims for code in codes if code in DEFINITIONS):
            faults.append(Fault.of("area_of", text, "area_of_not_available"))
        return "facility"
    if text != "residence":
        faults.append(Fault.of("area_of", text, "area_of"))
    return "residence"


def area_of_row(question: Question, dimension: str | None, row: str) -> str | None:
    """Return the uid of the area that a row of a breakdown by ``dimension`` is about.

    None for other breakdowns, and for what is not attributed or unknown.
    """
    if dimension not in AREA_DIMENSIONS or "@" in row:
        return None
    area = area_book().resolve(row, question.hierarchy)
    return None if area is None else area.uid
