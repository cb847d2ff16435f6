"""The registers that this service keeps."""

from services.incidents import area_classes, arrests, conflicts, drug_cases, fires, places
from services.registers import collect

REGISTERS = collect(
    fires.REGISTER,
    drug_cases.REGISTER,
    arrests.REGISTER,
    conflicts.REGISTER,
    places.REGISTER,
    area_classes.REGISTER,
)
"""By form name, in the order in which they are listed."""
