"""The list of revoked tokens: ids only, each kept until the token would have ended by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ADD = text(
    "INSERT INTO revoked_token (id, until, revoked_at, revoked_by) VALUES (:id, :until, :at, :by)"
    " ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_token.until, excluded.until)"
)


async def revoke(session: AsyncSession, token_id: str, until: datetime, by: str, now: datetime) -> None:
    """Add a token; once more changes nothing but a later end. Those that have ended are forgotten."""
    await session.execute(text("DELETE FROM revoked_token WHERE until < :now"), {"now": now})
    await session.execute(_ADD, {"id": token_id, "until": until, "at": now, "by": by})


async def revoked(session: AsyncSession, now: datetime) -> Sequence[dict[str, Any]]:
    """Return the tokens that are revoked and would still hold, the last one first."""
    found = await session.execute(
        text(
            "SELECT id, until, revoked_at, revoked_by FROM revoked_token WHERE until >= :now"
            " ORDER BY revoked_at DESC, id"
        ),
        {"now": now},
    )
    return [dict(row) for row in found.mappings()]
