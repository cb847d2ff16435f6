"""Events of `treatment`: determinations, methadone, doses, detox, post-detox, facilities, clinicians, targets."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import Amount, AreaUid, Code, PersonKeys, Voided

MethadoneEnd = Literal[
    "completed", "dropped_out", "terminated", "transferred", "detained", "died", "moved_away"
]
DetoxEnd = Literal["completed", "terminated", "escaped", "transferred", "exempted", "died"]


class Slip(Snapshot):
    """A determination slip (phiếu kết quả xác định tình trạng nghiện). Only what may leave the facility."""

    form: Literal["determination"] = "determination"
    person: PersonKeys
    commune: AreaUid
    facility: Code
    clinician: Code
    requested_on: date
    observation_from: date | None = None
    observation_to: date | None = None
    concluded_on: date
    conclusion: Literal["addicted", "not_addicted"]
    criteria_met: Annotated[int, Field(ge=0, le=6)] | None = None
    substances: tuple[Code, ...] = ()


class SlipEvent(Envelope):
    type: Literal["treatment.determination.concluded.v1", "treatment.determination.corrected.v1"]
    data: Slip


class SlipVoided(Envelope):
    type: Literal["treatment.determination.voided.v1"]
    data: Voided


class MethadoneEpisode(Snapshot):
    """An episode at one site, [enrolled_on, ended_on)."""

    form: Literal["methadone"] = "methadone"
    person: PersonKeys
    commune: AreaUid
    facility: Code
    enrolled_on: date
    ended_on: date | None = None
    end_reason: MethadoneEnd | None = None
    transferred_to: Code | None = None


class MethadoneEvent(Envelope):
    type: Literal[
        "treatment.methadone.enrolled.v1",
        "treatment.methadone.left.v1",
        "treatment.methadone.transferred.v1",
        "treatment.methadone.corrected.v1",
    ]
    data: MethadoneEpisode


class MethadoneVoided(Envelope):
    type: Literal["treatment.methadone.voided.v1"]
    data: Voided


class Dose(Snapshot):
    """That a dose was given, where and when. Neither whose nor how much: dose histories do not travel."""

    form: Literal["doses"] = "doses"
    facility: Code
    dosed_on: date
    kind: Literal["observed", "take_home"] = "observed"


class DoseEvent(Envelope):
    type: Literal["treatment.dose.dosed.v1", "treatment.dose.corrected.v1"]
    data: Dose


class WithdrawnDose(Snapshot):
    """A dose's record is withdrawn; as with the dose itself, nothing says whose it was."""

    form: Literal["doses"]
    reason: Code = "withdrawn_by_unit"


class DoseVoided(Envelope):
    type: Literal["treatment.dose.voided.v1"]
    data: WithdrawnDose


class DetoxEpisode(Snapshot):
    """A detox episode, [admitted_on, ended_on), with the completion dates of its stages a, b, c, d, đ."""

    form: Literal["detox"] = "detox"
    person: PersonKeys
    commune: AreaUid
    kind: Literal["compulsory", "voluntary_facility", "voluntary_home"]
    facility: Code | None = None
    has_decision: bool = False
    decided_on: date | None = None
    admitted_on: date
    stages: dict[Literal["a", "b", "c", "d", "e"], date] = Field(default_factory=dict)
    ended_on: date | None = None
    end_reason: DetoxEnd | None = None


class DetoxEvent(Envelope):
    type: Literal[
        "treatment.detox.admitted.v1",
        "treatment.detox.stage_completed.v1",
        "treatment.detox.ended.v1",
        "treatment.detox.corrected.v1",
    ]
    data: DetoxEpisode


class DetoxVoided(Envelope):
    type: Literal["treatment.detox.voided.v1"]
    data: Voided


class PostDetoxSupport(Snapshot):
    """Post-detox management as the treatment side records it, [from_on, the earlier of until_on and ended_on)."""

    form: Literal["post_detox"] = "post_detox"
    person: PersonKeys
    commune: AreaUid
    from_on: date
    until_on: date
    ended_on: date | None = None
    end_reason: Literal["completed", "relapsed", "stopped", "died"] | None = None


class PostDetoxEvent(Envelope):
    type: Literal[
        "treatment.post_detox.started.v1",
        "treatment.post_detox.ended.v1",
        "treatment.post_detox.corrected.v1",
    ]
    data: PostDetoxSupport


class PostDetoxVoided(Envelope):
    type: Literal["treatment.post_detox.voided.v1"]
    data: Voided


class Facility(Snapshot):
    """A facility during one validity, [valid_from, the earlier of valid_to and its next row's valid_from)."""

    form: Literal["facilities"] = "facilities"
    facility: Code
    name: Annotated[str, Field(min_length=1, max_length=300)]
    level: Literal["province", "district", "commune"] | None = None
    commune: AreaUid
    does: tuple[Literal["determination", "methadone", "dispensing", "detox"], ...] = ()
    valid_from: date
    valid_to: date | None = None


class FacilityEvent(Envelope):
    type: Literal[
        "treatment.facility.listed.v1", "treatment.facility.closed.v1", "treatment.facility.corrected.v1"
    ]
    data: Facility


class FacilityVoided(Envelope):
    type: Literal["treatment.facility.voided.v1"]
    data: Voided


class Clinician(Snapshot):
    """That somebody may conclude determinations at a facility; the name stays in the owning service."""

    form: Literal["clinicians"] = "clinicians"
    clinician: Code
    facility: Code
    basis: Literal["psychiatrist", "certificate", "assistant"] | None = None
    valid_from: date
    valid_to: date | None = None


class ClinicianEvent(Envelope):
    type: Literal[
        "treatment.clinician.certified.v1",
        "treatment.clinician.ended.v1",
        "treatment.clinician.corrected.v1",
    ]
    data: Clinician


class ClinicianVoided(Envelope):
    type: Literal["treatment.clinician.voided.v1"]
    data: Voided


class Target(Snapshot):
    """A number assigned to an area for a period, both days inclusive."""

    form: Literal["targets"] = "targets"
    figure: Code
    area: AreaUid
    period_from: date
    period_to: date
    value: Amount


class TargetEvent(Envelope):
    type: Literal["treatment.target.assigned.v1", "treatment.target.corrected.v1"]
    data: Target


class TargetVoided(Envelope):
    type: Literal["treatment.target.voided.v1"]
    data: Voided


DeterminationsTopic = Annotated[SlipEvent | SlipVoided, Field(discriminator="type")]
MethadoneTopic = Annotated[MethadoneEvent | MethadoneVoided, Field(discriminator="type")]
DosesTopic = Annotated[DoseEvent | DoseVoided, Field(discriminator="type")]
DetoxTopic = Annotated[DetoxEvent | DetoxVoided, Field(discriminator="type")]
PostDetoxTopic = Annotated[PostDetoxEvent | PostDetoxVoided, Field(discriminator="type")]
DirectoryTopic = Annotated[
    FacilityEvent | FacilityVoided | ClinicianEvent | ClinicianVoided, Field(discriminator="type")
]
TargetsTopic = Annotated[TargetEvent | TargetVoided, Field(discriminator="type")]
