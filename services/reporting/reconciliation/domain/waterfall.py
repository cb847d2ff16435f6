"""The waterfall: from a declared number to a computed one, in steps whose counts add up to the difference.

Two kinds of steps. *Measured* steps are differences of two numbers that the log gives: the figure in a fully specified
scenario, and the figure in a scenario in which one thing is otherwise. They telescope, so nothing is lost between them.
*Possible* steps are other ways of counting that an agency may have used. What each would change is computed from the
log as well; that the agency really counted so is not known, and therefore they explain only what is left, never more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from typing import Literal

Kind = Literal["measured", "possible", "unexplained"]

MEASURED = ("other_date", "recorded_late", "corrected_since", "voided_since", "linked_since", "changed_since")
"""Steps that two states of the log give; ``changed_since`` stands for the four before it where no record is counted."""
POSSIBLE = (
    "own_sum",
    "counted_twice",
    "not_on_list",
    "residence_elsewhere",
    "facility_area",
    "other_status",
    "ended_before",
    "area_missing",
    "already_known",
    "rounding",
)
"""Other ways of counting, those with the firmest evidence first: the order in which they are tried."""
UNEXPLAINED = "unexplained"
ORDER = ("other_date", "definition", *MEASURED[1:], *POSSIBLE, UNEXPLAINED)
"""The order in which steps are shown."""


Use = Literal["part", "entire", "exact"]
USES: Mapping[str, Use] = {"other_status": "entire", "ended_before": "entire", "already_known": "exact"}
"""How a cause may be used where no causes give the remainder exactly; those not named here for a part of it.

``part``: for some of its records only (some duplicates were noticed, others were not). ``entire``: with all of them or
with none, since a choice among many candidates would explain anything. ``exact``: only where nothing is left then.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """A way of counting that would change the declared number by ``effect``; see ``USES``."""

    step: str
    effect: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """``count`` is what the step adds to *declared − computed*; ``found`` is all that the log would allow it to be."""

    name: str
    kind: Kind
    count: Fraction
    found: Fraction


def waterfall(
    declared: Fraction,
    measured: Mapping[str, Fraction],
    computed: Fraction,
    causes: Sequence[Cause],
    taken: Mapping[str, Fraction] | None = None,
) -> list[Step]:
    """Return the steps from the declared number to the computed one, in the order in which they are shown.

    ``measured`` holds the effect of each measured step on *declared − computed*. What is left after them is given to
    ``causes``: as ``taken`` says, else by the rule of ``attribute``. What these leave is the last step. The counts add
    up to the difference exactly.
    """
    remainder = declared - computed - sum(measured.values(), Fraction())
    taken = attribute(remainder, causes) if taken is None else taken
    steps = [Step(name, "measured", count, count) for name, count in measured.items()]
    steps += [Step(cause.step, "possible", taken[cause.step], cause.effect) for cause in causes]
    rest = remainder - sum(taken.values(), Fraction())
    steps.append(Step(UNEXPLAINED, "unexplained", rest, rest))
    return sorted(steps, key=lambda step: ORDER.index(step.name))


def attribute(remainder: Fraction, causes: Sequence[Cause]) -> dict[str, Fraction]:
    """Return how much of the remainder each cause explains; causes that pull the other way explain nothing.

    The fewest causes that give the remainder exactly are taken entirely, of equally few the ones named first. Where
    none do, each in turn takes as much as is left and as it can give, within what ``USES`` allows it.
    """
    taken = {cause.step: Fraction() for cause in causes}
    helpful = [cause for cause in causes if cause.effect * remainder > 0]
    # Few causes that give the sum exactly are the simplest explanation; without such, the rest is shared out below.
    for size in range(1, len(helpful) + 1):
        for chosen in combinations(helpful, size):
            if sum((cause.effect for cause in chosen), Fraction()) == remainder:
                return taken | {cause.step: cause.effect for cause in chosen}
    rest = remainder
    for cause in helpful:
        use = USES.get(cause.step, "part")
        if use == "part" or (use == "entire" and abs(cause.effect) <= abs(rest)):
            # Never more than is left: a possible cause must not create a difference of its own.
            taken[cause.step] = min(rest, cause.effect, key=abs)
            rest -= taken[cause.step]
    return taken


def telescope(stages: Iterable[tuple[str, Fraction]], start: Fraction) -> dict[str, Fraction]:
    """Return what each stage adds to *declared − computed*, given the number that it leads to; repeated names add up."""
    steps: dict[str, Fraction] = {}
    before = start
    for name, after in stages:
        steps[name] = steps.get(name, Fraction()) + before - after
        before = after
    return steps


def rounding_of(declared: Decimal, exact: Fraction) -> Literal["exact", "rounded", "truncated"] | None:
    """Return how the declared number comes from the exact one, at the decimals that it is declared with; None = it does not.

    Half-up is the one rule of rounding used here; cutting off is told apart because published tables do it.
    """
    if Fraction(declared) == exact:
        return "exact"
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    # 78 and 78.0 are equal numbers but claim different precision, so the decimals as written count.
    places = Decimal((0, (1,), int(declared.as_tuple().exponent)))
    if value.quantize(places, ROUND_HALF_UP) == declared:
        return "rounded"
    return "truncated" if value.quantize(places, ROUND_DOWN) == declared else None
