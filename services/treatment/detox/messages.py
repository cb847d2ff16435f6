"""Detox episodes as rows and as the contract has them."""

from datetime import date
from typing import Literal, cast

from contracts.events.treatment import DetoxEnd, DetoxEpisode
from services.registers import Milestone, Row, Subject
from services.treatment.detox.domain import STAGES, column_of, completed

CORRECTED = "treatment.detox.corrected.v1"
VOIDED = "treatment.detox.voided.v1"
_END = frozenset({"ended_on", "end_reason"})


def milestones(row: Row) -> list[Milestone]:
    """Admission, each stage completed, and the end where there is one."""
    found = [Milestone("treatment.detox.admitted.v1", row.date("admitted_on"))]
    for stage, day in _stages(row):
        columns = frozenset({column_of(stage)})
        found.append(Milestone("treatment.detox.stage_completed.v1", day, columns=columns))
    ended_on = row.opt_date("ended_on")
    if ended_on is not None:
        found.append(Milestone("treatment.detox.ended.v1", ended_on, columns=_END))
    return found


def snapshot(row: Row, subject: Subject) -> DetoxEpisode:
    """The episode as the bus may know it; of the decision, that there is one."""
    stages = {cast(Literal["a", "b", "c", "d", "e"], stage): day for stage, day in _stages(row)}
    return DetoxEpisode(
        person=subject.who,
        commune=row.area("commune_code"),
        kind=cast(Literal["compulsory", "voluntary_facility", "voluntary_home"], row.code("kind")),
        facility=row.opt_text("facility_code"),
        has_decision=row.has("decision_no"),
        decided_on=row.opt_date("decided_on"),
        admitted_on=row.date("admitted_on"),
        stages=stages,
        ended_on=row.opt_date("ended_on"),
        end_reason=cast(DetoxEnd | None, row.opt_code("end_reason")),
    )


def _stages(row: Row) -> list[tuple[str, date]]:
    return list(completed({column_of(stage): row.opt_date(column_of(stage)) for stage in STAGES}))
