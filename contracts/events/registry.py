"""Events of `registry`: register rows and the person index."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import AreaUid, Code, PersonKeys, Voided

Status = Literal["suspected_user", "user", "suspected_addict", "addict", "post_detox"]
Presence = Literal["community", "detox_facility", "detained", "absent"]


class RegisterRow(Snapshot):
    """One row of a person's timeline. ``decision_date`` counts only where ``has_decision``."""

    form: Literal["registry"] = "registry"
    person: PersonKeys
    commune: AreaUid
    status: Status
    status_from: date
    status_to: date | None = None
    has_decision: bool = False
    decision_date: date | None = None
    presence: Presence | None = None
    presence_from: date | None = None
    psychosis: bool = False
    psychosis_from: date | None = None
    removed_on: date | None = None
    removal_reason: Code | None = None


class RegisterEvent(Envelope):
    """A row was entered, changed status or presence, was removed, or corrected; data is the row as it stands."""

    type: Literal[
        "registry.record.registered.v1",
        "registry.record.status_changed.v1",
        "registry.record.presence_changed.v1",
        "registry.record.removed.v1",
        "registry.record.corrected.v1",
    ]
    data: RegisterRow


class RegisterVoided(Envelope):
    type: Literal["registry.record.voided.v1"]
    data: Voided


class PersonLink(Snapshot):
    """A reference belongs to a person token from ``known_from`` until ``known_until`` (record time).

    References that share a token at one moment are one human being then. ``basis`` says why. A link that ended and
    came back has an event subject for each stretch: key on the subject, not on (ref, person).
    """

    ref: UUID
    person: UUID
    basis: Literal["national_id", "name_birth_sex", "clerk"]
    known_from: AwareDatetime
    known_until: AwareDatetime | None = None


class PersonLinked(Envelope):
    type: Literal["registry.person.linked.v1"]
    data: PersonLink


class PersonUnlinked(Envelope):
    """The link is withdrawn as if it had never been made (its record was withdrawn or corrected at source)."""

    type: Literal["registry.person.unlinked.v1"]
    data: PersonLink


class PendingLink(Snapshot):
    """A reference carries the number ``person``, and who else of its carriers is the same human being waits for a clerk.

    It joins nobody. ``reason``: two carriers contradict each other in name, birth date and sex; the number contradicts the
    record itself; or it would join more people than a number may. Subjects and times are as those of `PersonLink`.
    """

    ref: UUID
    person: UUID
    reason: Literal["contradiction", "structure", "too_many"]
    known_from: AwareDatetime
    known_until: AwareDatetime | None = None


class LinkPending(Envelope):
    type: Literal["registry.person.pending.v1"]
    data: PendingLink


class LinkSettled(Envelope):
    """Nothing waits, as if it never had (a record was withdrawn or corrected at source)."""

    type: Literal["registry.person.settled.v1"]
    data: PendingLink


RecordsTopic = Annotated[RegisterEvent | RegisterVoided, Field(discriminator="type")]
PersonsTopic = Annotated[
    PersonLinked | PersonUnlinked | LinkPending | LinkSettled, Field(discriminator="type")
]
