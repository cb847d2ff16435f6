"""Registers handed in over Kafka, and what became of them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.envelope import Envelope, Name, Snapshot
from contracts.events.common import Code, Count


class Sealed(Snapshot):
    """The hand-in, encrypted to the owning service: compact JWE, ECDH-ES+A256KW with A256GCM.

    Its plaintext is JSON ``{"source", "id", "form", "unit", "token", "rows"}``: ``source`` and ``id`` as in the event
    around it, ``token`` the unit's bearer token, rows as in ``POST /v1/forms/{form}/records``.
    """

    jwe: Annotated[str, Field(min_length=1, max_length=20_000_000)]


class Submission(BaseModel):
    """A unit's own CloudEvent on ``submissions.<service>``; ``source`` and ``id`` make it idempotent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: Literal["khopso.submission.v1"]
    time: AwareDatetime | None = None
    data: Sealed


class RowFault(Snapshot):
    """One broken rule: the row's number, the column, the rule's name. Never the value."""

    row: Count
    field: str
    rule: str


class Outcome(Snapshot):
    """What became of a submission: counts of rows, and every fault of the refused ones."""

    submission: Name
    service: Code
    form: Code | None = None
    accepted: Count = 0
    unchanged: Count = 0
    corrected: Count = 0
    refused_rows: Count = 0
    refused: tuple[RowFault, ...] = ()
    error: Code | None = None
    batch: UUID | None = None


class SubmissionOutcome(Envelope):
    type: Literal["khopso.submission.outcome.v1"]
    data: Outcome
