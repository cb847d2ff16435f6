"""The records that a unit wrote, for those who may read them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from contracts.forms import Form, Kind
from services.chassis.persistence import AsyncSession, raw
from services.registers.secrets import Vault


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of records; ``identities`` counts the records whose identity was decrypted."""

    records: list[dict[str, Any]]
    following: UUID | None
    identities: int


async def units_of(session: AsyncSession, form: str | None = None) -> list[str]:
    """Return the units that have handed in anything (of the form), by code."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT DISTINCT unit FROM record WHERE %s::text IS NULL OR form = %s ORDER BY unit", (form, form)
    )
    return [row[0] for row in await cursor.fetchall()]


async def page(
    session: AsyncSession,
    form: Form,
    units: Iterable[str],
    *,
    after: UUID | None,
    limit: int,
    vault: Vault,
    reads_identity: Callable[[str], bool],
) -> Listed:
    """Return the next records of these units by record id, those withdrawn included and marked."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT record_id, unit, sequence, recorded_at, voided, content::text, identity FROM record"
        " WHERE form = %s AND unit = ANY(%s) AND (%s::uuid IS NULL OR record_id > %s)"
        " ORDER BY record_id LIMIT %s",
        (form.name, list(units), after, after, limit + 1),
    )
    found = await cursor.fetchall()
    identities = 0
    records = []
    for record_id, unit, sequence, recorded_at, voided, content, identity in found[:limit]:
        values = _shown(form, orjson.loads(content))
        if identity is not None and reads_identity(unit):
            values |= vault.unseal(record_id, identity)
            identities += 1
        records.append(
            {
                "record": record_id,
                "unit": unit,
                "sequence": sequence,
                "recorded_at": recorded_at,
                "voided": voided,
                "values": {column.id: values[column.id] for column in form.columns if column.id in values},
            }
        )
    following = found[limit - 1][0] if len(found) > limit else None
    return Listed(records, following, identities)


def _shown(form: Form, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with area codes instead of uids."""
    areas = (Kind.COMMUNE, Kind.AREA)
    return {
        name: value.partition("@")[0] if name in form.by_id and form.by_id[name].kind in areas else value
        for name, value in content.items()
    }
