"""Reconcile a ratio: the steps of numerator and denominator as steps in percentage points, and the rounding."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference import FIGURES
from services.chassis.problems import Fault, Problem
from services.reporting.facts import Connection
from services.reporting.figures import Question
from services.reporting.reconciliation import queries
from services.reporting.reconciliation.causes import Possible
from services.reporting.reconciliation.document import plain
from services.reporting.reconciliation.domain.choice import Declared, choose
from services.reporting.reconciliation.domain.waterfall import Cause, rounding_of, telescope, waterfall
from services.reporting.reconciliation.reconciled import Reconciled
from services.reporting.reconciliation.scenarios import Decomposition, Scenarios


async def reconcile_percent(
    connection: Connection,
    question: Question,
    chosen: Sequence[Declared],
    scenarios: Scenarios,
    above: Decomposition,
    below: Decomposition,
    definition: dict[str, Fraction],
) -> Reconciled:
    """Return the reconciliation of a ratio, in percentage points.

    Each step is the change of the percentage when numerator and denominator both take their step of that name.
    """
    names = dict.fromkeys([name for name, _ in above.stages] + [name for name, _ in below.stages])
    start = _percent(above.then, below.then)
    stages, up, down = [], above.then, below.then
    # "other_date" comes last, as for a count; the sort is stable and keeps the other steps in order.
    for name in sorted(names, key=lambda name: name == "other_date"):
        up, down = dict(above.stages).get(name, up), dict(below.stages).get(name, down)
        stages.append((name, _percent(up, down)))
    now, computed = _percent(above.now, below.now), _percent(above.asked, below.asked)
    declared = chosen[0]
    causes, taken = _causes(declared.value, start, now)
    measured = definition | telescope(stages, start)
    steps = waterfall(Fraction(declared.value), measured, computed, causes, taken)
    return Reconciled(
        question=question,
        declared=declared,
        others=chosen[1:],
        scenarios=scenarios,
        steps=steps,
        then=start,
        now=now,
        computed=computed,
        above=above,
        below=below,
        possible=Possible(causes, {}),
        percent=await _counts(connection, question, declared, above, below)
        | {"rounding": rounding_of(declared.value, start) or rounding_of(declared.value, now)},
    )


def _percent(above: Fraction, below: Fraction) -> Fraction:
    if not below:
        raise Problem.invalid([Fault.of("figure", None, "reconcile_no_value")])
    return above * 100 / below


def _causes(declared: Decimal, start: Fraction, now: Fraction) -> tuple[list[Cause], dict[str, Fraction]]:
    """Return the causes where the declared percentage is the rounded one, as known at the cut-off or else as known now."""
    for known, causes in ((start, []), (now, [Cause("already_known", now - start)])):
        if rounding_of(declared, known) is not None:
            slip = Fraction(declared) - known
            causes = [cause for cause in [*causes, Cause("rounding", slip)] if cause.effect]
            return causes, {cause.step: cause.effect for cause in causes}
    return [], {}


async def _counts(
    connection: Connection, question: Question, declared: Declared, above: Decomposition, below: Decomposition
) -> dict[str, Any]:
    """Return numerator and denominator, as computed and as the same agency declared them for the same dates.
    ``of_declared_counts`` says whether the declared percent follows from the agency's own two counts.
    """
    figure = question.figure
    found: dict[str, Any] = {"of_declared_counts": None}
    said: list[Decimal] = []
    for which, code, decomposition in (
        ("numerator", figure.numerator, above),
        ("denominator", figure.denominator, below),
    ):
        assert code is not None
        near = choose(
            [
                one
                for one in await queries.declarations(connection, code, question.known_at)
                if (one.agency, one.area) == (declared.agency, declared.area)
                and one.same_dates(declared.day, declared.first)
            ],
            declared.day,
            declared.first,
        )
        said += [one.value for one in near[:1]]
        found[which] = {
            "figure": code,
            "vi": FIGURES[code].vi,
            "en": FIGURES[code].en,
            "declared": plain(Fraction(near[0].value)) if near else None,
            "known_at_cut_off": plain(decomposition.then),
            "known_now": plain(decomposition.now),
            "computed": plain(decomposition.asked),
        }
    # A declared denominator of 0 gives no percent to compare with.
    if len(said) == 2 and said[1]:
        percent = Fraction(said[0]) * 100 / Fraction(said[1])
        rounding = rounding_of(declared.value, percent)
        found["of_declared_counts"] = {"percent": plain(percent), "rounding": rounding}
    return found
