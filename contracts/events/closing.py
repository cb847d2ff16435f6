"""Events of `reporting` about closed periods: closed, closed again in a new edition, found to have changed since."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import AreaUid, Code, Count

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=1, le=2_147_483_647)]


class PeriodClosing(Snapshot):
    """One edition of a closed period: what was frozen, as known when, and its link of the office's chain.

    The figures themselves are not in the event; whoever may see them reads the closing. ``previous_hash`` is the
    ``entry_hash`` of the closing before (64 zeros for the first), ``signature`` is Ed25519 over the entry, base64.
    """

    closing: UUID
    number: Number
    edition: Number
    supersedes: UUID | None = None
    calendar: Code
    period: Code
    first: date
    last: date
    area: AreaUid
    figures: Code
    known_at: AwareDatetime
    closed_at: AwareDatetime
    cells: Count
    content_hash: Digest
    previous_hash: Digest
    entry_hash: Digest
    signature: Annotated[str, StringConstraints(min_length=86, max_length=88)]
    key_id: Code


class PeriodRevision(Snapshot):
    """Cells of a closed period that differ by now from what was frozen: how many, and the hash of the whole list."""

    closing: UUID
    edition: Number
    revision: Number
    known_at: AwareDatetime
    cells: Count
    list_hash: Digest


class PeriodClosed(Envelope):
    """A named official closed a period, or closed it again in an edition that supersedes the one before."""

    type: Literal["reporting.period.closed.v1", "reporting.period.reissued.v1"]
    data: PeriodClosing


class PeriodRevised(Envelope):
    """The office took note of what later facts changed in a closed period; the closed figures stay as they are."""

    type: Literal["reporting.period.revised.v1"]
    data: PeriodRevision


ClosingsTopic = Annotated[PeriodClosed | PeriodRevised, Field(discriminator="type")]
