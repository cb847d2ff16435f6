"""Methadone episodes as rows and as the contract has them."""

from typing import cast

from contracts.events.treatment import MethadoneEnd, MethadoneEpisode
from services.registers import Milestone, Row, Subject
from services.treatment.methadone.domain import ending

CORRECTED = "treatment.methadone.corrected.v1"
VOIDED = "treatment.methadone.voided.v1"
_END = frozenset({"ended_on", "end_reason", "transferred_to"})


def milestones(row: Row) -> list[Milestone]:
    """Enrolment, and the end where there is one."""
    found = [Milestone("treatment.methadone.enrolled.v1", row.date("enrolled_on"))]
    ended_on = row.opt_date("ended_on")
    if ended_on is not None:
        name = ending(row.opt_code("end_reason"))
        found.append(Milestone(f"treatment.methadone.{name}.v1", ended_on, columns=_END))
    return found


def snapshot(row: Row, subject: Subject) -> MethadoneEpisode:
    """The episode as the bus may know it."""
    return MethadoneEpisode(
        person=subject.who,
        commune=row.area("commune_code"),
        facility=row.text("facility_code"),
        enrolled_on=row.date("enrolled_on"),
        ended_on=row.opt_date("ended_on"),
        end_reason=cast(MethadoneEnd | None, row.opt_code("end_reason")),
        transferred_to=row.opt_text("transferred_to"),
    )
