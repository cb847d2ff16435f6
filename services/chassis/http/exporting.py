"""Exports: more identities or listed records in an hour than `at_once` allows, or a unit's register read by its official.

An export is an action of its own in the authority table and needs a second person: ``export_identities`` of a register,
``export_list`` of what reporting lists. The daily work of a unit's own clerk is not an export.
"""

from datetime import timedelta

from fastapi import Request
from sqlalchemy import delete, func, text
from sqlmodel import col, select

from contracts.envelope import VIETNAM
from services.chassis.http.app import Problem, platform_of
from services.chassis.http.second_person import presented, require_second_person
from services.chassis.persistence import AsyncSession, IdentityReading
from services.chassis.security import READ, Approval, Matter, Principal, Units, at_once

EXPORT, EXPORT_LIST = "export_identities", "export_list"
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


async def count_listed(
    request: Request, session: AsyncSession, caller: Principal, item: str, records: int
) -> None:
    """Count the records that a list names, like identities, or use the presented approval for this list.

    ``item`` names the list, such as ``check.methadone.not_listed``; an approval of it is for the caller's own unit.

    Raises:
        Problem: 403 beyond `at_once` within an hour without an approval, or beyond what was approved.
    """
    wanted = Matter(EXPORT_LIST, unit=caller.unit, item=item)
    approval = await presented(request, session, caller)
    if approval is not None and approval.matter == wanted:
        await require_second_person(request, session, caller, wanted, records, found=approval)
    else:
        await count_identities(request, session, caller, records, listed=item)


async def count_identities(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    count: int,
    listed: str = "",
) -> None:
    """Count identities shown to the caller, in the session's transaction; 403 beyond `at_once` within an hour.

    ``listed`` names the list where they are records of one.
    """
    platform = platform_of(request)
    now = platform.clock()
    await session.execute(_ONE_BY_ONE, {"subject": caller.subject})
    mine = col(IdentityReading.subject) == caller.subject
    await session.execute(delete(IdentityReading).where(mine, col(IdentityReading.at) <= now - _HOUR))
    session.add(IdentityReading(id=platform.new_id(), subject=caller.subject, at=now, identities=count))
    await session.flush()
    read = (await session.exec(select(func.sum(IdentityReading.identities)).where(mine))).one()
    day = now.astimezone(VIETNAM).date()
    limit = at_once(platform.settings.service, Units().on(caller.unit, day), day)
    if (read or 0) > limit:
        if listed:
            raise Problem(403, "too_many_listed", limit=limit, item=listed)
        raise Problem(403, "too_many_identities", limit=limit)
