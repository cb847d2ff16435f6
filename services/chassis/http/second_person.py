"""Approvals of a second person in the database: kept, decided, and used by the request that presents one."""

from dataclasses import asdict
from uuid import UUID

from fastapi import Request
from sqlmodel import col, select

from contracts.envelope import VIETNAM
from services.chassis.http.app import Problem, platform_of
from services.chassis.http.guards import require_purpose, require_step_up
from services.chassis.persistence import ApprovalRow, AsyncSession
from services.chassis.security import (
    SECOND_PERSON,
    Approval,
    ApprovalError,
    ApprovalState,
    Matter,
    Principal,
    Refused,
    decision_on,
    guards_on,
    use_approval,
)

HEADER = "khopso-approval"


def approval_of(request: Request) -> str:
    """Return the id of the approval that the request presents, empty where it presents none."""
    return request.headers.get(HEADER, "").strip()


async def require_second_person(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    matter: Matter,
    rows: int = 1,
    *,
    found: Approval | None = None,
) -> None:
    """Refuse (403) callers who by the authority table may not do this, or present no approval where it needs one.

    The other guards that the table has for it are asked for, too: a purpose (400), a fresh sign-in for the first use (401).
    ``rows`` are used now. ``found`` is the approval where `presented` has read it in this transaction already: then the
    matter has as many rows as it permits. It is used in the session's transaction: if that fails later, it stays as it was.
    """
    now = platform_of(request).clock()
    size = rows if found is None else found.rows
    decision = decision_on(caller, matter, size, now.astimezone(VIETNAM).date())
    if isinstance(decision, Refused):
        raise Problem.refused(decision)
    guards = guards_on(decision, matter)
    if SECOND_PERSON not in guards:
        return
    require_purpose(request, guards)
    number = approval_of(request)
    if not number:
        raise Problem.forbidden("second_person_missing")
    approval = found or await find(session, _id_of(number), lock=True)
    try:
        if approval is None:
            raise ApprovalError("approval_unknown")
        if not approval.used:
            # Further pages of a list that was begun may take longer than a sign-in is fresh.
            require_step_up(request, caller, guards)
        await save(session, use_approval(approval, matter, caller.subject, rows, now))
    except ApprovalError as refused:
        raise Problem.forbidden(refused.rule) from None
    request.state.audited = {"approval": str(approval.id)}


async def presented(request: Request, session: AsyncSession, caller: Principal) -> Approval | None:
    """Return the approval that the request presents if the caller may use it now, locked; None otherwise."""
    given = approval_of(request)
    approval = await find(session, _id_of(given), lock=True) if given else None
    if approval is None or approval.asked_by != caller.subject:
        return None
    now = platform_of(request).clock()
    return approval if approval.state(now) is ApprovalState.APPROVED else None


async def find(session: AsyncSession, number: UUID | None, *, lock: bool = False) -> Approval | None:
    """Return the approval of this id; with ``lock``, nobody else changes it until the end of the transaction."""
    wanted = select(ApprovalRow).where(ApprovalRow.id == number)
    row = (await session.exec(wanted.with_for_update() if lock else wanted)).one_or_none()
    return None if row is None else _approval(row)


async def save(session: AsyncSession, approval: Approval) -> None:
    """Write a new approval, or a changed one that `find` returned locked."""
    values = asdict(approval)
    await session.merge(ApprovalRow(**values.pop("matter"), **values))
    await session.flush()


async def newest(session: AsyncSession, before: UUID | None, limit: int) -> list[Approval]:
    """Return the approvals asked for before ``before``, the newest first."""
    wanted = select(ApprovalRow).order_by(col(ApprovalRow.id).desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(col(ApprovalRow.id) < before)
    return [_approval(row) for row in await session.exec(wanted)]


def _approval(row: ApprovalRow) -> Approval:
    values = row.model_dump()
    matter = Matter(**{name: values.pop(name) for name in ("action", "form", "unit", "item")})
    return Approval(matter=matter, **values)


def _id_of(presented: str) -> UUID | None:
    try:
        return UUID(presented)
    except ValueError:
        return None
