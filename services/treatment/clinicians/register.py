"""The form ``clinicians`` as this service keeps it."""

from contracts.forms import FORMS
from services.registers import Register
from services.treatment.clinicians.messages import CORRECTED, VOIDED, milestones, snapshot

REGISTER = Register(
    form=FORMS["clinicians"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
