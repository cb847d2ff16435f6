"""The waterfall: from a declared number to a computed one, in steps whose counts add up to the difference.

There are two kinds of steps. A *measured* step is the difference of two numbers computed from the log: the figure in one
scenario, and in the next one, in which a single thing differs. Together they lead from the first scenario to the last,
so they leave nothing out. A *possible* step is another way of counting that an agency may have used. The difference that
it would make is computed from the log too, but nobody knows whether the agency really counted so. So possible steps
explain at most the difference that the measured ones leave.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from typing import Literal

Kind = Literal["measured", "possible", "unexplained"]

MEASURED = ("other_date", "recorded_late", "corrected_since", "voided_since", "linked_since", "changed_since")
"""Measured steps. ``changed_since`` replaces the four before it for figures that count no records."""
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
"""Possible steps in the order in which they are tried: those with the strongest evidence first."""
UNEXPLAINED = "unexplained"
ORDER = ("other_date", "definition", *MEASURED[1:], *POSSIBLE, UNEXPLAINED)
"""The order in which steps are shown."""


Use = Literal["part", "entire", "exact"]
USES: Mapping[str, Use] = {"other_status": "entire", "ended_before": "entire", "already_known": "exact"}
"""How much of a cause may be used where no causes give the remainder exactly. A cause not named here: ``part``.
``part``: for some of its records only (some duplicates were noticed, others were not). ``entire``: with all of them or
with none, since a choice among many candidates would explain anything. ``exact``: only where nothing is left then.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """A way of counting that would make the declared number greater by ``effect`` (smaller where negative); see ``USES``."""

    step: str
    effect: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the waterfall. ``count`` is the part of *declared − computed* that it explains.

    ``found`` is the whole difference that the log shows for it; a possible step may use only a part of it.
    """

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
    # Fractions, because percentages have endless decimals and the steps must add up exactly.
    remainder = declared - computed - sum(measured.values(), Fraction())
    taken = attribute(remainder, causes) if taken is None else taken
    steps = [Step(name, "measured", count, count) for name, count in measured.items()]
    steps += [Step(cause.step, "possible", taken[cause.step], cause.effect) for cause in causes]
    rest = remainder - sum(taken.values(), Fraction())
    steps.append(Step(UNEXPLAINED, "unexplained", rest, rest))
    return sorted(steps, key=lambda step: ORDER.index(step.name))


def attribute(remainder: Fraction, causes: Sequence[Cause]) -> dict[str, Fraction]:
    """Return how much of the remainder each cause explains; causes with the opposite sign explain nothing.

    Where some causes add up to the remainder exactly, the fewest of them are used whole; of equally few the ones named
    first. Otherwise each cause in turn explains as much as is left, at most its effect and only as ``USES`` allows.

    Example: of a remainder of 5 with the effects 4, 3 and 2, the causes 3 and 2 are used. With the effects 4 and 3 the
    first explains 4 and the second 1 (``part``).
    """
    taken = {cause.step: Fraction() for cause in causes}
    helpful = [cause for cause in causes if cause.effect * remainder > 0]
    # The fewest causes that give the sum exactly are the simplest explanation. Without any, the loop below shares it out.
    # There are ten possible causes, so trying every choice of them costs a thousand sums at most.
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
    """Return what each stage adds to *declared − computed*: the number before it less the number that it leads to.

    Stages with the same name are added up.
    """
    steps: dict[str, Fraction] = {}
    before = start
    for name, after in stages:
        steps[name] = steps.get(name, Fraction()) + before - after
        before = after
    return steps


def rounding_of(declared: Decimal, exact: Fraction) -> Literal["exact", "rounded", "truncated"] | None:
    """Return how the declared number follows from the exact one, at its own number of decimals; None where it does not.

    Numbers are rounded half up here. Cutting off decimals ("truncated") is reported apart, because published tables do it.
    """
    if Fraction(declared) == exact:
        return "exact"
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    # 78 and 78.0 are equal numbers of different precision, so the number of decimals as written is used.
    places = Decimal((0, (1,), int(declared.as_tuple().exponent)))
    if value.quantize(places, ROUND_HALF_UP) == declared:
        return "rounded"
    return "truncated" if value.quantize(places, ROUND_DOWN) == declared else None
