"""One figure of an area and period: its number, its parts, its months, and why it changed between two days of knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.envelope import VIETNAM
from services.chassis.problems import Fault, Problem
from services.reporting.facts import Connection
from services.reporting.figures import (
    Answer,
    QueryService,
    Question,
    Reader,
    figure_of,
    parse_known_at,
    with_rates,
)
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.preparing import PREPARING, Preparing
from services.reporting.pages.series import Series, plan, series
from services.reporting.reconciliation import EXACT_ONLY, MEASURED, UNEXPLAINED, Given, reconcile

PEOPLE = (1_000, 10_000, 100_000)
"""For how many people rates are made."""
WHY = ("definition", *MEASURED[1:], UNEXPLAINED)
"""What may have changed a number between two days of knowledge; ``page.figure.why.<what>`` says it."""
VIEWED = ("by", "across", "per", "since")
"""The parameters that say how a figure is looked at."""


@dataclass(frozen=True, slots=True)
class View:
    """How a figure is looked at: ``by`` and ``across`` are the dimensions of its parts, ``per`` so many people.

    ``since`` is the earlier day of knowledge that the number is held against, as it was asked.
    """

    by: str = ""
    across: str = ""
    per: int | None = None
    since: str = ""

    @property
    def breakdown(self) -> str:
        """Return the parameter ``by`` of the question."""
        return ",".join(name for name in (self.by, self.across) if name)


def view_of(figure: str, given: Mapping[str, str]) -> View:
    """Return how the parameters say that a figure is looked at.

    Raises:
        Problem: 404 for an unknown figure, 422 for a number of people that rates are not made for.
    """
    known = figure_of(figure)
    said = {name: value.strip() for name, value in given.items()}
    by, across = said["by"], said["across"]
    if not by or by == across:
        # Columns alone are rows.
        by, across = by or across, ""
    per = said["per"]
    if per and per not in map(str, PEOPLE):
        raise Problem.invalid([Fault.of("per", per, "rate_per", allowed=", ".join(map(str, PEOPLE)))])
    rated = per and known.kind != "ratio" and not across
    return View(by, across, int(per) if rated else None, said["since"])


@dataclass(frozen=True, slots=True)
class Why:
    """Why a number changed: ``then`` and ``now`` by the two days of knowledge, and what each kind of change did to it."""

    then: float | None
    now: float | None
    known_then: date
    steps: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a figure. A problem stands in the place of what the reader is not told.

    ``parts`` and ``why`` are None where they were not asked; ``series`` is None for a reader who is told released numbers.
    """

    question: Question
    whole: Mapping[str, Any] | Problem
    parts: Mapping[str, Any] | Problem | None
    series: Series | None
    why: Why | Problem | None


async def see(
    queries: QueryService, preparing: Preparing, reader: Reader, figure: str, chosen: Chosen, view: View
) -> Seen:
    """Return the figure as the reader may see it.

    Raises:
        Problem: 404 for an unknown figure, 422 for a wrong breakdown or where nothing was known yet at the instant asked,
            503 while its release is being made.
    """
    question = chosen.question(figure)
    asked = [question]
    if view.breakdown:
        asked.append(chosen.question(figure, by=view.breakdown))
    exact = queries.sees_exact(figure, question.day, reader)
    over_time = plan(figure, chosen, view.by) if exact else None
    later = [] if over_time is None else over_time.questions
    answers = await preparing.ask_all([*asked, *later], reader)
    for answer in answers:
        if isinstance(answer, Problem) and answer.status == PREPARING:
            raise answer
    return Seen(
        question,
        _document(answers[0], question, view.per),
        _document(answers[1], asked[1], view.per) if view.breakdown else None,
        None if over_time is None else series(over_time, answers[len(asked) :]),
        await _why(queries, reader, figure, chosen, view.since) if view.since else None,
    )


def _document(answer: Answer | Problem, question: Question, per: int | None) -> Mapping[str, Any] | Problem:
    if isinstance(answer, Problem):
        return answer
    return answer.document if per is None else with_rates(answer.document, question, per)


async def _why(
    queries: QueryService, reader: Reader, figure: str, chosen: Chosen, since: str
) -> Why | Problem:
    """Return why the number changed since the end of an earlier day; the problem where the reader is not told."""
    day = _earlier_day(chosen, since)
    now, before = chosen.question(figure), chosen.question(figure, known_at=day.isoformat())
    (then,) = await queries.ask_all([before], reader)
    if isinstance(then, Problem):
        return then
    value = then.document["value"]
    if value is None:
        return Why(None, None, day, ())

    async def explained(connection: Connection) -> dict[str, Any]:
        # What the system itself said on that day is put in the place of what an agency would have declared then.
        return await reconcile(
            connection, now, None, chosen.now, given=Given(Decimal(str(value)), declared_on=day)
        )

    try:
        found, _ = await queries.read_exact(now, reader, EXACT_ONLY, explained)
    except Problem as refused:
        if refused.status not in (403, 422):
            raise
        return refused
    steps: dict[str, float] = {}
    for one in found["steps"]:
        # Possible causes are guesses about an agency's way of counting: of the system's own number they say nothing.
        step = one["step"] if one["step"] in WHY else UNEXPLAINED
        steps[step] = steps.get(step, 0) - one["count"]
    return Why(value, found["computed"], day, [(step, count) for step, count in steps.items() if count])


def _earlier_day(chosen: Chosen, since: str) -> date:
    """Return the day of knowledge to compare with; Problem 422 where it is no day, or none before the one shown."""
    faults: list[Fault] = []
    instant = parse_known_at({"known_at": since}, faults, chosen.now)
    if instant is not None and instant > (chosen.known_at or instant):
        faults.append(Fault.of("known_at", since, "page.figure.since_later"))
    if instant is None or faults:
        raise Problem.invalid([Fault("since", since, fault.rule, fault.message) for fault in faults])
    return instant.astimezone(VIETNAM).date()
