"""The form ``determination``: determinations of addiction status (xác định tình trạng nghiện).

Decree 109/2021/NĐ-CP, art. 5 and 9: a qualified facility concludes, through a certified clinician.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from contracts.events.treatment import Slip
from contracts.forms import FORMS
from contracts.substances import substance_of
from services.registers import (
    CellFault,
    Dated,
    Prepare,
    Register,
    Row,
    Subject,
    by_dates,
)
from services.treatment.directory.domain import Directory

DETERMINES = "determination"


def facility_faults(directory: Directory, code: str, day: date) -> Iterator[str]:
    """Yield the rule that the facility breaks on the day: unknown, or listed as doing other things only."""
    listing = directory.facility_on(code, day)
    if listing is None:
        yield "facility_unknown"
    # A list that does not say what a facility does is no proof that it does not conclude determinations.
    elif listing.does and DETERMINES not in listing.does:
        yield "facility_not_determining"


def clinician_faults(directory: Directory, code: str, day: date) -> Iterator[str]:
    """Yield the rule that the clinician breaks on the day."""
    if directory.clinician_on(code, day) is None:
        yield "clinician_unknown"


def may_conclude(row: Row, directory: Directory) -> Iterator[CellFault]:
    """Yield faults where facility or clinician is not listed on the conclusion's day, or the facility does not conclude."""
    # The day of the conclusion counts: who was certified then may conclude, though the listing ended since.
    day = row.opt_date("concluded_on")
    if day is None:
        return
    shown = f"{day:%d/%m/%Y}"
    if row.has("facility_code"):
        for rule in facility_faults(directory, row.text("facility_code"), day):
            near = directory.nearest_facilities(row.text("facility_code"), day)
            yield row.fault("facility_code", rule, day=shown, near=near)
    if row.has("clinician_no"):
        for rule in clinician_faults(directory, row.text("clinician_no"), day):
            near = directory.nearest_clinicians(row.text("clinician_no"), day)
            yield row.fault("clinician_no", rule, day=shown, near=near)


def snapshot(row: Row, subject: Subject) -> Slip:
    """Return what of a determination record may leave the facility."""
    return Slip(
        person=subject.who,
        commune=row.area("commune_code"),
        facility=row.text("facility_code"),
        clinician=row.text("clinician_no"),
        requested_on=row.date("requested_on"),
        observation_from=row.opt_date("observation_from"),
        observation_to=row.opt_date("observation_to"),
        concluded_on=row.date("concluded_on"),
        conclusion=cast(Literal["addicted", "not_addicted"], row.code("conclusion")),
        criteria_met=row.opt_integer("criteria_met"),
        substances=tuple(dict.fromkeys(substance_of(word) for word in row.texts("substances"))),
    )


def register(directory_of: Prepare) -> Register:
    """Return the register; ``directory_of`` reads the `Directory` of what a batch names, for `may_conclude`."""
    return Register(
        form=FORMS["determination"],
        milestones=by_dates(Dated("treatment.determination.concluded.v1", "concluded_on")),
        data=snapshot,
        corrected="treatment.determination.corrected.v1",
        voided="treatment.determination.voided.v1",
        rules=(may_conclude,),
        prepare=directory_of,
    )
