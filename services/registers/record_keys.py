"""Keys of records within their unit. Numbers in them are folded, parts that say who somebody is are hashed.

The hash is under the service's own digest key.

Until 0.2.0 these parts were hashed under the province's linkage secret; `renew` replaces what is left of them, from the
encrypted identities (ADR 27).
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from contracts.forms import Form
from reference import fold
from services.chassis.persistence import AsyncSession, raw
from services.linkage import normalise_name
from services.registers.plan import plan_of
from services.registers.row import Row
from services.registers.secrets import Vault

SEPARATOR = "\x1f"
MARK = "~"
"""Begins a part that is hashed under the digest key; base64url, in which the hashes of before are written, has it not."""
# In one order, so that two processes that begin at once do not wait for each other's rows; the second finds none left.
_LEFT = (
    "SELECT record_id, key, identity FROM record WHERE form = %s AND identity IS NOT NULL"
    " AND left(split_part(key, %s, %s), 1) <> %s ORDER BY record_id FOR UPDATE"
)
_PUT = "UPDATE record SET key = fresh.key FROM unnest(%s::uuid[], %s::text[]) AS fresh (id, key) WHERE record_id = fresh.id"


def key_of(row: Row, vault: Vault, apart: Collection[tuple[str, str]] = ()) -> str:
    """Return the record's key within its unit; every part of it must be there.

    ``apart`` are the numbers, with their units, that are not folded (`NumberApartTable`).
    """
    parts = []
    by_id = row.form.by_id
    plan = plan_of(row.form)
    for part in plan.key:
        names = next(names for names in part.alternatives if row.has(*names))
        values = [
            folded_number(row, name, apart)
            if name in plan.numbers
            else _canonical(name, row.areas.get(name, row.values[name]))
            for name in names
        ]
        if any(by_id[name].identity for name in names):
            parts.append(_hashed(row.form, names, values, vault))
        else:
            parts.append("+".join(values))
    return SEPARATOR.join(parts)


def has_whole_key(row: Row) -> bool:
    """Return whether the row has a value for every part of its key."""
    return all(any(row.has(*names) for names in part.alternatives) for part in plan_of(row.form).key)


def folded_number(row: Row, column: str, apart: Collection[tuple[str, str]]) -> str:
    """Return the number in the column as it is compared; one that is kept apart as it is written."""
    number = row.text(column)
    return number if apart and (row.unit, number) in apart else fold(number)


def key_text(form: Form, values: Mapping[str, Any]) -> str:
    """Return the key columns as people read them; parts that cannot be read are left out."""
    parts = []
    for part in plan_of(form).key:
        told = next((names for names in part.alternatives if all(values.get(name) for name in names)), ())
        parts += [str(values[name]).partition("@")[0] for name in told]
    return " / ".join(parts)


def number_shown(form: Form, key: str, values: Mapping[str, Any]) -> str:
    """Return the number under which people know a record; of a withdrawn one, which says nothing, from its stored key."""
    told = key_text(form, values)
    return told or " / ".join(
        part.partition("@")[0] for part in key.split(SEPARATOR) if not part.startswith(MARK)
    )


async def renew(session: AsyncSession, form: Form, vault: Vault) -> int:
    """Replace the hashed parts of stored keys that are not under the digest key; return of how many records.

    0 means that none was left before: a caller that has seen it need not ask again.

    Raises:
        DecryptionFailedError: an identity is under a key that is not configured any more.
    """
    connection = await raw(session)
    renewed = 0
    for place in hashed_parts(form):
        asked = (form.name, SEPARATOR, place + 1, MARK)
        left = await (await connection.execute(_LEFT, asked)).fetchall()
        fresh = await asyncio.to_thread(_renewed, form, vault, place, left)
        if fresh:
            await connection.execute(_PUT, [list(fresh), list(fresh.values())])
        renewed += len(fresh)
    return renewed


def hashed_parts(form: Form) -> list[int]:
    """Return the places of the parts of the form's key that are hashed, from 0."""
    by_id = form.by_id
    return [
        place
        for place, part in enumerate(plan_of(form).key)
        if all(any(by_id[name].identity for name in names) for names in part.alternatives)
    ]


def _renewed(form: Form, vault: Vault, place: int, left: list[Any]) -> dict[UUID, str]:
    fresh = {}
    for record_id, key, sealed in left:
        parts = key.split(SEPARATOR)
        parts[place] = _part_of(form, place, vault.unseal(record_id, sealed), vault)
        fresh[record_id] = SEPARATOR.join(parts)
    return fresh


def _part_of(form: Form, place: int, identity: Mapping[str, Any], vault: Vault) -> str:
    alternatives = plan_of(form).key[place].alternatives
    names = next(names for names in alternatives if all(identity.get(name) for name in names))
    return _hashed(form, names, [_canonical(name, identity[name]) for name in names], vault)


def _hashed(form: Form, names: tuple[str, ...], values: list[str], vault: Vault) -> str:
    return MARK + vault.hash("record key", form.name, *names, *values)


def _canonical(name: str, value: Any) -> str:
    # Of an area the uid, not the code: a code may stand for another commune on another day.
    if isinstance(value, date):
        return value.isoformat()
    # A name spelt with other spaces or capitals must find the record that is there, not make a second one.
    return normalise_name(value) if name == "full_name" else str(value)
