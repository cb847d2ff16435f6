"""Routes of the field keys: which key encrypted how much, and encrypting anew under the current one."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.chassis.http import Problem, Work, require_right
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import get_logger
from services.chassis.security import DecryptionFailedError, Principal
from services.registers import rotation, search_index
from services.registers.engine import Intake

_log = get_logger(__name__)
_Rotates = Annotated[Principal, Depends(require_right("rotate_keys"))]


class FieldKeys(BaseModel):
    """The key for new rows, how many stored identities each key has encrypted, and how many records are found beside it.

    ``searched`` has those that are not in the search with all their versions under an empty name.
    """

    current: str
    identities: dict[str, int]
    searched: dict[str, int]


class RotationRequest(BaseModel):
    """How many identities one request encrypts anew; then, of how many records it makes the tokens of the search anew."""

    limit: int = Field(default=2_000, ge=1, le=20_000)


class Rotated(BaseModel):
    """How many identities were encrypted anew; and then, of how many records the tokens of the search were made anew.

    Both 0: none is left under an older key.
    """

    rewritten: int
    searched: int = 0


def keys_router(intake: Intake, more: Sequence[rotation.Rotating] = ()) -> APIRouter:
    """Return the routes of a service's field keys; ``more`` is what it keeps under them besides its records."""
    routes = APIRouter(prefix="/v1/keys/fields", tags=["operations"])

    @routes.get("", operation_id="get_field_keys")
    async def field_keys(_: _Rotates, work: Work) -> FieldKeys:
        async with work() as session:
            found = Counter(await rotation.by_key(session))
            for kept in more:
                found.update(await kept.by_key(session))
            searched = await search_index.by_key(session) if intake.searched else {}
        return FieldKeys(current=intake.vault.current_key, identities=found, searched=searched)

    @routes.post("/rotate", operation_id="rotate_field_keys")
    async def rotate_field_keys(wanted: RotationRequest, caller: _Rotates, work: Work) -> Rotated:
        try:
            async with work() as session:
                rewritten = await rotation.rotate(session, intake.vault, wanted.limit)
                for kept in more:
                    rewritten = rewritten or await kept.rotate(session, wanted.limit)
                # After the identities, from which the tokens are made.
                searched = 0 if rewritten else await _renew_search(session, intake, wanted.limit)
        except DecryptionFailedError:
            raise Problem(409, "field_key_missing") from None
        _log.info(
            "identities encrypted anew",
            rows=rewritten,
            searched=searched,
            key=intake.vault.current_key,
            by=caller.subject,
        )
        return Rotated(rewritten=rewritten, searched=searched)

    return routes


async def _renew_search(session: AsyncSession, intake: Intake, limit: int) -> int:
    for form in intake.searched:
        if records := await search_index.renew(session, form, intake.vault, limit):
            return len(records)
    return 0
