"""The form ``doses`` as this service keeps it."""

from contracts.forms import FORMS
from services.registers import Register
from services.treatment.doses.messages import CORRECTED, VOIDED, milestones, snapshot

REGISTER = Register(
    form=FORMS["doses"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
