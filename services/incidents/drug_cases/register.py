"""The form ``drug_cases`` as this service keeps it."""

from contracts.forms import FORMS
from services.incidents.drug_cases.messages import CORRECTED, VOIDED, milestones, snapshot
from services.registers import Register

REGISTER = Register(
    form=FORMS["drug_cases"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
)
