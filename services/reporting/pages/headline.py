"""The headline figures of an area and period: each with its change, its edition, and what of its registers was handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from reference import FIGURES, Period, figures_of, forms_behind
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.figures import (
    Answer,
    QueryService,
    Question,
    Reader,
    Reading,
    Remembered,
    knowledge,
)
from services.reporting.ledger.completeness import Span, undeclared
from services.reporting.ledger.usecases import Asked, Ledger, ledger
from services.reporting.pages import periods
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.editions import Edition, editions_in
from services.reporting.pages.preparing import Preparing

SET = "headline"
"""The set of figures that the page shows (``figure-sets.csv``)."""
Number = int | float
State = Literal["shown", "withheld", "not_released", "preparing", "refused", "none"]
"""Whether a number is shown; if not: hidden in its release, released otherwise or not at all, its release still being made,
another's, or not there."""
_STATES: Mapping[int, State] = {403: "refused", 503: "preparing"}
Compared = Literal["shown", "incomplete", "protected", "no_period"]
"""Whether the change is shown; if not: a register of either period is not declared complete, the number is protected, or
there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Registers of the period behind a figure: how many are expected, and how many of them came, in time or late.

    ``came`` and ``late`` are None where they would tell of few units.
    """

    expected: int
    came: int | None
    late: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One headline figure. ``why`` is the problem that stands in the place of a number that is not there."""

    figure: str
    state: State
    value: Number | None
    why: Problem | None
    change: Number | None
    compared: Compared
    handed: Handed | None
    edition: Edition | None


@dataclass(frozen=True, slots=True)
class Headline:
    """All lines of a choice, and the period that they are compared with.

    ``released``: the reader is told some of the numbers as they were released, not exactly.
    """

    lines: list[Line]
    before: Period | None
    released: bool


async def headline(
    platform: Platform,
    queries: QueryService,
    preparing: Preparing,
    reader: Reader,
    chosen: Chosen,
    remembered: Remembered,
    listed: Sequence[Mapping[str, Any]],
) -> Headline:
    """Return the headline figures as the reader may see them; released ones as far as they are prepared.

    ``listed`` are the closings, the newest first.

    Raises:
        Problem: 422 where nothing was known yet at the instant asked.
    """
    figures = figures_of(SET, chosen.period.last)
    before = periods.before(chosen.period)
    now = {figure: chosen.question(figure) for figure in figures}
    earlier = {figure: _earlier(queries, reader, chosen, now[figure], before) for figure in figures}
    compared = {figure: one for figure, one in earlier.items() if isinstance(one, Question)}
    answers = await preparing.ask_all([*now.values(), *compared.values()], reader)
    past = dict(zip(compared, answers[len(now) :], strict=True))
    unsure = await _undeclared(queries, reader, chosen, now, compared, remembered)
    handed = await handed_in(platform, reader, chosen, remembered)
    editions = editions_in(listed, chosen, queries, reader)
    lines = []
    for figure, answer in zip(figures, answers, strict=False):
        question = earlier[figure]
        how: Compared = "incomplete" if figure in unsure else "shown"
        if not isinstance(question, Question):
            how = question
        own = None if handed is None else handed_of(figure, handed)
        lines.append(_line(figure, answer, past.get(figure), how, own, editions.get(figure)))
    released = not all(queries.sees_exact(figure, now[figure].day, reader) for figure in figures)
    return Headline(lines, before, released)


def _earlier(
    queries: QueryService, reader: Reader, chosen: Chosen, question: Question, before: Period | None
) -> Question | Literal["protected", "no_period"]:
    """Return the question that a figure is compared with, or why it is not compared."""
    figure = question.figure.code
    # Only exact numbers are compared: to release another period for the comparison alone takes too long for a reader.
    if not queries.sees_exact(figure, question.day, reader):
        return "protected"
    try:
        found = None if before is None else chosen.question(figure, before)
    except Problem:
        # The area was not there in the period before: nothing of it can be compared.
        found = None
    if found is None:
        return "no_period"
    return found if queries.sees_exact(figure, found.day, reader) else "protected"


def parts_of(figure: str) -> tuple[str, ...]:
    """Return the figures whose registers a figure rests on: those of a ratio, else itself."""
    found = FIGURES[figure]
    return (
        (found.code,) if found.kind != "ratio" else tuple(filter(None, (found.numerator, found.denominator)))
    )


def forms_of(figure: str) -> frozenset[str]:
    """Return the forms that are handed in period by period behind a figure."""
    return frozenset(form for part in parts_of(figure) for form in forms_behind(part))


async def _undeclared(
    queries: QueryService,
    reader: Reader,
    chosen: Chosen,
    now: Mapping[str, Question],
    earlier: Mapping[str, Question],
    remembered: Remembered,
) -> frozenset[str]:
    """Return the figures of which a register, of this period or the one before, is not declared complete by everybody."""
    spans = {
        figure: {
            Span(form, one.first or one.day, one.day)
            for one in (now[figure], question)
            for form in forms_of(figure)
        }
        for figure, question in earlier.items()
    }
    wanted = frozenset(span for those in spans.values() for span in those)

    async def ask(reading: Reading) -> frozenset[Span]:
        known_at = chosen.known_at or chosen.now
        who = (reader.actor, reader.today)
        key = ("undeclared", who, chosen.area.uid, wanted, knowledge(reading.watermark, known_at))
        return await remembered.get(
            reading.watermark, key, lambda: undeclared(reading, chosen.area, wanted, known_at, reader)
        )

    lacking = await queries.read(ask) if wanted else frozenset()
    return frozenset(figure for figure, those in spans.items() if those & lacking)


async def handed_in(
    platform: Platform, reader: Reader, chosen: Chosen, remembered: Remembered
) -> Ledger | None:
    """Return the ledger of the period as the reader may see it; None where he may see nothing of it."""
    known_at = min(chosen.known_at or chosen.now, chosen.now)
    try:
        return await ledger(platform, reader, Asked(chosen.period, chosen.area, known_at), remembered)
    except Problem as refused:
        if refused.status != 403:
            raise
        return None


def handed_of(figure: str, found: Ledger) -> Handed | None:
    """Return what was handed in of the registers behind a figure; None where none is expected of anybody."""
    counts = [found.counts[form] for form in forms_of(figure) if form in found.counts]
    if not counts:
        return None
    return Handed(
        sum(one["expected"] or 0 for one in counts),
        _sum([one["received"] for one in counts] + [one["late"] for one in counts]),
        _sum([one["late"] for one in counts]),
    )


def _sum(numbers: Sequence[int | None]) -> int | None:
    return None if None in numbers else sum(number or 0 for number in numbers)


def state_of(why: Problem) -> State:
    """Return why there is no number: a problem of `Preparing.ask_all`, by its status."""
    return _STATES.get(why.status, "not_released")


def _line(
    figure: str,
    answer: Answer | Problem,
    past: Answer | Problem | None,
    compared: Compared,
    handed: Handed | None,
    edition: Edition | None,
) -> Line:
    if isinstance(answer, Problem):
        return Line(figure, state_of(answer), None, answer, None, "protected", handed, edition)
    value = answer.document["value"]
    change = None
    if compared == "shown" and isinstance(past, Answer):
        change = difference(value, past.document["value"])
        compared = "no_period" if change is None else "shown"
    state: State = "withheld" if answer.document.get("suppressed") else "none" if value is None else "shown"
    return Line(figure, state, value, None, change, compared, handed, edition)


def difference(now: Number | None, then: Number | None) -> Number | None:
    """Return how much more it is now than then, exactly; None where either is not there."""
    if now is None or then is None:
        return None
    # As people read them: the difference of 78.3 and 78.1 is 0.2.
    exact = Decimal(str(now)) - Decimal(str(then))
    return int(exact) if exact == exact.to_integral_value() else float(exact)
