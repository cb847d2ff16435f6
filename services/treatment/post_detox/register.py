"""The form ``post_detox`` as this service keeps it."""

from contracts.forms import FORMS
from services.registers import Register
from services.treatment.post_detox.messages import CORRECTED, VOIDED, milestones, snapshot

REGISTER = Register(
    form=FORMS["post_detox"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
