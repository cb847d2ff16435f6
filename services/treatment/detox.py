"""The form ``detox``: detox episodes with their five stages.

Law 73/2021/QH14, art. 29, names the stages a, b, c, d, đ; đ is written ``e`` in codes.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, cast

from contracts.events.treatment import DetoxEnd, DetoxEpisode
from contracts.forms import FORMS
from services.registers import Aim, Dated, Register, Row, Subject, by_dates

Stage = Literal["a", "b", "c", "d", "e"]
STAGES: tuple[Stage, ...] = ("a", "b", "c", "d", "e")


def column_of(stage: Stage) -> str:
    """Return the column with the day on which a stage was completed."""
    return f"stage_{stage}_on"


def completed(days: Mapping[str, date | None]) -> Iterator[tuple[Stage, date]]:
    """Yield the stages completed, in their order, with the day; ``days`` by column."""
    for stage in STAGES:
        day = days.get(column_of(stage))
        if day is not None:
            yield stage, day


def snapshot(row: Row, subject: Subject) -> DetoxEpisode:
    """Return the episode as the bus may know it; of the decision, only that there is one."""
    return DetoxEpisode(
        person=subject.who,
        commune=row.area("commune_code"),
        kind=cast(Literal["compulsory", "voluntary_facility", "voluntary_home"], row.code("kind")),
        facility=row.opt_text("facility_code"),
        # Only whether there is one: the number of a decision names a person's file.
        has_decision=row.has("decision_no"),
        decided_on=row.opt_date("decided_on"),
        admitted_on=row.date("admitted_on"),
        stages=dict(completed(row.values)),
        ended_on=row.opt_date("ended_on"),
        end_reason=cast(DetoxEnd | None, row.opt_code("end_reason")),
    )


def aim(row: Row) -> Aim:
    """Return which kind of detox it is: each has keepers of its own."""
    kind = row.opt_code("kind")
    return Aim(variants=None if kind is None else frozenset({kind}))


REGISTER = Register(
    form=FORMS["detox"],
    milestones=by_dates(
        Dated("treatment.detox.admitted.v1", "admitted_on"),
        *(Dated("treatment.detox.stage_completed.v1", column_of(stage)) for stage in STAGES),
        Dated("treatment.detox.ended.v1", "ended_on", ("end_reason",)),
    ),
    data=snapshot,
    corrected="treatment.detox.corrected.v1",
    voided="treatment.detox.voided.v1",
    aim=aim,
)
