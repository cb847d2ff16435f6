"""The linkage keys of a batch's persons, which the hashing process makes (`services.chassis.security.HashingClient`)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from reference import stands_for_a_year
from services.linkage import Message, messages_of
from services.registers.row import Row

HashAll = Callable[[Sequence[Message]], Awaitable[Sequence[str]]]
"""Hashes messages; the hashes are in the order of the messages."""

_SLICE = 100  # rows processed before the event loop runs other tasks


async def hash_persons(rows: Sequence[Row], hash_all: HashAll | None) -> None:
    """Set the linkage keys of each valid row's person, by one call for all of them.

    Forms without identity have no persons, nor have rows that withdraw a record. ``hash_all`` is None in a service whose
    forms hold no identity.

    Raises:
        HashingUnreachableError: the hashing process does not answer.
    """
    of_row: list[tuple[Row, dict[str, Message]]] = []
    for index, row in enumerate(rows):
        if row.form.identity and not row.void:
            of_row.append((row, linking_messages(row)))
        if index % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    if not of_row:
        return
    if hash_all is None:
        raise RuntimeError("this service reaches no hashing process")
    # Each message once: a register often has several rows of one person.
    wanted = list(dict.fromkeys(message for _, messages in of_row for message in messages.values()))
    hashes = dict(zip(wanted, await hash_all(wanted), strict=True))
    for row, messages in of_row:
        row.linkage = {kind: hashes[message] for kind, message in messages.items()}


def linking_messages(row: Row) -> dict[str, Message]:
    """Return what is hashed of a row that is handed in: all of `person_messages` by which its person may be found.

    A birth date that stands for a year, without a national ID, is no date by which namesakes are one person: in three
    communes there are three men of one name "born on 1 January 1985".
    """
    messages = person_messages(row)
    birth = row.birth()
    if isinstance(birth, date) and stands_for_a_year(birth) and not row.has("national_id"):
        for kind in ("name_birth_sex", "name_folded"):
            messages.pop(kind, None)
    return messages


def person_messages(row: Row) -> dict[str, Message]:
    """Return what is hashed for the person of a valid row, by kind of linkage key."""
    return messages_of(
        row.text("full_name"),
        row.birth(),
        row.text("sex"),
        row.opt_text("national_id"),
        row.area("commune_code"),
    )
