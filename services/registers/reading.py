"""The records that a unit wrote, for those who may read them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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
_CHUNK = 500  # rows that are looked through at once where many are passed over
_READ = frozenset({"values", "identity"})


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

    ``sees(unit, minor)`` returns what the caller sees of the unit's people; ``minor``: under 18 on the ``day`` by any version
    of the record, so that no correction of a birth date opens a name. Records of which the caller sees nothing are passed over, so that neither a page's length nor its end tells that they are there.
    """
    # One more than the page holds: only another record that the caller reads makes a next page.
    wanted, chunk = list(units), limit + 1
    found, looked = list[dict[str, Any]](), Counter[str]()
    while rows := await _rows(session, form, wanted, after, chunk):
        former = await former_identities(session, [row[0] for row in rows if _is_corrected(row)])
        for record_id, unit, sequence, recorded_at, voided, content, identity in rows:
            values, minor, named = with_codes(form, orjson.loads(content)), None, False
            if identity is not None and "identity" in sees(unit, False) | sees(unit, True):
                who = vault.unseal(record_id, identity)
                minor = is_minor(who, day) or was_minor(vault, record_id, former.get(record_id, ()), day)
                named = "identity" in sees(unit, minor)
                values |= who if named else {}
            if not _READ & sees(unit, bool(minor)):
                continue
            if len(found) == limit:
                return Listed(found, found[-1]["record"], looked.total(), looked)
            looked.update([unit] if named else [])
            found.append(
                {
                    "record": record_id,
                    "unit": unit,
                    "sequence": sequence,
                    "recorded_at": recorded_at,
                    "voided": voided,
                    "minor": minor,
                    "values": {
                        column.id: values[column.id] for column in form.columns if column.id in values
                    },
                }
            )
        after, chunk = rows[-1][0], _CHUNK
    return Listed(found, None, looked.total(), looked)


async def former_identities(session: AsyncSession, records: Sequence[UUID]) -> dict[UUID, list[bytes]]:
    """Return the encrypted identities of the replaced versions of these records."""
    if not records:
        return {}
    found: dict[UUID, list[bytes]] = {}
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT record_id, identity FROM record_version WHERE record_id = ANY(%s) AND identity IS NOT NULL",
            (list(records),),
        )
        for record, sealed in await cursor.fetchall():
            found.setdefault(record, []).append(sealed)
    return found


def _is_corrected(row: tuple[Any, ...]) -> bool:
    """Return whether the record has versions of somebody that were replaced."""
    _, _, sequence, *_, identity = row
    return bool(identity is not None and sequence > 1)


async def _rows(
    session: AsyncSession, form: Form, units: list[str], after: UUID | None, limit: int
) -> list[tuple[Any, ...]]:
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT record_id, unit, sequence, recorded_at, voided, content::text, identity FROM record"
        " WHERE form = %s AND unit = ANY(%s) AND (%s::uuid IS NULL OR record_id > %s)"
        " ORDER BY record_id LIMIT %s",
        (form.name, units, after, after, limit),
    )
    return await cursor.fetchall()


def is_minor(identity: Mapping[str, Any], day: date) -> bool:
    """Return whether the person is under 18 on the day; with only the year of birth known, whether that is possible."""
    born = str(identity.get("birth_date") or "")
    year, *rest = born.split("-")
    if not digits_only(year):
        return False
    if not rest:
        # As in `person.age_band`: doubt favours the younger (Criminal Procedure Code, Art. 417).
        return day.year - int(year) <= _OF_AGE
    return birthday(date.fromisoformat(born), _OF_AGE) > day


def was_minor(vault: Vault, record: UUID, former: Iterable[bytes], day: date) -> bool:
    """Return whether the person is under 18 on the day by any of these replaced versions of the record."""
    return any(is_minor(vault.unseal(record, sealed), day) for sealed in former)


def with_codes(form: Form, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with area codes instead of uids."""
    areas = (Kind.COMMUNE, Kind.AREA)
    return {
        name: value.partition("@")[0] if name in form.by_id and form.by_id[name].kind in areas else value
        for name, value in content.items()
    }
