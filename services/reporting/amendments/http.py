"""The routes of amendments: propose one, look at it, decide it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from reference import DayChange, DayKind, MovedDay
from services.chassis.http import require_right, require_step_up_for
from services.chassis.platform import Platform
from services.chassis.security import Principal
from services.reporting.amendments import usecases
from services.reporting.amendments.domain import DAYS_OFF, Amendment, State, Verdict
from services.reporting.amendments.repository import PAGE
from texts import message

Administrator = Annotated[Principal, Depends(require_right(usecases.RIGHT))]
FreshlySignedIn = Depends(require_step_up_for(usecases.RIGHT))


class AmendmentRequest(BaseModel):
    """Days to change: ``off``, ``worked``, or ``listed`` (as the nation's file has them); why, and by which paper."""

    model_config = ConfigDict(extra="forbid")

    kind: DayKind
    first: date
    last: date
    reason: str = Field(max_length=2_000)


class DecisionRequest(BaseModel):
    """A decision. To confirm, ``seen`` is that of the amendment as it was shown; a rejection gives its reason."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    reason: str = Field(default="", max_length=2_000)
    seen: str = Field(default="", max_length=64)


class MovedAnswer(BaseModel):
    """A last day for a period, before and after the amendment."""

    calendar: str
    period: str
    level: str
    before: date
    after: date


class AmendmentAnswer(BaseModel):
    """An amendment and where it stands. ``moves`` and ``seen``: while it waits, what confirming it would move."""

    id: UUID
    table: str
    kind: DayKind
    first: date
    last: date
    reason: str
    state: State
    proposed_by: str
    proposed_from: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_from: str | None = None
    decided_at: datetime | None = None
    decided_because: str | None = None
    moves: list[MovedAnswer] | None = None
    seen: str | None = None


class AmendmentList(BaseModel):
    """One page, the newest first; ``next`` is the ``before`` of the next one, None on the last."""

    amendments: list[AmendmentAnswer]
    next: UUID | None


def amendments_router(platform: Platform) -> APIRouter:
    """Return the routes, for administrators alone."""
    router = APIRouter(prefix="/v1/amendments", tags=["amendments"])

    @router.post("", status_code=201, operation_id="propose_amendment")
    async def propose(wanted: AmendmentRequest, request: Request, caller: Administrator) -> AmendmentAnswer:
        change = DayChange(wanted.kind, wanted.first, wanted.last)
        made = await usecases.propose(platform, caller, change, wanted.reason)
        request.state.audited = audited(made)
        return _answer(await usecases.show(platform, made.id))

    @router.get("", operation_id="list_amendments")
    async def amendments(
        _: Administrator,
        before: Annotated[
            UUID | None, Query(description=str(message("api.parameter.amendments.before")))
        ] = None,
    ) -> AmendmentList:
        found = await usecases.listed(platform, before)
        following = found[-1].id if len(found) == PAGE else None
        return AmendmentList(amendments=[_answer(usecases.Shown(one, None)) for one in found], next=following)

    @router.get("/{amendment}", operation_id="get_amendment")
    async def show(amendment: UUID, _: Administrator) -> AmendmentAnswer:
        return _answer(await usecases.show(platform, amendment))

    @router.post("/{amendment}/decision", operation_id="decide_amendment", dependencies=[FreshlySignedIn])
    async def decide(
        amendment: UUID, given: DecisionRequest, request: Request, caller: Administrator
    ) -> AmendmentAnswer:
        done = await usecases.decide_amendment(
            platform, caller, amendment, given.verdict, given.reason, given.seen
        )
        request.state.audited = audited(done)
        return _answer(usecases.Shown(done, None))

    return router


def audited(amendment: Amendment) -> dict[str, str]:
    """Return what the audit stores of a proposal or a decision: codes and days, never a reason."""
    change = amendment.change
    return {
        "amendment": str(amendment.id),
        "state": amendment.state,
        "kind": change.kind,
        "first": change.first.isoformat(),
        "last": change.last.isoformat(),
    }


def _answer(shown: usecases.Shown) -> AmendmentAnswer:
    one, moves = shown.amendment, shown.moving
    done = one.decision
    values: dict[str, Any] = {
        name: getattr(one, name) for name in ("id", "reason", "state", "proposed_by", "proposed_from")
    }
    if done is not None:
        values |= {"decided_by": done.by, "decided_from": done.unit, "decided_at": done.at}
        values |= {"decided_because": done.reason or None}
    if moves is not None:
        values |= {"moves": [_moved(each) for each in moves.moved], "seen": moves.seen}
    return AmendmentAnswer(
        table=DAYS_OFF,
        kind=one.change.kind,
        first=one.change.first,
        last=one.change.last,
        proposed_at=one.proposed_at,
        **values,
    )


def _moved(one: MovedDay) -> MovedAnswer:
    return MovedAnswer(
        calendar=one.period.calendar,
        period=one.period.code,
        level=one.level,
        before=one.before,
        after=one.after,
    )
