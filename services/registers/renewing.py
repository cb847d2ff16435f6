"""Renewal of linkage keys: what a rotation of the linkage secret does to the events of a service.

Keys are made anew from the encrypted identities, as a hand-in makes them, and replaced in the outbox where they stand;
events keep their ids, sequences and times. Each batch is one transaction that also says how far it came, so a rotation
that was killed goes on with the next one. Nothing is replaced before every key in the outbox is explained by an identity.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.chassis.persistence import AsyncSession, raw
from services.linkage import Message
from services.registers import linkage_epochs
from services.registers.hashing import person_messages
from services.registers.register import Register
from services.registers.row import Row
from services.registers.secrets import Vault

Renew = Callable[[Sequence[Message]], Awaitable[Sequence[tuple[str, str]]]]
"""Returns the hash of each message under the former secret and under the next one."""


class TokensLeftError(Exception):
    """The person index still has tokens that no event has told again; ``tokens``: how many."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        super().__init__(f"{tokens} tokens were not told again")


_NEXT_RECORDS = (
    "SELECT record_id FROM record WHERE %s::uuid IS NULL OR record_id > %s ORDER BY record_id LIMIT %s"
)
_IDENTITIES = (
    "SELECT record_id, form, content::text, identity FROM record"
    " WHERE record_id = ANY(%(ids)s) AND identity IS NOT NULL AND NOT voided"
    " UNION ALL SELECT version.record_id, record.form, version.content::text, version.identity"
    " FROM record_version AS version JOIN record USING (record_id)"
    " WHERE record_id = ANY(%(ids)s) AND version.identity IS NOT NULL AND NOT version.voided"
)
_PUT_PAIRS = (
    "INSERT INTO linkage_pair (former, renewed) SELECT * FROM unnest(%s::text[], %s::text[])"
    " ON CONFLICT DO NOTHING"
)
_KEYS = "json_each_text(convert_from(payload, 'UTF8')::json #> '{data,person,keys}')"
_UNEXPLAINED = (
    f"SELECT convert_from(payload, 'UTF8')::json ->> 'type', count(*) FROM outbox CROSS JOIN LATERAL {_KEYS} AS told"
    " WHERE topic = ANY(%s) AND NOT EXISTS (SELECT FROM linkage_pair WHERE former = told.value) GROUP BY 1"
)
_UNSENT = "SELECT count(*) FROM outbox WHERE topic = ANY(%s) AND sent_at IS NULL"
_EVENTS = (
    "SELECT id, payload FROM outbox WHERE id > %s AND topic = ANY(%s) AND payload IS NOT NULL"
    " ORDER BY id LIMIT %s"
)
_PAIRS = "SELECT former, renewed FROM linkage_pair WHERE former = ANY(%s)"
_PUT_EVENTS = (
    "UPDATE outbox SET payload = fresh.payload FROM unnest(%s::int8[], %s::bytea[]) AS fresh (id, payload)"
    " WHERE outbox.id = fresh.id"
)


async def collect(
    session: AsyncSession, registers: Mapping[str, Register], vault: Vault, renew: Renew, limit: int
) -> int:
    """Store the pairs of keys of the persons in the next records, all versions; return of how many, 0 at the end.

    Raises:
        DecryptionFailedError: an identity is under a field key that is not configured any more.
        HashingUnreachableError: the hashing process does not answer, or does not rotate.
    """
    connection = await raw(session)
    at = (await linkage_epochs.read(session)).at_record
    ids = [row[0] for row in await (await connection.execute(_NEXT_RECORDS, (at, at, limit))).fetchall()]
    if not ids:
        return 0
    rows = await (await connection.execute(_IDENTITIES, {"ids": ids})).fetchall()
    wanted: dict[Message, None] = {}
    for record_id, form, content, identity in rows:
        # Some forms have encrypted columns though they are about no person.
        if registers[form].form.identity:
            # Each message once: most versions of a record are about the same person.
            wanted |= dict.fromkeys(_messages(registers[form], vault, record_id, content, identity))
    pairs = await renew(list(wanted)) if wanted else []
    await connection.execute(_PUT_PAIRS, [[former for former, _ in pairs], [new for _, new in pairs]])
    await linkage_epochs.write(session, at_record=ids[-1])
    return len(ids)


def _messages(
    register: Register, vault: Vault, record_id: UUID, content: str, identity: bytes
) -> Sequence[Message]:
    row = Row.stored(register.form, {**orjson.loads(content), **vault.unseal(record_id, identity)})
    return list(person_messages(row).values())


async def unexplained(session: AsyncSession, topics: Sequence[str]) -> Counter[str]:
    """Return how many keys in the outbox no identity explains, by type of event."""
    connection = await raw(session)
    # Every event is read once, which may take longer than a request of a user may.
    await connection.execute("SET LOCAL statement_timeout TO 0")
    found = await (await connection.execute(_UNEXPLAINED, [list(topics)])).fetchall()
    return Counter({str(kind): int(keys) for kind, keys in found})


async def unsent(session: AsyncSession, topics: Sequence[str]) -> int:
    """Return how many events of these topics the relay has not sent yet."""
    connection = await raw(session)
    found = await (await connection.execute(_UNSENT, [list(topics)])).fetchone()
    return 0 if found is None else int(found[0])


async def rewrite(session: AsyncSession, topics: Sequence[str], limit: int) -> int:
    """Replace the keys in the next events of these topics; return in how many events, 0 at the end.

    LookupError where a key has no pair, which `unexplained` has ruled out before.
    """
    connection = await raw(session)
    at = (await linkage_epochs.read(session)).at_event
    rows = await (await connection.execute(_EVENTS, (at, list(topics), limit))).fetchall()
    if not rows:
        return 0
    keys = {number: keys_in(payload) for number, payload in rows}
    former = sorted({key for found in keys.values() for key in found})
    pairs = dict(await (await connection.execute(_PAIRS, [former])).fetchall())
    if len(pairs) < len(former):
        raise LookupError(f"{len(former) - len(pairs)} keys without a pair")
    fresh = [with_keys(payload, {key: pairs[key] for key in keys[number]}) for number, payload in rows]
    await connection.execute(_PUT_EVENTS, [[number for number, _ in rows], fresh])
    await linkage_epochs.write(session, at_event=rows[-1][0])
    return len(rows)


async def forget_pairs(session: AsyncSession) -> None:
    """Delete the pairs: with them, and who knows the former secret, the new keys could be looked up."""
    await (await raw(session)).execute("TRUNCATE linkage_pair")


def keys_in(payload: bytes) -> list[str]:
    """Return the linkage keys in an event; none in one that withdraws a record."""
    person: Any = orjson.loads(payload)["data"].get("person")
    return [] if person is None else [str(key) for key in person["keys"].values()]


def with_keys(payload: bytes, renewed: Mapping[str, str]) -> bytes:
    """Return the event with other keys, every other byte as it was."""
    # Not by parsing and writing it: numbers and times must keep the form in which they were told.
    for former, new in renewed.items():
        payload = payload.replace(f'"{former}"'.encode(), f'"{new}"'.encode())
    return payload
