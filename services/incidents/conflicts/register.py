"""The form ``conflicts`` as this service keeps it."""

from contracts.forms import FORMS
from services.incidents.conflicts.messages import CORRECTED, MOVING, VOIDED, milestones, snapshot
from services.registers import Register

REGISTER = Register(
    form=FORMS["conflicts"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    moving=MOVING,
)
