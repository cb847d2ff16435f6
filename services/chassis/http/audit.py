"""The routes of the audit: its rows for administrators, and the heads of its chains, signed with the service's own key."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import text

from proof import FIELDS, Sign, head_of, parse_signing_key
from services.chassis.audit import CHAINS, instant, listed
from services.chassis.http.app import Work, require_right
from services.chassis.persistence import GREATEST, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger, pause
from services.chassis.security import Principal
from texts import message

PAGE = 2_000
_ANNOUNCE_SECONDS = 900.0
log = get_logger(__name__)
Admin = Annotated[Principal, Depends(require_right("see_audit"))]
Key = tuple[str, Sign]
"""The name of a key, and how to sign with it."""


def audit_key(platform: Platform) -> Key | None:
    """Return the key with which a service signs the heads of its audit, None where its settings have none."""
    settings = platform.settings
    if settings.audit_signing_key is None:
        return None
    name = settings.audit_signing_key_id or f"audit-{settings.service}-1"
    return name, parse_signing_key(settings.audit_signing_key).sign


def audit_router(platform: Platform, key: Key | None = None) -> APIRouter:
    """Return the routes; for administrators only."""
    router = APIRouter(prefix="/v1/audit", tags=["audit"])

    @router.get("", operation_id="list_audit_rows")
    async def audit_rows(
        _: Admin,
        work: Work,
        chain: Annotated[
            int, Query(ge=0, lt=CHAINS, description=str(message("api.parameter.audit.chain")))
        ] = 0,
        after: Annotated[
            int, Query(ge=0, le=GREATEST, description=str(message("api.parameter.audit.after")))
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> dict[str, Any]:
        async with work() as session:
            found = await session.execute(
                text(
                    f"SELECT {', '.join((*FIELDS, 'hash'))} FROM audit WHERE chain = :chain AND seq > :after"
                    " ORDER BY seq LIMIT :limit"
                ),
                {"chain": chain, "after": after, "limit": limit},
            )
            rows = [listed(dict(row)) for row in found.mappings()]
        following = rows[-1]["seq"] if len(rows) == limit else None
        return {"chain": chain, "chains": CHAINS, "rows": rows, "next": following}

    @router.get("/head", operation_id="get_audit_head")
    async def audit_head(_: Admin) -> dict[str, Any]:
        return await read_head(platform, key)

    return router


async def read_head(platform: Platform, key: Key | None) -> dict[str, Any]:
    """Return the heads of the chains as a document that `proof.audit` checks."""
    async with platform.uow() as session:
        found = await session.execute(text("SELECT chain, seq, hash FROM audit_head ORDER BY chain"))
        chains = [dict(row) for row in found.mappings()]
    key_id, sign = key if key is not None else (None, None)
    return head_of(platform.settings.service, instant(platform.clock()), chains, key_id, sign)


def announcing(platform: Platform, key: Key | None = None) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Return background work that writes the signed heads to the log regularly, since logs are copied to other machines."""

    async def announce(stop: asyncio.Event) -> None:
        last: object = None
        if key is None:
            log.warning("audit heads are not signed", setting="KHOPSO_AUDIT_SIGNING_KEY")
        while not stop.is_set():
            try:
                head = await read_head(platform, key)
            except Exception as error:
                # An outage may pass: the next round writes the same heads.
                if not is_outage(error):
                    raise
            else:
                if head["chains"] != last:
                    log.info("audit head", **{name: head[name] for name in ("chains", "key_id", "signature")})
                    last = head["chains"]
            await pause(stop, _ANNOUNCE_SECONDS)

    return announce
