"""The form ``fires`` as this service keeps it."""

from contracts.forms import FORMS
from services.incidents.fires.messages import CORRECTED, VOIDED, milestones, snapshot
from services.registers import Register

REGISTER = Register(
    form=FORMS["fires"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
