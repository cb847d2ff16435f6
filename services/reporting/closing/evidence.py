"""Read the versions of records and links behind a closed figure, and whether the closing knew them.

They are the evidence why the figure has another value now.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.record_time import newest
from services.reporting.closing import statements
from services.reporting.closing.closed_state import Views
from services.reporting.closing.domain import RecordOutcome, RecordState, record_outcome
from services.reporting.closing.queries import Frame
from services.reporting.closing.repository import Closing
from services.reporting.closing.statements import Boundary
from services.reporting.facts import Connection, fetch


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One version of a record, and whether the closing knew it."""

    record_id: UUID
    sequence: int
    event_id: UUID
    form: str
    recorded_at: datetime
    unit: str
    voided: bool
    late: bool


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """One version of a person link, and whether the closing knew it."""

    ref: UUID
    record_id: UUID
    event_id: UUID
    basis: str
    known_from: datetime
    withdrawn: bool
    late: bool


@dataclass(slots=True)
class Inquiry:
    """One request for revisions: a closing, both states of its generation, and the instant to compare with.

    ``versions`` and ``communes`` store what was read already: versions by record, and new versions by commune.
    """

    connection: Connection
    views: Views
    closing: Closing
    frame: Frame
    known_at: datetime
    versions: dict[UUID, list[RecordVersion]] = field(default_factory=dict)
    communes: dict[str, tuple[RecordVersion, ...]] = field(default_factory=dict)

    async def learn(self, records: Iterable[UUID]) -> None:
        """Read the versions of the records that were not read before."""
        missing = set(records) - self.versions.keys()
        if missing:
            read = await versions(self.connection, missing, self.closing.knowledge_boundary)
            self.versions |= {record: read.get(record, []) for record in missing}

    def record_outcome(self, record: UUID) -> RecordOutcome:
        """Return what became of a record's own content since the closing."""
        closed, known = self.closing.known_at, self.versions.get(record, [])
        # Both conditions: units set the record time, so a late event may have a record time before the closing.
        then = [v for v in known if not v.late and v.recorded_at <= closed]
        now = [v for v in known if v.recorded_at <= self.known_at]
        return record_outcome(record_state(then), record_state(now))

    def news(self, records: Iterable[UUID]) -> tuple[RecordVersion, ...]:
        """Return the versions of records that the closing did not use: late arrivals, and those recorded after it."""
        return tuple(
            version
            for record in sorted(records)
            for version in self.versions.get(record, [])
            if (version.late or version.recorded_at > self.closing.known_at)
            and version.recorded_at <= self.known_at
        )


def record_state(known: Iterable[RecordVersion]) -> RecordState:
    """Return the state of a record from the versions known at one instant: the newest of them counts."""
    latest = newest(known)
    return RecordState(None, False) if latest is None else RecordState(latest.event_id, latest.voided)


async def names(connection: Connection, refs: Collection[UUID], known_at: datetime) -> dict[UUID, UUID]:
    """Return the reference that named the human being of each reference at an instant; those naming themselves are left out."""
    pairs: list[Any] = await fetch(connection, statements.names(refs, known_at))
    return dict(pairs)


async def versions(
    connection: Connection, records: Collection[UUID], boundary: Boundary
) -> dict[UUID, list[RecordVersion]]:
    """Return every version of the records, by record."""
    found: dict[UUID, list[RecordVersion]] = {}
    for row in await fetch(connection, statements.versions(records, boundary)):
        found.setdefault(row[0], []).append(RecordVersion(*row))
    return found


async def records_beside(
    connection: Connection, records: Collection[UUID], refs: Collection[UUID]
) -> set[UUID]:
    """Return the records that share a timeline with one of these, or that are about one of these references."""
    return {record for (record,) in await fetch(connection, statements.records_beside(records, refs))}


async def joined_refs(connection: Connection, refs: Collection[UUID]) -> set[UUID]:
    """Return these references and those that were one human being with one of them at any time."""
    return {*refs, *(ref for (ref,) in await fetch(connection, statements.joined_refs(refs)))}


async def records_in(connection: Connection, areas: Collection[str], kinds: Collection[str]) -> set[UUID]:
    """Return the records of these kinds of states and events in these areas (uids), at any time."""
    return {record for (record,) in await fetch(connection, statements.records_in(areas, kinds))}


async def target_records(connection: Connection, figure: str, areas: Collection[str]) -> set[UUID]:
    """Return the records that assign a target for a figure in these areas (uids)."""
    return {record for (record,) in await fetch(connection, statements.target_records(figure, areas))}


async def new_links(
    connection: Connection,
    refs: Collection[UUID],
    boundary: Boundary,
    closed: datetime,
    known_at: datetime,
) -> dict[UUID, list[LinkEvent]]:
    """Return, by reference, the link events that a closing did not use: late arrivals, or recorded after it."""
    found: dict[UUID, list[LinkEvent]] = {}
    for row in await fetch(connection, statements.new_links(refs, boundary, closed, known_at)):
        found.setdefault(row[0], []).append(LinkEvent(*row))
    return found
