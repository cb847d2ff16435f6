"""Routes of the field keys: which key encrypted how much, and encrypting anew under the current one."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.chassis.http import Problem, Work, require_right
from services.chassis.runtime import get_logger
from services.chassis.security import DecryptionFailedError, Principal
from services.registers import rotation
from services.registers.engine import Intake

_log = get_logger(__name__)
_Rotates = Annotated[Principal, Depends(require_right("rotate_keys"))]


class FieldKeys(BaseModel):
    """The key for new rows, and how many stored identities each key has encrypted."""

    current: str
    identities: dict[str, int]


class RotationRequest(BaseModel):
    """How many identities one request encrypts anew."""

    limit: int = Field(default=2_000, ge=1, le=20_000)


class Rotated(BaseModel):
    """How many identities were encrypted anew; 0: none is left under an older key."""

    rewritten: int


def keys_router(intake: Intake) -> APIRouter:
    """Return the routes of a service's field keys."""
    routes = APIRouter(prefix="/v1/keys/fields", tags=["operations"])

    @routes.get("", operation_id="get_field_keys")
    async def field_keys(_: _Rotates, work: Work) -> FieldKeys:
        async with work() as session:
            found = await rotation.by_key(session)
        return FieldKeys(current=intake.vault.current_key, identities=found)

    @routes.post("/rotate", operation_id="rotate_field_keys")
    async def rotate_field_keys(wanted: RotationRequest, caller: _Rotates, work: Work) -> Rotated:
        try:
            async with work() as session:
                rewritten = await rotation.rotate(session, intake.vault, wanted.limit)
        except DecryptionFailedError:
            raise Problem(409, "field_key_missing") from None
        _log.info(
            "identities encrypted anew", rows=rewritten, key=intake.vault.current_key, by=caller.subject
        )
        return Rotated(rewritten=rewritten)

    return routes
