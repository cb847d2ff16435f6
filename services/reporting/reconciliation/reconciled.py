"""The result of one reconciliation as numbers, before it becomes a JSON document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from services.reporting.figures import Question
from services.reporting.reconciliation.causes import Possible
from services.reporting.reconciliation.coincidences import Coincidence
from services.reporting.reconciliation.domain.choice import Declared
from services.reporting.reconciliation.domain.waterfall import Step
from services.reporting.reconciliation.parts import Parts
from services.reporting.reconciliation.scenarios import Decomposition, Scenarios


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A declared number, the figure in the three scenarios, and the steps between; of a ratio in percent.

    ``log_kept``: whether the log could tell what the agency knew at its cut-off; where it could not, the agency is taken
    to have known what the asker knows. ``above`` is the decomposition of the figure, of a ratio that of its numerator and ``below`` that of its denominator.
    """

    question: Question
    declared: Declared
    others: Sequence[Declared]
    scenarios: Scenarios
    steps: Sequence[Step]
    then: Fraction
    now: Fraction
    computed: Fraction
    above: Decomposition
    below: Decomposition | None
    possible: Possible
    parts: Parts | None = None
    percent: Mapping[str, Any] | None = None
    leads: Sequence[Coincidence] = ()
    log_kept: bool = True

    @property
    def difference(self) -> Fraction:
        """Return declared − computed."""
        return Fraction(self.declared.value) - self.computed

    @property
    def unexplained(self) -> Fraction:
        """Return the part of the difference that no step explains: the count of the last step."""
        return self.steps[-1].count
