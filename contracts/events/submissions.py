"""Registers handed in over Kafka, and what became of them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.envelope import Envelope, Name, Snapshot
from contracts.events.common import Code, Count


class Sealed(Snapshot):
    """The hand-in, encrypted to the owning service: compact JWE, ECDH-ES+A256KW with A256GCM.

    Its plaintext is JSON ``{"source", "id", "form", "unit", "token", "rows", "reply_to"}``: ``source`` and ``id`` as in
    the event around it, ``token`` the unit's bearer token, rows as in ``POST /v1/forms/{form}/records``, ``reply_to`` (optional) a
    public key of the unit (JWK, EC P-256) to which its outcome is encrypted. Or it states what the unit has handed in for a
    period: ``{"source", "id", "unit", "token", "calendar", "period", "statements", "recorded_on", "reply_to"}``, of which
    ``calendar`` to ``recorded_on`` are as in ``POST /v1/statements``.
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
    """One broken rule, or a note: the row's number, the column, the rule's name. Never the value."""

    row: Count
    field: str
    rule: str


class StatedOutcome(Snapshot):
    """What became of one statement; ``unchanged``: it stood already, or nothing stood that could be withdrawn."""

    form: Code
    says: Literal["complete", "nil", "withdrawn"]
    outcome: Literal["stated", "changed", "withdrawn", "unchanged"]


class Outcome(Snapshot):
    """What became of a submission: counts of rows, each row in one of them, and every fault of the refused ones.

    ``stated`` is what became of statements: all of a submission, or none with ``error`` and the faults (row 0). ``withdrawn``: rows with `void` = yes; ``restored``: rows that enter a withdrawn record again. ``notes`` tell of rows
    that were taken what was understood otherwise than it is written.

    ``jwe``: where the submission named a key (``reply_to``), this whole document, encrypted to it, and beside it nothing but
    ``submission`` and ``service``: the topic is read by all units' software.
    """

    submission: Name
    service: Code
    form: Code | None = None
    accepted: Count = 0
    unchanged: Count = 0
    corrected: Count = 0
    withdrawn: Count = 0
    restored: Count = 0
    refused_rows: Count = 0
    refused: tuple[RowFault, ...] = ()
    notes: tuple[RowFault, ...] = ()
    stated: tuple[StatedOutcome, ...] = ()
    error: Code | None = None
    batch: UUID | None = None
    jwe: str | None = None


class SubmissionOutcome(Envelope):
    type: Literal["khopso.submission.outcome.v1"]
    data: Outcome
