"""The records that a unit wrote, for those who may read them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from contracts.forms import Form, Kind
from reference import birthday, digits_only
from services.chassis.persistence import AsyncSession, raw
from services.registers.secrets import Vault

_OF_AGE = 18


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of records; ``identities`` counts the records whose identity was decrypted, ``looked`` by their unit."""

    records: list[dict[str, Any]]
    following: UUID | None
    identities: int
    looked: Counter[str]


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
    sees: Callable[[str, bool], frozenset[str]],
    day: date,
) -> Listed:
    """Return the next records of these units by record id, those withdrawn included and marked.

    ``sees(unit, minor)`` returns what the caller sees of the unit's people; ``minor``: under 18 on the ``day``.
    """
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT record_id, unit, sequence, recorded_at, voided, content::text, identity FROM record"
        " WHERE form = %s AND unit = ANY(%s) AND (%s::uuid IS NULL OR record_id > %s)"
        " ORDER BY record_id LIMIT %s",
        (form.name, list(units), after, after, limit + 1),
    )
    found = await cursor.fetchall()
    looked = Counter[str]()
    records = []
    for record_id, unit, sequence, recorded_at, voided, content, identity in found[:limit]:
        values = _shown(form, orjson.loads(content))
        minor = None
        if identity is not None and "identity" in sees(unit, False):
            who = vault.unseal(record_id, identity)
            minor = is_minor(who, day)
            if not minor or "identity" in sees(unit, True):
                values |= who
                looked[unit] += 1
        records.append(
            {
                "record": record_id,
                "unit": unit,
                "sequence": sequence,
                "recorded_at": recorded_at,
                "voided": voided,
                "minor": minor,
                "values": {column.id: values[column.id] for column in form.columns if column.id in values},
            }
        )
    following = found[limit - 1][0] if len(found) > limit else None
    return Listed(records, following, looked.total(), looked)


def is_minor(identity: Mapping[str, Any], day: date) -> bool:
    """Return whether the person is under 18 on the day; with only the year of birth known, whether that is possible."""
    born = str(identity.get("birth_date") or "")
    year, *rest = born.split("-")
    if not digits_only(year):
        return False
    if not rest:
        return day.year - int(year) <= _OF_AGE
    return birthday(date.fromisoformat(born), _OF_AGE) > day


def _shown(form: Form, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with area codes instead of uids."""
    areas = (Kind.COMMUNE, Kind.AREA)
    return {
        name: value.partition("@")[0] if name in form.by_id and form.by_id[name].kind in areas else value
        for name, value in content.items()
    }
