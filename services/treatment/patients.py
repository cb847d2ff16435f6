"""Loads who is in methadone treatment, for the doses of a batch."""

from collections.abc import Sequence

from services.chassis.persistence import AsyncSession
from services.registers import Row, contents_of_persons, every_number
from services.treatment.doses import Patients, patient_of, patients

_EPISODES = "methadone"


async def patients_of(session: AsyncSession, rows: Sequence[Row]) -> Patients:
    """Return when the patients of the rows were in treatment by the methadone register of their unit."""
    wanted = {
        (patient[0], number): patient
        for row in rows
        if row.has("patient_no", "dosed_on") and not row.void
        for patient in (patient_of(row),)
        # Where the register begins its numbers anew each year, several patients have had this one.
        for number in every_number(_EPISODES, *patient, row.date("dosed_on"))
    }
    found = await contents_of_persons(session, _EPISODES, list(wanted))
    return patients((wanted[place], content) for place, content in found)
