"""The form ``facilities`` as this service keeps it."""

from contracts.forms import FORMS
from services.registers import Register
from services.treatment.facilities.messages import CORRECTED, VOIDED, milestones, snapshot

REGISTER = Register(
    form=FORMS["facilities"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
