"""The records that a list is matched with: a fixed number of statements, however long the list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from services.chassis.persistence import AsyncSession, raw
from services.matching.model import Ours
from services.registers import Vault, reading

LIMIT = 250_000
"""Records that one match looks through; above it the caller is asked to narrow the match down."""
_COLUMNS = (
    "record_id, unit, key, person_ref, content::text, identity, recorded_at, own_day, area, voided, sequence"
)


class TooManyRecordsError(Exception):
    """There are more records than one match compares."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the caller may see: ``units`` whose records count, ``readable`` those whose identity may be read.

    ``minors`` are units of which that holds for people under 18 on the ``day``, too; ``in_scope(unit, area)`` says what
    was asked about.
    """

    units: Sequence[str]
    readable: frozenset[str]
    minors: frozenset[str]
    day: date
    in_scope: Callable[[str, str | None], bool]


async def at_keys(
    session: AsyncSession,
    form: str,
    reach: Reach,
    vault: Vault,
    places: Iterable[tuple[str, str]],
    keys: Iterable[str],
) -> list[Ours]:
    """Return the records at these (unit, key) places, and those of any unit with one of the keys alone."""
    wanted = list(places)
    return await _read(
        session,
        reach,
        vault,
        "SELECT " + _COLUMNS + " FROM record WHERE form = %s AND unit = ANY(%s)"
        " AND ((unit, key) IN (SELECT * FROM unnest(%s::text[], %s::text[])) OR key = ANY(%s)) LIMIT %s",
        (
            form,
            list(reach.units),
            [unit for unit, _ in wanted],
            [key for _, key in wanted],
            list(keys),
            LIMIT + 1,
        ),
    )


async def all_of(
    session: AsyncSession, form: str, reach: Reach, vault: Vault, without: Iterable[UUID] = ()
) -> list[Ours]:
    """Return every record of the units, those withdrawn included.

    Raises:
        TooManyRecordsError: there are more than `LIMIT`.
    """
    return await _read(
        session,
        reach,
        vault,
        "SELECT " + _COLUMNS + " FROM record WHERE form = %s AND unit = ANY(%s)"
        " AND record_id <> ALL(%s::uuid[]) LIMIT %s",
        (form, list(reach.units), list(without), LIMIT + 1),
    )


async def histories(
    session: AsyncSession, vault: Vault, records: Mapping[UUID, bool]
) -> dict[UUID, list[dict[str, Any]]]:
    """Return what these records said before, oldest first; identity where the mapping says that it may be read."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT record_id, content::text, identity FROM record_version"
        " WHERE record_id = ANY(%s) AND NOT voided ORDER BY record_id, sequence",
        (list(records),),
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for record_id, content, identity in await cursor.fetchall():
        values = orjson.loads(content)
        if identity is not None and records[record_id]:
            values |= vault.unseal(record_id, identity)
        found.setdefault(record_id, []).append(values)
    return found


async def _read(
    session: AsyncSession, reach: Reach, vault: Vault, statement: str, values: tuple[Any, ...]
) -> list[Ours]:
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(statement, values)
        rows = await cursor.fetchall()
    # One more than the limit is read, to distinguish exactly the limit from more records.
    if len(rows) > LIMIT:
        raise TooManyRecordsError
    corrected = [
        row[0] for row in rows if row[5] is not None and row[-1] > 1 and _minors_hidden(reach, row[1])
    ]
    former = await reading.former_identities(session, corrected)
    return [_ours(reach, vault, former.get(row[0], ()), *row[:-1]) for row in rows]


def _minors_hidden(reach: Reach, unit: str) -> bool:
    return unit in reach.readable and unit not in reach.minors


def _ours(
    reach: Reach,
    vault: Vault,
    former: Sequence[bytes],
    record_id: UUID,
    unit: str,
    key: str,
    person_ref: UUID | None,
    content: str,
    identity: bytes | None,
    recorded_at: datetime,
    own_day: date,
    area: str | None,
    voided: bool,
) -> Ours:
    unseal = (
        partial(_unsealed, reach, vault, unit, record_id, identity, former)
        if identity is not None and unit in reach.readable
        else None
    )
    return Ours(
        record=record_id,
        unit=unit,
        key=key,
        person=person_ref,
        text=content,
        unseal=unseal,
        recorded_at=recorded_at,
        day=own_day,
        area=area,
        voided=voided,
        in_scope=reach.in_scope(unit, area),
    )


def _unsealed(
    reach: Reach, vault: Vault, unit: str, record_id: UUID, identity: bytes, former: Sequence[bytes]
) -> dict[str, Any] | None:
    """Return the identity of a record, None where the person is a minor whom the caller must not know by name.

    A minor by any version: no correction of a birth date opens a name.
    """
    who = vault.unseal(record_id, identity)
    if unit in reach.minors:
        return who
    if reading.is_minor(who, reach.day) or reading.was_minor(vault, record_id, former, reach.day):
        return None
    return who
