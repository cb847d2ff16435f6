"""How the number of a month grew after its end: what was known of it some weeks later, beside what is known now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles

from contracts.envelope import VIETNAM
from reference import Period
from services.chassis.problems import Problem
from services.reporting.figures import Answer, QueryService, Question, Reader, Reading, scope_of
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.series import asked_in, months_until
from services.reporting.reconciliation import EXACT_ONLY

WEEKS = (1, 2, 4, 8, 13)
"""How many weeks after the end of a month it is looked at."""
LEAST_MONTHS = 4
"""Of fewer months nothing is said of what to expect."""
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Month:
    """A month: what was known of it so many weeks after its end, where that can be said, and what is known now."""

    period: Period
    then: Mapping[int, float]
    now: float


@dataclass(frozen=True, slots=True)
class Mark:
    """What was known of the months so many weeks after their ends, in hundredths of what is known now; of ``months`` months.

    ``grew``: by how many hundredths the middle half of them grew since; None where there are few months.
    """

    weeks: int
    months: int
    least: float
    middle: float
    most: float
    grew: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Growth:
    """The months, earliest first, and the marks of which something can be said."""

    question: Question
    months: Sequence[Month]
    marks: Sequence[Mark]


async def see_growth(queries: QueryService, reader: Reader, figure: str, chosen: Chosen) -> Growth:
    """Return how the twelve months up to the end of the period grew.

    Raises:
        Problem: 403 for a reader who may not see exact numbers: what was known earlier is not released.
    """
    question = chosen.question(figure)
    queries.check_exact(figure, scope_of(question), reader, EXACT_ONLY)
    until = (chosen.known_at or chosen.now).astimezone(VIETNAM).date()
    first = await queries.read(_first_known)
    asked = [
        (month, weeks, one)
        for month in months_until(chosen.period)
        for weeks in (None, *WEEKS)
        if (one := _asked(figure, chosen, month, weeks, first, until)) is not None
    ]
    answers = await queries.ask_all([one for *_, one in asked], reader)
    found: dict[str, dict[int | None, float]] = {}
    periods: dict[str, Period] = {}
    for (month, weeks, _), answer in zip(asked, answers, strict=True):
        value = _value(answer)
        if value is not None:
            periods[month.code] = month
            found.setdefault(month.code, {})[weeks] = value
    months = [
        Month(periods[code], {weeks: value for weeks, value in known.items() if weeks}, known[None])
        for code, known in found.items()
        if None in known and len(known) > 1
    ]
    return Growth(question, months, marks_of(months))


async def _first_known(reading: Reading) -> date | None:
    first = reading.watermark.first
    return None if first is None else first.astimezone(VIETNAM).date()


def _asked(
    figure: str, chosen: Chosen, month: Period, weeks: int | None, first: date | None, until: date
) -> Question | None:
    """Return the question of a month by the knowledge of its end and so many weeks; None where nobody knew or knows it yet."""
    if weeks is None:
        return asked_in(figure, chosen, month, {})
    day = month.last + timedelta(weeks=weeks)
    if first is None or not first <= day < until:
        return None
    return asked_in(figure, chosen, month, {"known_at": day.isoformat()})


def _value(answer: Answer | Problem) -> float | None:
    return None if isinstance(answer, Problem) else answer.document["value"]


def marks_of(months: Sequence[Month]) -> list[Mark]:
    """Return what the months say at each mark; a month of which nothing is known now says nothing."""
    marks = []
    for weeks in WEEKS:
        pairs = [(one.then[weeks], one.now) for one in months if weeks in one.then and one.now > 0]
        if not pairs:
            continue
        shares = [then * _HUNDRED / now for then, now in pairs]
        grew = [(now - then) * _HUNDRED / then for then, now in pairs if then > 0]
        middle_half = None
        if len(grew) >= LEAST_MONTHS:
            quarter, _, three_quarters = quantiles(grew, n=4, method="inclusive")
            middle_half = (quarter, three_quarters)
        marks.append(Mark(weeks, len(pairs), min(shares), median(shares), max(shares), middle_half))
    return marks
