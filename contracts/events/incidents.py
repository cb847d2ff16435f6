"""Events of `incidents`: fires, drug cases, arrests, conflicts, watched places, classes of communes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import Amount, AreaUid, Code, Count, PersonKeys, Voided

Money = Annotated[int, Field(ge=0, le=9_223_372_036_854_775_807)]


class Fire(Snapshot):
    """A fire or rescue. ``damage_vnd`` in whole đồng, None where not known."""

    form: Literal["fires"] = "fires"
    commune: AreaUid
    alarm_at: AwareDatetime
    arrived_at: AwareDatetime | None = None
    controlled_at: AwareDatetime | None = None
    out_at: AwareDatetime | None = None
    place: Code
    cause: Code | None = None
    deaths: Count = 0
    injured: Count = 0
    rescued: Count = 0
    damage_vnd: Money | None = None
    responders: tuple[Code, ...] = ()
    counts_as_case: bool = True


class FireEvent(Envelope):
    type: Literal[
        "incidents.fire.reported.v1",
        "incidents.fire.controlled.v1",
        "incidents.fire.extinguished.v1",
        "incidents.fire.corrected.v1",
    ]
    data: Fire


class FireVoided(Envelope):
    type: Literal["incidents.fire.voided.v1"]
    data: Voided


class DrugCase(Snapshot):
    """A drug case (vụ): cases, subjects (đối tượng) and accused (bị can) are three numbers."""

    form: Literal["drug_cases"] = "drug_cases"
    commune: AreaUid
    detected_on: date
    offence: Literal["trade", "possession", "transport", "organising_use", "harbouring_use", "other"]
    channel: Literal["none", "air", "post"] | None = None
    disguised_drug: bool = False
    venue: Literal["none", "conditional_business", "disguised_business", "lodging", "other"] | None = None
    subjects: Count
    prosecuted_on: date | None = None
    accused: Count | None = None
    administrative_on: date | None = None
    substance: Code | None = None
    seized_grams: Amount | None = None


class DrugCaseEvent(Envelope):
    type: Literal[
        "incidents.drug_case.detected.v1",
        "incidents.drug_case.prosecuted.v1",
        "incidents.drug_case.fined.v1",
        "incidents.drug_case.corrected.v1",
    ]
    data: DrugCase


class DrugCaseVoided(Envelope):
    type: Literal["incidents.drug_case.voided.v1"]
    data: Voided


class Arrest(Snapshot):
    """A person arrested in a case; ``commune`` is the residence in the row."""

    form: Literal["arrests"] = "arrests"
    person: PersonKeys
    commune: AreaUid
    case: Code
    arrested_on: date
    outcome: Literal["prosecuted", "administrative", "released", "pending"] | None = None


class ArrestEvent(Envelope):
    type: Literal[
        "incidents.arrest.made.v1", "incidents.arrest.outcome_decided.v1", "incidents.arrest.corrected.v1"
    ]
    data: Arrest


class ArrestVoided(Envelope):
    type: Literal["incidents.arrest.voided.v1"]
    data: Voided


class Conflict(Snapshot):
    """A community conflict. Before ``status_on`` it is in progress; a blank ``status_on`` means from detection."""

    form: Literal["conflicts"] = "conflicts"
    commune: AreaUid
    detected_on: date
    level: Annotated[int, Field(ge=1, le=3)]
    cause: Literal["land", "daily_life", "economic", "love", "family", "rights", "other"]
    parties: Count
    status: Literal["in_progress", "resolved_unstable", "resolved_stable"]
    status_on: date | None = None
    outcome: Literal["mediated", "administrative", "criminal"] | None = None
    prolonged: bool = False


class ConflictEvent(Envelope):
    type: Literal[
        "incidents.conflict.detected.v1",
        "incidents.conflict.status_changed.v1",
        "incidents.conflict.corrected.v1",
    ]
    data: Conflict


class ConflictVoided(Envelope):
    type: Literal["incidents.conflict.voided.v1"]
    data: Voided


class Place(Snapshot):
    """A watched venue or hot spot, [valid_from, the earlier of valid_to and its next row's valid_from)."""

    form: Literal["places"] = "places"
    place: Code
    commune: AreaUid
    kind: Literal["conditional_business", "disguised_business", "lodging", "hot_spot", "other"]
    at_risk: bool = False
    valid_from: date
    valid_to: date | None = None
    end_reason: Literal["eliminated", "closed", "moved", "error"] | None = None


class PlaceEvent(Envelope):
    type: Literal["incidents.place.watched.v1", "incidents.place.ended.v1", "incidents.place.corrected.v1"]
    data: Place


class PlaceVoided(Envelope):
    type: Literal["incidents.place.voided.v1"]
    data: Voided


class AreaClass(Snapshot):
    """A commune's class in a scheme, until ``valid_to`` or its next row in the scheme."""

    form: Literal["area_classes"] = "area_classes"
    commune: AreaUid
    scheme: Literal["public_order_risk", "drug_hot"]
    area_class: Literal["high", "at_risk", "low", "hot"]
    valid_from: date
    valid_to: date | None = None


class AreaClassEvent(Envelope):
    type: Literal[
        "incidents.area_class.assigned.v1",
        "incidents.area_class.ended.v1",
        "incidents.area_class.corrected.v1",
    ]
    data: AreaClass


class AreaClassVoided(Envelope):
    type: Literal["incidents.area_class.voided.v1"]
    data: Voided


FiresTopic = Annotated[FireEvent | FireVoided, Field(discriminator="type")]
DrugCasesTopic = Annotated[DrugCaseEvent | DrugCaseVoided, Field(discriminator="type")]
ArrestsTopic = Annotated[ArrestEvent | ArrestVoided, Field(discriminator="type")]
ConflictsTopic = Annotated[ConflictEvent | ConflictVoided, Field(discriminator="type")]
PlacesTopic = Annotated[PlaceEvent | PlaceVoided, Field(discriminator="type")]
AreaClassesTopic = Annotated[AreaClassEvent | AreaClassVoided, Field(discriminator="type")]
