"""The form ``arrests`` as this service keeps it."""

from contracts.forms import FORMS
from services.incidents.arrests.messages import CORRECTED, OUTCOME, VOIDED, milestones, snapshot
from services.registers import Register

REGISTER = Register(
    form=FORMS["arrests"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    moving=OUTCOME,
)
