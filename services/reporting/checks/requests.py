"""Read the parameters of a request to the checks, and report every fault in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reference import number_within
from services.chassis.problems import Fault, Problem
from services.reporting.checks.queries import Lines
from services.reporting.figures import AREA_DIMENSIONS, Question, Scope, dimension_names, parse_question

PAGE, PAGE_MOST = 50, 1_000
# Checks take the same parameters as these two figures (area, day or period, known_at, split), so their reader is used.
_ON_A_DAY, _IN_A_PERIOD = "methadone.active", "determination.concluded"
_PERIOD = ("from", "to", "period", "calendar")


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A well-formed request. ``first``: the period's first day, by default 1 January of the last day's year.

    ``lines``: the lines of the list that are wanted; None: all.
    """

    question: Question
    first: date
    days: int | None
    agency: str | None
    after: str
    limit: int
    opening_known_at: datetime | None = None
    opening_as_asked: str | None = None
    sample: int | None = None
    lines: Lines | None = None

    @property
    def day(self) -> date:
        """Return the day asked, or the period's last."""
        return self.question.day

    def scope(self) -> Scope:
        """Return the question as the statements take it."""
        asked = self.question
        return Scope(
            asked.area.uid, asked.day, self.first, asked.known_at, asked.by, geography=asked.geography
        )


def parse(given: Mapping[str, str], now: datetime, *, by_facility: bool = False) -> CheckRequest:
    """Return the request behind the parameters; ``by_facility``: whether the check can be split by facility.

    Raises:
        Problem: 404 for an unknown area, 422 with every fault otherwise.
    """
    rest = dict(given)
    faults: list[Fault] = []
    limit = _count(rest, "limit", PAGE, 1, PAGE_MOST, faults)
    days = _count(rest, "days", None, 0, 3_660, faults)
    sample = _count(rest, "sample", None, 1, 999_999, faults)
    after, agency = rest.pop("after", ""), rest.pop("agency", None) or None
    opening = rest.pop("opening_known_at", None) or None
    by, allowed = rest.get("by"), (*AREA_DIMENSIONS, *(("facility",) if by_facility else ()))
    if by and by not in allowed:
        faults.append(Fault.of("by", by, "dimension", allowed=dimension_names(allowed)))
    if faults:
        raise Problem.invalid(faults)
    in_period = any(rest.get(name) for name in _PERIOD)
    question = parse_question(_IN_A_PERIOD if in_period else _ON_A_DAY, rest, now)
    first = question.first or date(question.day.year, 1, 1)
    known = None if opening is None else parse_question(_ON_A_DAY, {"known_at": opening}, now).known_at
    return CheckRequest(question, first, days, agency, after, limit or PAGE, known, opening, sample)


def _count(
    given: dict[str, str], name: str, default: int | None, least: int, most: int, faults: list[Fault]
) -> int | None:
    text = given.pop(name, "")
    if not text:
        return default
    number = number_within(text, least, most)
    if number is None:
        faults.append(Fault.of(name, text, "check_page", least=least, most=most))
        return default
    return number
