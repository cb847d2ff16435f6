"""Post-detox management as rows and as the contract has it."""

from typing import Literal, cast

from contracts.events.treatment import PostDetoxSupport
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.post_detox.corrected.v1"
VOIDED = "treatment.post_detox.voided.v1"
_END = frozenset({"ended_on", "end_reason"})


def milestones(row: Row) -> list[Milestone]:
    """The start, and the end where there is one before the planned one."""
    found = [Milestone("treatment.post_detox.started.v1", row.date("from_on"))]
    ended_on = row.opt_date("ended_on")
    if ended_on is not None:
        found.append(Milestone("treatment.post_detox.ended.v1", ended_on, columns=_END))
    return found


def snapshot(row: Row, subject: Subject) -> PostDetoxSupport:
    """The management period as the bus may know it."""
    reason = cast(Literal["completed", "relapsed", "stopped", "died"] | None, row.opt_code("end_reason"))
    return PostDetoxSupport(
        person=subject.who,
        commune=row.area("commune_code"),
        from_on=row.date("from_on"),
        until_on=row.date("until_on"),
        ended_on=row.opt_date("ended_on"),
        end_reason=reason,
    )
