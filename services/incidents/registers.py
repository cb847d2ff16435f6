"""The registers that this service keeps."""

from services.incidents.area_classes.register import REGISTER as AREA_CLASSES
from services.incidents.arrests.register import REGISTER as ARRESTS
from services.incidents.conflicts.register import REGISTER as CONFLICTS
from services.incidents.drug_cases.register import REGISTER as DRUG_CASES
from services.incidents.fires.register import REGISTER as FIRES
from services.incidents.places.register import REGISTER as PLACES
from services.registers import collect

REGISTERS = collect(
    FIRES,
    DRUG_CASES,
    ARRESTS,
    CONFLICTS,
    PLACES,
    AREA_CLASSES,
)
"""By form name, in the order in which they are listed."""
