"""The routes that revoke tokens before their end. Administrators only; each service keeps a list of its own."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from services.chassis.http.app import Problem, require_right
from services.chassis.persistence import revoke, revoked
from services.chassis.platform import Platform
from services.chassis.problems import Fault
from services.chassis.runtime import get_logger
from services.chassis.security import TOKEN_ID_LENGTH, TOKEN_ID_LETTERS, Principal

log = get_logger(__name__)
Admin = Annotated[Principal, Depends(require_right("revoke_token"))]


class Revocation(BaseModel):
    """A token to revoke: its ``jti``, and until when it would hold (by default as long as any token may)."""

    token: str = Field(min_length=1, max_length=TOKEN_ID_LENGTH, pattern=f"^{TOKEN_ID_LETTERS}+$")
    until: AwareDatetime | None = None


class RevokedToken(BaseModel):
    """A revoked token: who revoked it, when, and until when it is remembered."""

    id: str
    until: datetime
    revoked_at: datetime
    revoked_by: str


def tokens_router(platform: Platform) -> APIRouter:
    """Return the routes; `create_app` puts authentication before them."""
    router = APIRouter(prefix="/v1/revoked-tokens", tags=["operations"])

    @router.post("", operation_id="revoke_token", status_code=201)
    async def revoke_token(wanted: Revocation, admin: Admin) -> RevokedToken:
        now = platform.clock()
        longest = now + timedelta(seconds=platform.settings.token_max_lifetime_seconds)
        until = wanted.until or longest
        if not now < until <= longest:
            raise Problem.invalid([Fault.of("until", until.isoformat(), "revoked_until")])
        async with platform.uow() as session:
            await revoke(session, wanted.token, until, admin.subject, now)
        log.warning("token revoked", token=wanted.token, by=admin.subject)
        return RevokedToken(id=wanted.token, until=until, revoked_at=now, revoked_by=admin.subject)

    @router.get("", operation_id="list_revoked_tokens")
    async def list_revoked_tokens(_: Admin) -> list[RevokedToken]:
        async with platform.uow() as session:
            return [RevokedToken(**row) for row in await revoked(session, platform.clock())]

    return router
