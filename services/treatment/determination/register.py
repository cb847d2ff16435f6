"""The form ``determination`` as this service keeps it."""

from collections.abc import Iterator, Sequence

from contracts.forms import FORMS
from services.chassis.persistence import AsyncSession
from services.registers import Fault, Register, Row
from services.treatment.determination.domain import clinician_faults, facility_faults
from services.treatment.determination.messages import CORRECTED, VOIDED, milestones, snapshot
from services.treatment.directory import Directory, repository


async def prepare(session: AsyncSession, rows: Sequence[Row]) -> Directory:
    """The directory of the facilities and clinicians that the batch names."""
    return await repository.directory(
        session,
        (row.text("facility_code") for row in rows if row.has("facility_code")),
        (row.text("clinician_no") for row in rows if row.has("clinician_no")),
    )


def may_conclude(row: Row, directory: Directory) -> Iterator[Fault]:
    """The facility and the clinician are known on the day of the conclusion, and the facility does this."""
    day = row.opt_date("concluded_on")
    if day is None:
        return
    shown = f"{day:%d/%m/%Y}"
    if row.has("facility_code"):
        for rule in facility_faults(directory, row.text("facility_code"), day):
            yield row.fault("facility_code", rule, day=shown)
    if row.has("clinician_no"):
        for rule in clinician_faults(directory, row.text("clinician_no"), day):
            yield row.fault("clinician_no", rule, day=shown)


REGISTER = Register(
    form=FORMS["determination"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    rules=(may_conclude,),
    prepare=prepare,
)
