"""The routes of the second person's approvals: to ask for one, to list those that wait, to decide."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from services.chassis.audit import cleaned
from services.chassis.http import second_person
from services.chassis.http.app import Caller, Fault, Problem, Work, platform_of
from services.chassis.http.guards import require_step_up
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import get_logger, uuid7
from services.chassis.security import (
    ONE_DAY,
    RIGHTS,
    SECOND_PERSON,
    Allowed,
    Approval,
    ApprovalError,
    ApprovalState,
    Matter,
    Principal,
    Refused,
    decide_approval,
    decision_on,
    guards_on,
)
from texts import message

PAGE = 100
log = get_logger(__name__)
_CODE = r"^[A-Za-z0-9._:@\-]*$"
_OPEN = (ApprovalState.ASKED, ApprovalState.APPROVED)


class ApprovalRequest(BaseModel):
    """What somebody wants to do, to what, and why, in words that name nobody.

    ``form`` and ``unit`` say whose records; ``item`` is the one thing it is about, such as the number of a dead letter or the code of a check.
    """

    action: str = Field(max_length=40)
    form: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=80, pattern=_CODE)
    item: str = Field(default="", max_length=80, pattern=_CODE)
    rows: int = Field(default=1, ge=1, le=1_000_000)
    reason: str = Field(min_length=3, max_length=200)

    def matter(self) -> Matter:
        """Return the matter that the approval will be valid for; 422 for an unknown action or form."""
        faults = [Fault.of("action", self.action, "approval_action")] if self.action not in RIGHTS else []
        if self.form and self.form not in FORMS:
            faults.append(Fault.of("form", self.form, "form_unknown"))
        if faults:
            raise Problem.invalid(faults)
        return Matter(self.action, self.form, self.unit, self.item)


class ApprovalVerdict(BaseModel):
    """The second person's answer."""

    approve: bool


class ApprovalAnswer(BaseModel):
    """A request for approval and where it stands. ``used`` counts the records shown or changed by it."""

    id: UUID
    state: ApprovalState
    action: str
    form: str
    unit: str
    item: str
    rows: int
    used: int
    reason: str
    asked_by: str
    asked_from: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class ApprovalList(BaseModel):
    """One page, the newest first; ``next`` is the ``before`` of the next one, None on the last."""

    approvals: list[ApprovalAnswer]
    next: UUID | None


def approvals_router() -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/approvals", tags=["approvals"])

    @router.post("", operation_id="ask_approval", status_code=201)
    async def ask(wanted: ApprovalRequest, request: Request, caller: Caller, work: Work) -> ApprovalAnswer:
        now, matter = platform_of(request).clock(), wanted.matter()
        require_step_up(request, caller, _guards(caller, matter, wanted.rows, now))
        reason = cleaned(wanted.reason)
        asked = Approval(
            uuid7(), matter, wanted.rows, reason, caller.subject, caller.unit, now, now + ONE_DAY
        )
        async with work() as session:
            await second_person.save(session, asked)
        request.state.audited = _told(asked)
        log.warning("approval asked", approval=str(asked.id), action=matter.action, by=caller.subject)
        return _answer(asked, now)

    @router.get("", operation_id="list_approvals")
    async def list_approvals(
        request: Request,
        caller: Caller,
        work: Work,
        closed: Annotated[bool, Query(description=str(message("api.parameter.approvals.closed")))] = False,
        before: Annotated[
            UUID | None, Query(description=str(message("api.parameter.approvals.before")))
        ] = None,
    ) -> ApprovalList:
        now = platform_of(request).clock()
        async with work() as session:
            shown = await _shown(session, caller, before, now, closed=closed)
        following = shown[PAGE - 1].id if len(shown) > PAGE else None
        return ApprovalList(approvals=[_answer(one, now) for one in shown[:PAGE]], next=following)

    @router.post("/{approval}/decision", operation_id="decide_approval")
    async def decide(
        approval: UUID, verdict: ApprovalVerdict, request: Request, caller: Caller, work: Work
    ) -> ApprovalAnswer:
        now = platform_of(request).clock()
        async with work() as session:
            asked = await second_person.find(session, approval, lock=True)
            # Other callers do not learn that it exists.
            if asked is None or not _concerns(caller, asked, now):
                raise Problem.not_found("approval_unknown")
            try:
                guards = _guards(caller, asked.matter, asked.rows, now)
                require_step_up(request, caller, guards)
                done = decide_approval(asked, caller.subject, verdict.approve, now, guards)
            except ApprovalError as refused:
                raise Problem(403 if refused.rule == "approval_own" else 409, refused.rule) from None
            await second_person.save(session, done)
        request.state.audited = _told(done)
        log.warning("approval decided", approval=str(done.id), state=done.state(now), by=caller.subject)
        return _answer(done, now)

    return router


async def _shown(
    session: AsyncSession, caller: Principal, before: UUID | None, now: datetime, *, closed: bool
) -> list[Approval]:
    """Return a page of what concerns the caller, and more where more follow; what does not is passed over.

    So neither a page's length nor its end tells that others have asked for something.
    """
    shown: list[Approval] = []
    while len(shown) <= PAGE:
        found = await second_person.newest(session, before, PAGE)
        shown += [one for one in found if (closed or one.state(now) in _OPEN) and _concerns(caller, one, now)]
        if len(found) < PAGE:
            break
        before = found[-1].id
    return shown


def _guards(caller: Principal, matter: Matter, rows: int, now: datetime) -> frozenset[str]:
    """Return the guards of a matter that needs a second person.

    Raises:
        Problem: 403 for a caller who may not do it, 409 where the matter needs no second person.
    """
    decision = decision_on(caller, matter, rows, now.astimezone(VIETNAM).date())
    if isinstance(decision, Refused):
        raise Problem.refused(decision)
    guards = guards_on(decision, matter)
    if SECOND_PERSON not in guards:
        raise Problem(409, "approval_not_needed")
    return guards


def _concerns(caller: Principal, approval: Approval, now: datetime) -> bool:
    """Return whether the caller made the request, or has the right that it concerns and so may decide it."""
    if caller.subject == approval.asked_by:
        return True
    day = now.astimezone(VIETNAM).date()
    return isinstance(decision_on(caller, approval.matter, approval.rows, day), Allowed)


def _told(approval: Approval) -> dict[str, str]:
    """Return what the audit stores of a request or a decision: only codes, never the text of the reason."""
    verdict = {None: "asked", True: "approved", False: "refused"}[approval.approved]
    about = approval.matter
    told = {"action": about.action, "form": about.form, "unit": about.unit, "item": about.item}
    kept = {name: value for name, value in told.items() if value}
    return {"approval": str(approval.id), "verdict": verdict, "rows": str(approval.rows)} | kept


def _answer(approval: Approval, now: datetime) -> ApprovalAnswer:
    values: dict[str, Any] = {
        name: getattr(approval, name)
        for name in ApprovalAnswer.model_fields
        if name not in ("state", "action", "form", "unit", "item")
    }
    about = approval.matter
    return ApprovalAnswer(
        state=approval.state(now),
        action=about.action,
        form=about.form,
        unit=about.unit,
        item=about.item,
        **values,
    )
