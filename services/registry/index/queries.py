"""Look up for clerks which references are one human being now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.envelope import VIETNAM, start_of_day
from contracts.forms import FORMS
from services.chassis.persistence import AsyncSession, raw
from services.registry.index.sharing import SharedValues

_LINKED = """
WITH RECURSIVE live AS NOT MATERIALIZED (
    SELECT ref, person, basis, known_from FROM person_edge
    WHERE basis IN ('national_id', 'name_birth_sex', 'clerk') AND NOT withdrawn AND known_from <= %(now)s AND (known_until IS NULL OR %(now)s < known_until)
), same(ref) AS (
    SELECT %(ref)s::uuid
  UNION
    SELECT other.ref FROM same JOIN live mine ON mine.ref = same.ref JOIN live other ON other.person = mine.person
), in_force AS (
    SELECT DISTINCT ON (version.record_id) version.*
    FROM observed_version version
    WHERE version.recorded_at <= %(now)s
        AND version.record_id IN (SELECT record_id FROM same JOIN observed_version USING (ref))
    ORDER BY version.record_id, version.sequence DESC
), described AS (
    SELECT version.ref, version.form, version.unit, jsonb_build_object(
        'unit', version.unit, 'commune', shared.commune, 'shared', coalesce(shared.shared, '{}'),
        'nid12', version.nid12, 'nid9', version.nid9, 'name_birth_sex', version.name_birth_sex,
        'stood', coalesce((before.ref, before.nid12, before.nid9, before.name_birth_sex)
            IS NOT DISTINCT FROM (version.ref, version.nid12, version.nid9, version.name_birth_sex), false),
        'shared_before', coalesce(shared_before.shared, '{}')
    ) AS record
    FROM in_force version
    LEFT JOIN shared_version shared USING (record_id, sequence)
    LEFT JOIN LATERAL (
        SELECT * FROM observed_version earlier
        WHERE earlier.record_id = version.record_id AND earlier.handed_in_at < %(today)s
        ORDER BY earlier.sequence DESC LIMIT 1
    ) before ON true
    LEFT JOIN shared_version shared_before
        ON shared_before.record_id = before.record_id AND shared_before.sequence = before.sequence
)
SELECT ref, form, array_agg(DISTINCT unit), jsonb_agg(DISTINCT record), jsonb_agg(DISTINCT jsonb_build_object(
        'key', live.person, 'basis', live.basis, 'known_from', live.known_from
    )) FILTER (WHERE live.person IS NOT NULL)
FROM same JOIN described USING (ref) LEFT JOIN live USING (ref)
GROUP BY ref, form ORDER BY ref, form
"""


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """One record of a person as it is in force: whose it is, its commune of residence (uid), and what it tells others.

    ``nid12``, ``nid9`` and ``name_birth_sex`` are its tokens, as text. ``stood``: when the day of asking began, the record had
    been handed in already, for the same person; a ``recorded_on`` of the row's own does not matter. ``shared_before`` is what
    it shared then.
    """

    unit: str
    commune: str | None
    shared: SharedValues
    nid12: str | None
    nid9: str | None
    name_birth_sex: str | None
    stood: bool
    shared_before: SharedValues


@dataclass(frozen=True, slots=True)
class Link:
    """A key that joins a reference with others now (``key`` names it), what kind of key it is, and since when that is known."""

    key: UUID
    basis: str
    known_from: datetime


@dataclass(frozen=True, slots=True)
class LinkedReference:
    """A reference of a human being: its register, units and records, and the keys that link it."""

    ref: UUID
    service: str
    form: str
    units: tuple[str, ...]
    records: tuple[IndexedRecord, ...] = ()
    links: tuple[Link, ...] = ()


async def same_person(session: AsyncSession, ref: UUID, now: datetime) -> Sequence[LinkedReference]:
    """Return the reference and all that are the same human being as known at ``now``; empty where it is not known."""
    today = start_of_day(now.astimezone(VIETNAM).date())
    connection = await raw(session)
    async with connection.cursor() as cursor:
        # Not prepared, as in `repository`: a plan from the time when the tables were small would stay in use.
        await cursor.execute(_LINKED, {"ref": ref, "now": now, "today": today}, prepare=False)
        rows = await cursor.fetchall()
    return [
        LinkedReference(
            each,
            FORMS[form].service,
            form,
            tuple(units),
            tuple(IndexedRecord(**record) for record in records),
            tuple(
                Link(UUID(one["key"]), one["basis"], datetime.fromisoformat(one["known_from"]))
                for one in links or ()
            ),
        )
        for each, form, units, records, links in rows
    ]
