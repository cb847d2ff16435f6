"""Values that are encrypted in a table of their own (column ``sealed``): which field keys they are under, and renewing them."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import SQLModel, col, func, select

from services.chassis.persistence import AsyncSession
from services.chassis.security import FieldCipher


async def sealed_by_key(
    session: AsyncSession, cipher: FieldCipher, table: type[SQLModel]
) -> Mapping[str, int]:
    """Return how many values of a table each field key has encrypted."""
    row: Any = table
    stored = (await session.exec(select(row.sealed))).all()
    return Counter(cipher.key_id(sealed) for sealed in stored if sealed is not None)


async def seal_anew(
    session: AsyncSession,
    cipher: FieldCipher,
    table: type[SQLModel],
    place_of: Callable[[Any], bytes],
    limit: int,
) -> int:
    """Encrypt up to so many values of a table anew under the current key; return how many, 0 when none is left.

    ``place_of`` gives what a row's value is tied to. Rows that somebody else holds are left for the next time.

    Raises:
        DecryptionFailedError: a value is under a key that is not configured any more.
    """
    row: Any = table
    head, sealed = cipher.head, col(row.sealed)
    former = select(row).where(sealed.is_not(None), func.substring(sealed, 1, len(head)) != head)
    found = (await session.exec(former.limit(limit).with_for_update(skip_locked=True))).all()
    for each in found:
        place = place_of(each)
        each.sealed = cipher.encrypt(cipher.decrypt(each.sealed, place), place)
    return len(found)
