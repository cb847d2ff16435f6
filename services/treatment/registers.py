"""The registers that this service keeps."""

from dataclasses import replace

from services.registers import Register, collect
from services.treatment import clinicians, detox, facilities, methadone, post_detox, targets
from services.treatment.determination import register as determination
from services.treatment.directory import repository
from services.treatment.doses import register as doses
from services.treatment.patients import patients_of


def _list(register: Register) -> Register:
    """Return the register of a list, whose rows are held against what is listed already."""
    return replace(register, prepare=repository.directory_of)


REGISTERS = collect(
    determination(repository.directory_of),
    methadone.REGISTER,
    doses(patients_of),
    detox.REGISTER,
    post_detox.REGISTER,
    _list(facilities.REGISTER),
    _list(clinicians.REGISTER),
    targets.REGISTER,
)
"""By form name, in the order in which they are listed."""
