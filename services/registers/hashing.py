"""What a row has hashed under the province's secret: parts of its key that say who somebody is, and the person's linkage keys.

The secret is in another process (`services.chassis.security.HashingClient`), so all rows of a batch are hashed in one call.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

from services.linkage import RECORD_KEY, Message, messages_of, normalise_name
from services.registers.plan import plan_of
from services.registers.row import Row

HashAll = Callable[[Sequence[Message]], Awaitable[Sequence[str]]]
"""Hashes messages; the hashes are in the order of the messages."""

SEPARATOR = "\x1f"
_SLICE = 100  # rows processed before the event loop runs other tasks


async def hash_rows(rows: Sequence[Row], hash_all: HashAll | None, *, persons: bool = True) -> None:
    """Set the key of each row, and with ``persons`` the linkage keys of its person. Key columns must be there.

    Rows that withdraw a record have no person. ``hash_all`` is None in a service whose forms hold no identity.

    Raises:
        HashingUnreachableError: the hashing process does not answer.
    """
    wanted: dict[Message, None] = {}
    of_person: list[dict[str, Message]] = []
    for index, row in enumerate(rows):
        named = person_messages(row) if persons and row.form.identity and not row.void else {}
        of_person.append(named)
        wanted.update(dict.fromkeys((*key_messages(row), *named.values())))
        if index % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    hashes = await _hashed(list(wanted), hash_all)
    for row, named in zip(rows, of_person, strict=True):
        row.key = key_of(row, hashes)
        row.linkage = {kind: hashes[message] for kind, message in named.items()}


async def _hashed(messages: Sequence[Message], hash_all: HashAll | None) -> dict[Message, str]:
    if not messages:
        return {}
    if hash_all is None:
        raise RuntimeError("this service reaches no hashing process")
    return dict(zip(messages, await hash_all(messages), strict=True))


def person_messages(row: Row) -> dict[str, Message]:
    """Return what is hashed for the person of a valid row, by kind of linkage key."""
    return messages_of(
        row.text("full_name"),
        row.birth(),
        row.text("sex"),
        row.opt_text("national_id"),
        row.area("commune_code"),
    )


def key_messages(row: Row) -> list[Message]:
    """Return the parts of the row's key that say who somebody is."""
    return [part for part in _key_parts(row) if isinstance(part, tuple)]


def key_of(row: Row, hashes: Mapping[Message, str]) -> str:
    """Return the record's key within its unit; of parts that say who somebody is, their hashes."""
    return SEPARATOR.join(hashes[part] if isinstance(part, tuple) else part for part in _key_parts(row))


def _key_parts(row: Row) -> list[str | Message]:
    parts: list[str | Message] = []
    by_id = row.form.by_id
    for part in plan_of(row.form).key:
        names = next(names for names in part.alternatives if row.has(*names))
        values = [_canonical(row, name) for name in names]
        if any(by_id[name].identity for name in names):
            parts.append((RECORD_KEY, row.form.name, *names, *values))
        else:
            parts.append("+".join(values))
    return parts


def _canonical(row: Row, name: str) -> str:
    if name in row.areas:
        # The uid, not the code: a code may stand for another commune on another day.
        return row.areas[name]
    value = row.values[name]
    if isinstance(value, date):
        return value.isoformat()
    # A name spelt with other spaces or capitals must find the record that is there, not make a second one.
    return normalise_name(value) if name == "full_name" else str(value)
