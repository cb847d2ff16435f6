"""The form ``methadone``: methadone episodes (decree 90/2016/NĐ-CP; 141/2024/NĐ-CP)."""

from collections.abc import Iterator
from typing import cast

from contracts.events.treatment import MethadoneEnd, MethadoneEpisode
from contracts.forms import FORMS
from services.registers import CellFault, Dated, Milestone, Register, Row, Subject, by_dates

TRANSFERRED = "transferred"
_ENTRY = Dated("treatment.methadone.enrolled.v1", "enrolled_on")
_MILESTONES = {
    end: by_dates(
        _ENTRY, Dated(f"treatment.methadone.{end}.v1", "ended_on", ("end_reason", "transferred_to"))
    )
    for end in ("left", TRANSFERRED)
}


def ending(end_reason: str | None) -> str:
    """Return what an end reports: a transfer is a leaving here and, by the receiving site's row, an entering there."""
    # A transfer has an event of its own, because the checks look for the site that received the patient.
    return TRANSFERRED if end_reason == TRANSFERRED else "left"


def milestones(row: Row) -> list[Milestone]:
    """Return the enrolment, and the end where there is one."""
    return _MILESTONES[ending(row.opt_code("end_reason"))](row)


def transfer_is_told(end_reason: str | None, transferred_to: str | None) -> bool:
    """Return whether a receiving site is named only together with a transfer.

    A transfer without a named site is a finding of the checks, no fault of the row.
    """
    return transferred_to is None or end_reason is None or end_reason == TRANSFERRED


def only_a_transfer_has_a_receiver(row: Row, _: None) -> Iterator[CellFault]:
    """Yield a fault where ``transferred_to`` is filled although the reason is not ``transferred``."""
    if not transfer_is_told(row.opt_code("end_reason"), row.opt_text("transferred_to")):
        yield row.fault("transferred_to", "only_transferred")


def snapshot(row: Row, subject: Subject) -> MethadoneEpisode:
    """Return the episode as the bus may know it."""
    return MethadoneEpisode(
        person=subject.who,
        commune=row.area("commune_code"),
        facility=row.text("facility_code"),
        enrolled_on=row.date("enrolled_on"),
        ended_on=row.opt_date("ended_on"),
        end_reason=cast(MethadoneEnd | None, row.opt_code("end_reason")),
        transferred_to=row.opt_text("transferred_to"),
    )


REGISTER = Register(
    form=FORMS["methadone"],
    milestones=milestones,
    data=snapshot,
    corrected="treatment.methadone.corrected.v1",
    voided="treatment.methadone.voided.v1",
    rules=(only_a_transfer_has_a_receiver,),
)
