"""The form ``places`` as this service keeps it."""

from contracts.forms import FORMS
from services.incidents.places.messages import CORRECTED, VOIDED, milestones, snapshot
from services.registers import Register

REGISTER = Register(
    form=FORMS["places"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
