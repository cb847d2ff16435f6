"""The registers that this service keeps."""

from services.registers import collect
from services.treatment.clinicians.register import REGISTER as CLINICIANS
from services.treatment.determination.register import REGISTER as DETERMINATION
from services.treatment.detox.register import REGISTER as DETOX
from services.treatment.doses.register import REGISTER as DOSES
from services.treatment.facilities.register import REGISTER as FACILITIES
from services.treatment.methadone.register import REGISTER as METHADONE
from services.treatment.post_detox.register import REGISTER as POST_DETOX
from services.treatment.targets.register import REGISTER as TARGETS

REGISTERS = collect(
    DETERMINATION,
    METHADONE,
    DOSES,
    DETOX,
    POST_DETOX,
    FACILITIES,
    CLINICIANS,
    TARGETS,
)
"""By form name, in the order in which they are listed."""
