"""The form ``detox`` as this service keeps it."""

from contracts.forms import FORMS
from services.registers import Register
from services.treatment.detox.messages import CORRECTED, VOIDED, milestones, snapshot

REGISTER = Register(
    form=FORMS["detox"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
