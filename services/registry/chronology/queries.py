"""Read every version of the records of one human being."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.persistence import AsyncSession, raw
from services.registry.index import IndexedRecord

# A hand-in can make several events: of a version between two stored states the later one has the content.
_VERSIONS = """
SELECT version.record_id, version.sequence, version.ref, version.form, version.recorded_at, version.unit,
    shared.commune, coalesce(shared.shared, '{}'), version.nid12::text, version.nid9::text, version.name_birth_sex::text,
    state.content
FROM observed_version version
LEFT JOIN shared_version shared USING (record_id, sequence)
LEFT JOIN LATERAL (
    SELECT content FROM (
        SELECT sequence, content FROM record WHERE record.record_id = version.record_id
      UNION ALL
        SELECT sequence, content FROM record_version WHERE record_version.record_id = version.record_id
    ) stored
    WHERE version.form = 'registry' AND stored.sequence >= version.sequence
    ORDER BY stored.sequence LIMIT 1
) state ON true
WHERE version.record_id IN (SELECT record_id FROM observed_version WHERE ref = ANY(%(refs)s)) AND version.recorded_at <= %(now)s
ORDER BY version.record_id, version.sequence
"""


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One version of a record as its event told it; ``ref`` is None where it withdraws the record.

    ``indexed`` is what it shares and by which it is tied to others; ``content`` the row itself, where this service keeps it.
    """

    record: UUID
    sequence: int
    ref: UUID | None
    form: str
    recorded_at: datetime
    indexed: IndexedRecord
    content: dict[str, Any] | None


async def versions_of(session: AsyncSession, refs: Collection[UUID], now: datetime) -> list[RecordVersion]:
    """Return all versions, recorded by ``now``, of records of which one was about one of the references."""
    connection = await raw(session)
    found = await connection.execute(_VERSIONS, {"refs": list(refs), "now": now})
    return [_version(*row) for row in await found.fetchall()]


def _version(
    record: UUID,
    sequence: int,
    ref: UUID | None,
    form: str,
    recorded_at: datetime,
    unit: str,
    commune: str | None,
    shared: dict[str, Any],
    nid12: str | None,
    nid9: str | None,
    name_birth_sex: str | None,
    content: dict[str, Any] | None,
) -> RecordVersion:
    # Whether it stood when the day began decides of the caller's own records alone, which the index has looked at.
    indexed = IndexedRecord(unit, commune, shared, nid12, nid9, name_birth_sex, stood=False, shared_before={})
    return RecordVersion(record, sequence, ref, form, recorded_at, indexed, content)
