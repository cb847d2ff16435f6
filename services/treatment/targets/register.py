"""The form ``targets`` as this service keeps it."""

from collections.abc import Iterator

from contracts.forms import FORMS
from reference import FIGURES
from services.registers import Fault, Register, Row
from services.treatment.targets.domain import can_be_assigned
from services.treatment.targets.messages import CORRECTED, VOIDED, milestones, snapshot


def figure_is_counted(row: Row, _: None) -> Iterator[Fault]:
    """A target names the counted figure, not a ratio or the target figure."""
    code = row.opt_text("figure")
    if code is not None and not can_be_assigned(FIGURES[code].kind, code):
        yield row.fault("figure", "figure_not_counted")


REGISTER = Register(
    form=FORMS["targets"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    rules=(figure_is_counted,),
)
