"""Exports of identities: reading more than `AT_ONCE` in an hour, or a unit's register as its official, is an export.

An export is an action of its own in the authority table and needs a second person. The daily work of a unit's own
clerk is not an export.
"""

from datetime import timedelta

from fastapi import Request
from sqlalchemy import delete, func, text
from sqlmodel import col, select

from services.chassis.http.app import Problem, platform_of
from services.chassis.http.second_person import presented, require_second_person
from services.chassis.persistence import AsyncSession, IdentityReading
from services.chassis.security import AT_ONCE, READ, Approval, Principal

EXPORT = "export_identities"
_HOUR = timedelta(hours=1)
# Requests of one person wait for each other here: in parallel, each would miss the identities of the others.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended('identity_reading:' || :subject, 0))")


async def opened_by_approval(
    request: Request, session: AsyncSession, caller: Principal, form: str, unit: str | None
) -> Approval | None:
    """Return the presented approval, locked, if it permits an export or break-glass reading of these records."""
    approval = await presented(request, session, caller)
    if approval is None or not unit or (approval.matter.form, approval.matter.unit) != (form, unit):
        return None
    return approval if approval.matter.action in (EXPORT, READ) else None


async def use_opened(
    request: Request, session: AsyncSession, caller: Principal, opened: Approval, rows: int
) -> None:
    """Use what `opened_by_approval` returned for this many records; 403 where it does not permit as many."""
    await require_second_person(request, session, caller, opened.matter, rows, found=opened)


async def count_identities(request: Request, session: AsyncSession, caller: Principal, count: int) -> None:
    """Count identities shown to the caller, in the session's transaction; 403 beyond `AT_ONCE` within an hour."""
    platform = platform_of(request)
    now = platform.clock()
    await session.execute(_ONE_BY_ONE, {"subject": caller.subject})
    mine = col(IdentityReading.subject) == caller.subject
    await session.execute(delete(IdentityReading).where(mine, col(IdentityReading.at) <= now - _HOUR))
    session.add(IdentityReading(id=platform.new_id(), subject=caller.subject, at=now, identities=count))
    await session.flush()
    read = (await session.exec(select(func.sum(IdentityReading.identities)).where(mine))).one()
    if (read or 0) > AT_ONCE:
        raise Problem.forbidden("too_many_identities")
