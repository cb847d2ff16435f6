"""Reconcile a declared number with the computed figure; the API, the command and reports show the resulting document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference import Figure, area_book, version_of
from services.chassis.problems import Fault, Problem
from services.reporting.facts import FOREVER, Connection
from services.reporting.figures import Question, Reader, Reading, Scope, scope_of
from services.reporting.reconciliation import document, queries
from services.reporting.reconciliation.causes import Possible, possible
from services.reporting.reconciliation.coincidences import coincidences
from services.reporting.reconciliation.decomposition import decompose
from services.reporting.reconciliation.document import Listing
from services.reporting.reconciliation.domain.choice import Declared, choose
from services.reporting.reconciliation.domain.waterfall import waterfall
from services.reporting.reconciliation.parts import compare_parts, parts_of
from services.reporting.reconciliation.percents import reconcile_percent
from services.reporting.reconciliation.reconciled import Reconciled
from services.reporting.reconciliation.scenarios import Decomposition, Scenarios

# Where less than a tenth of today's records was known at the cut-off, the registers were handed in later as a whole.
_LATE_LOG_RATIO = 10
EXACT_ONLY = "reconcile_exact_numbers"
"""The rule that refuses readers who may not see exact numbers of the figure."""


@dataclass(frozen=True, slots=True)
class Given:
    """A number that was not handed in as a row of the form. Dates left out are those asked.

    ``declared_on``: until the end of this day its agency knew; None = it knew what the asker knows.
    """

    value: Decimal
    day: date | None = None
    first: date | None = None
    declared_on: date | None = None


async def declared_in(reading: Reading, known_at: datetime | None) -> list[Declared]:
    """Return what any agency declared for any figure and area. Declared numbers are no figures: nobody counted them."""
    return await queries.declarations(reading.unprotected, None, known_at)


async def reconcile_for(
    reader: Reader, reading: Reading, question: Question, agency: str | None, now: datetime
) -> dict[str, Any]:
    """Return what `reconcile` finds, as counts; Problem 403 for a reader who may not see exact numbers of the figure."""
    scope = scope_of(question)
    # The steps add up to exact numbers, so they need the same right as the exact number itself.
    connection = reading.exact(question.figure.code, scope, reader, EXACT_ONLY)
    return await reconcile(connection, question, agency, now)


async def reconcile(
    connection: Connection,
    question: Question,
    agency: str | None,
    now: datetime,
    *,
    given: Given | None = None,
    against: str | None = None,
    listing: Listing | None = None,
) -> dict[str, Any]:
    """Return the waterfall between what an agency declared and what the log says, as JSON values.

    ``question`` names the figure, area, dates and knowledge on our side. ``agency`` may be None only with ``given``.
    ``against`` is a second agency: its number is reconciled too, and the answer leads from one to the other.
    ``listing`` says which records are listed; None = counts only. The connection reads one snapshot (``snapshot.reading``).

    Raises:
        Problem: 404 where the agency declared nothing for the figure and area, 422 where a number is missing.
    """
    declarations = await queries.declarations(connection, question.figure.code, question.known_at)
    chosen = _chosen(question, agency, given, declarations)
    found = await _reconciled(connection, question, chosen, declarations)
    answer = document.written(found, listing, now)
    if against is not None:
        others = _chosen(question, against, None, declarations)
        other = await _reconciled(connection, question, others, declarations)
        answer["against"] = document.written(other, listing, now)
        answer["between"] = document.between(found, other, now)
    return answer


def _chosen(
    question: Question, agency: str | None, given: Given | None, declarations: list[Declared]
) -> list[Declared]:
    """Return the declarations of the agency for the area: the one meant first, then the others, nearest in time first."""
    figure, uid = question.figure.code, question.area.uid
    mine = [one for one in declarations if one.agency == agency and one.area == uid]
    mine = choose(mine, question.day, question.first)
    if given is not None:
        known_at = question.known_at or FOREVER
        first = None if question.first is None else given.first or question.first
        return [
            Declared(
                agency=agency,
                figure=figure,
                area=uid,
                day=given.day or question.day,
                first=first,
                value=given.value,
                declared_on=given.declared_on,
                cut_off=known_at if given.declared_on is None else queries.end_of(given.declared_on),
                source=None,
                unit=None,
                record_id=None,
            ),
            *mine,
        ]
    if not mine:
        raise nothing_declared(question, agency, declarations)
    return mine


def nothing_declared(question: Question, agency: str | None, declarations: Sequence[Declared]) -> Problem:
    """Return the problem 404, which names the declarations for the figure by other agencies and for areas inside this one."""
    # A caller who may ask about the area learns of declarations for it and inside it, not of what lies beside.
    near = [one for one in declarations if _lies_in(one.area, question)]
    shown = "; ".join(document.in_short(one) for one in near[:10])
    fault = Fault.of(
        "agency", agency, "reconcile_declared_instead" if near else "reconcile_none_declared", declared=shown
    )
    return Problem(
        404,
        "reconcile_not_declared",
        faults=[fault],
        agency=agency or "",
        figure=question.figure.code,
        area=question.area.name,
    )


def _lies_in(uid: str, question: Question) -> bool:
    """Return whether an area of any time is the area asked about or surely lies in it."""
    place = area_book().placed(uid, question.hierarchy)
    return place is not None and question.area.uid in area_book().ancestors(place.uid)


async def _reconciled(
    connection: Connection,
    question: Question,
    chosen: Sequence[Declared],
    declarations: Sequence[Declared],
) -> Reconciled:
    figure, declared = question.figure, chosen[0]
    scenarios = _scenarios(question, declared)
    above, below = await _decomposed(connection, figure, scenarios)
    log_kept = not _log_missing(declared, above, below)
    # Otherwise nearly the whole number would be shown as recorded late, which explains nothing about the agency.
    if not log_kept:
        scenarios = scenarios.as_known_to_the_asker()
        above, below = await _decomposed(connection, figure, scenarios)
    definition = _definition(figure.code, scenarios)
    if below is not None:
        percent = await reconcile_percent(connection, question, chosen, scenarios, above, below, definition)
        return replace(percent, log_kept=log_kept)
    children = {} if declared.record_id is None else parts_of(declared, declarations)
    parts = await compare_parts(connection, figure.code, scenarios.then, scenarios.now, declared, children)
    measured = definition | above.steps()
    remainder = Fraction(declared.value) - above.then
    # Possible causes explain only what is left; where nothing is left they are not looked for.
    search = (
        await possible(connection, figure.code, scenarios.then, above, declared.value, parts, declared.agency)
        if remainder
        else Possible()
    )
    steps = waterfall(Fraction(declared.value), measured, above.asked, search.causes)
    # Other dates are tried only where something stays unexplained: each try computes the figure again.
    leads = await coincidences(connection, figure.code, scenarios, declared) if steps[-1].count else []
    return Reconciled(
        question=question,
        declared=declared,
        others=chosen[1:],
        scenarios=scenarios,
        steps=steps,
        then=above.then,
        now=above.now,
        computed=above.asked,
        above=above,
        below=None,
        possible=search,
        parts=parts,
        leads=leads,
        log_kept=log_kept,
    )


async def _decomposed(
    connection: Connection, figure: Figure, scenarios: Scenarios
) -> tuple[Decomposition, Decomposition | None]:
    """Return the decomposition of a figure and None, or those of a ratio's numerator and denominator."""
    decompositions = []
    for code in (figure.numerator or figure.code, figure.denominator):
        found = None if code is None else await decompose(connection, code, scenarios)
        if code is not None and found is None:
            raise Problem.invalid([Fault.of("figure", code, "reconcile_no_value")])
        decompositions.append(found)
    assert decompositions[0] is not None
    return decompositions[0], decompositions[1]


def _log_missing(declared: Declared, above: Decomposition, below: Decomposition | None) -> bool:
    """Return whether the log cannot tell what the agency knew, because it was filled long after the cut-off.

    This is assumed where the figure as known at the cut-off is less than a tenth of the figure as known now, and the latter
    is nearer to the declared number. Example: registers of 2023 handed in years later, without the days on which their
    rows were written.
    """
    if below is not None:
        return below.then * _LATE_LOG_RATIO < below.now
    value = Fraction(declared.value)
    return above.then * _LATE_LOG_RATIO < above.now and abs(value - above.now) < abs(value - above.then)


def _scenarios(question: Question, declared: Declared) -> Scenarios:
    """Return the scenarios: declared dates as known at the cut-off, the same as known to the reader, and the dates asked."""
    # A service whose clock is ahead may record events after our present instant, so "known now" has no limit.
    known_at = question.known_at or FOREVER
    # A reader who asks as known at an earlier instant must not see what the agency learnt after it.
    cut_off = min(declared.cut_off, known_at)
    first = declared.first
    if question.first is None:
        first = None
    elif first is None:
        # A ratio of two flows that was declared for a day only: its year up to that day.
        first = date(declared.day.year, 1, 1)
    asked = Scope(
        question.area.uid,
        question.day,
        question.first,
        question.known_at,
        by_facility=question.area_of == "facility",
        geography=question.geography,
    )
    there = replace(asked, day=declared.day, first=first)
    then = there if cut_off == known_at else replace(there, known_at=cut_off)
    return Scenarios(then, there, asked, cut_off, known_at)


def _definition(code: str, scenarios: Scenarios) -> dict[str, Fraction]:
    """Return the step "definition" where the two dates have different versions of it.

    Its count is 0, since no version changes how the figure is counted.
    """
    then, asked = (version_of(code, day) for day in (scenarios.now.day, scenarios.asked.day))
    return {} if then == asked else {"definition": Fraction()}
