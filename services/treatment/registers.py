"""The registers that this service keeps."""

from services.registers import collect
from services.treatment import clinicians, detox, doses, facilities, methadone, post_detox, targets
from services.treatment.determination import register as determination
from services.treatment.directory import repository

REGISTERS = collect(
    determination(repository.directory_of),
    methadone.REGISTER,
    doses.REGISTER,
    detox.REGISTER,
    post_detox.REGISTER,
    facilities.REGISTER,
    clinicians.REGISTER,
    targets.REGISTER,
)
"""By form name, in the order in which they are listed."""
