"""Look up for clerks which references are one human being now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.forms import FORMS
from services.chassis.persistence import AsyncSession, raw
from services.registry.index.telling import Told

_LINKED = """
WITH RECURSIVE live AS NOT MATERIALIZED (
    SELECT ref, person, basis, known_from FROM person_edge
    WHERE NOT withdrawn AND known_from <= %(now)s AND (known_until IS NULL OR %(now)s < known_until)
), same(ref) AS (
    SELECT %(ref)s::uuid
  UNION
    SELECT other.ref FROM same JOIN live mine ON mine.ref = same.ref JOIN live other ON other.person = mine.person
), in_force AS (
    SELECT DISTINCT ON (version.record_id) version.record_id, version.sequence, version.ref, version.form, version.unit
    FROM observed_version version
    WHERE version.recorded_at <= %(now)s
        AND version.record_id IN (SELECT record_id FROM same JOIN observed_version USING (ref))
    ORDER BY version.record_id, version.sequence DESC
)
SELECT ref, form, array_agg(DISTINCT unit), min(known_from),
    array_agg(DISTINCT basis) FILTER (WHERE basis IS NOT NULL),
    array_agg(DISTINCT commune) FILTER (WHERE commune IS NOT NULL),
    jsonb_agg(DISTINCT told) FILTER (WHERE told IS NOT NULL AND told <> '{}')
FROM same JOIN in_force USING (ref) LEFT JOIN told_version USING (record_id, sequence) LEFT JOIN live USING (ref)
GROUP BY ref, form ORDER BY ref, form
"""


@dataclass(frozen=True, slots=True)
class LinkedReference:
    """A reference of a human being: its register and units, the key that links it, and since when the link is known.

    ``communes`` are those of residence in its records (uids); ``told`` is what each record tells another agency.
    """

    ref: UUID
    service: str
    form: str
    units: tuple[str, ...]
    basis: tuple[str, ...]
    known_from: datetime | None
    communes: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


async def same_person(session: AsyncSession, ref: UUID, now: datetime) -> Sequence[LinkedReference]:
    """Return the reference and all that are the same human being as known at ``now``; empty where it is not known."""
    connection = await raw(session)
    async with connection.cursor() as cursor:
        await cursor.execute(_LINKED, {"ref": ref, "now": now}, prepare=False)
        rows = await cursor.fetchall()
    return [
        LinkedReference(
            each,
            FORMS[form].service,
            form,
            tuple(units),
            tuple(basis or ()),
            since,
            tuple(communes or ()),
            tuple(told or ()),
        )
        for each, form, units, since, basis, communes, told in rows
    ]
