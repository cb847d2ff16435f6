"""Whether a period may be closed as it was handed in: what is missing is accepted by somebody by name, or nothing is closed."""

from collections.abc import Mapping, Sequence

from contracts.forms import FORMS
from services.chassis.problems import Fault, Problem
from services.reporting.closing.ordering import Acceptance
from texts import Message


def missing_registers(hand_ins: Mapping[str, Mapping[str, int]]) -> list[Fault]:
    """Return a fault for each form of which something is missing, or awaited still; ``hand_ins``: counts by form and state."""
    return [
        Fault.of(
            f"registers.{form}",
            states["missing"] + states["awaited"],
            "closing_register_missing",
            form=Message(FORMS[form].vi, FORMS[form].en),
            missing=states["missing"] + states["awaited"],
            expected=states["expected"],
        )
        for form, states in hand_ins.items()
        if states["missing"] or states["awaited"]
    ]


def check_accepted(missing: Sequence[Fault], accepted: Acceptance | None) -> None:
    """Refuse to close a period of which registers have not come, unless somebody accepts it.

    Raises:
        Problem: 409 with what is missing.
    """
    if missing and accepted is None:
        raise Problem(409, "closing_unaccepted", faults=missing)
