"""Exports of identities: reading more than `AT_ONCE` in an hour, or a unit's register as its official, is an export.

An export is an action of its own in the authority table and needs a second person. The daily work of a unit's own
clerk is not an export.
"""

from datetime import timedelta

from fastapi import Request
from sqlalchemy import text

from services.chassis.http.app import Problem, platform_of
from services.chassis.http.second_person import presented, require_second_person
from services.chassis.persistence import AsyncSession
from services.chassis.security import AT_ONCE, READ, Matter, Principal

EXPORT = "export_identities"
_HOUR = timedelta(hours=1)
# Requests of one person wait for each other here: in parallel, each would miss the identities of the others.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended('identity_reading:' || :subject, 0))")
_FORGET = text("DELETE FROM identity_reading WHERE subject = :subject AND at <= :since")
_ADD = text(
    "INSERT INTO identity_reading (id, subject, at, identities) VALUES (:id, :subject, :at, :identities)"
)
_SUM = text("SELECT sum(identities) FROM identity_reading WHERE subject = :subject")


async def opened_by_approval(
    request: Request, session: AsyncSession, caller: Principal, form: str, unit: str | None
) -> Matter | None:
    """Return the matter of the presented approval if it permits an export or break-glass reading of these records."""
    approval = await presented(request, session, caller)
    if approval is None or not unit or (approval.matter.form, approval.matter.unit) != (form, unit):
        return None
    return approval.matter if approval.matter.action in (EXPORT, READ) else None


async def use_opened(
    request: Request, session: AsyncSession, caller: Principal, opened: Matter, rows: int
) -> None:
    """Use the approval that the request presents for this many records; 403 where it does not permit as many."""
    approval = await presented(request, session, caller)
    size = approval.rows if approval is not None else rows
    await require_second_person(request, session, caller, opened, rows, size=size)


async def count_identities(request: Request, session: AsyncSession, caller: Principal, count: int) -> None:
    """Count identities shown to the caller, in the session's transaction; 403 beyond `AT_ONCE` within an hour."""
    platform = platform_of(request)
    now = platform.clock()
    of = {"subject": caller.subject}
    await session.execute(_ONE_BY_ONE, of)
    await session.execute(_FORGET, of | {"since": now - _HOUR})
    await session.execute(_ADD, of | {"id": platform.new_id(), "at": now, "identities": count})
    if (await session.scalar(_SUM, of) or 0) > AT_ONCE:
        raise Problem.forbidden("too_many_identities")
