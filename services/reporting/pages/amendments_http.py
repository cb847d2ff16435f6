"""The routes of the pages of amendments."""

from collections.abc import Mapping
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.envelope import VIETNAM
from reference import DayChange, DayKind
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security import Principal
from services.chassis.web import SentForm, answer, read_form
from services.reporting.amendments import usecases
from services.reporting.amendments.domain import VERDICTS, Verdict
from services.reporting.amendments.http import Administrator, FreshlySignedIn, audited
from services.reporting.amendments.repository import PAGE
from services.reporting.closing import usecases as closings
from services.reporting.pages.amendments_page import (
    HOME,
    PATH,
    TYPED,
    AmendmentsPage,
    amendment_page,
    amendments_page,
)
from services.reporting.pages.typed import typed_day

_REFUSED = (409, 422)


def add_amendments(router: APIRouter, platform: Platform) -> None:
    """Add all of them, for administrators alone."""

    @router.get(f"/{PATH}", operation_id="page_amendments")
    async def amendments(
        request: Request, _: Administrator, before: Annotated[UUID | None, Query()] = None
    ) -> Response:
        return answer(request, await _all(platform, before))

    @router.post(f"/{PATH}", operation_id="page_propose_amendment")
    async def propose(request: Request, caller: Administrator) -> Response:
        sent = await read_form(request)
        try:
            made = await usecases.propose(platform, caller, _change(sent), sent.one("reason"))
        except Problem as problem:
            if problem.status not in _REFUSED:
                raise
            typed = {name: sent.one(name) for name in TYPED}
            return answer(request, await _all(platform, None, typed, problem), problem.status)
        request.state.audited = audited(made)
        return RedirectResponse(f"{HOME}/{made.id}", 303)

    @router.get(f"/{PATH}/{{amendment}}", operation_id="page_amendment")
    async def amendment(amendment: UUID, request: Request, caller: Administrator) -> Response:
        return await _one(platform, request, caller, amendment)

    @router.post(
        f"/{PATH}/{{amendment}}", operation_id="page_decide_amendment", dependencies=[FreshlySignedIn]
    )
    async def decide(amendment: UUID, request: Request, caller: Administrator) -> Response:
        sent = await read_form(request)
        verdict, reason = _verdict(sent), sent.one("reason")
        try:
            done = await usecases.decide_amendment(
                platform, caller, amendment, verdict, reason, sent.one("seen")
            )
        except Problem as problem:
            if problem.status not in _REFUSED:
                raise
            return await _one(platform, request, caller, amendment, problem, reason)
        request.state.audited = audited(done)
        return RedirectResponse(f"{HOME}/{amendment}", 303)


async def _all(
    platform: Platform,
    before: UUID | None,
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> AmendmentsPage:
    found = await usecases.listed(platform, before)
    following = f"{HOME}?before={found[-1].id}" if len(found) == PAGE else ""
    return amendments_page(found, following, typed, problem)


async def _one(
    platform: Platform,
    request: Request,
    caller: Principal,
    amendment: UUID,
    problem: Problem | None = None,
    reason: str = "",
) -> Response:
    shown = await usecases.show(platform, amendment)
    closed = await closings.greatest_editions(platform)
    today = platform.clock().astimezone(VIETNAM).date()
    page = amendment_page(shown, caller.subject, closed, today, problem, reason)
    return answer(request, page, 200 if problem is None else problem.status)


def _change(sent: SentForm) -> DayChange:
    """Return the change that was typed; Problem 422 with every field that cannot be read. One day needs no last one."""
    kind = next((kind for kind in get_args(DayKind) if kind == sent.one("kind")), None)
    first = typed_day("first", sent.one("first"))
    last = typed_day("last", sent.one("last")) if sent.one("last").strip() else first
    faults = [] if kind is not None else [Fault.of("kind", None, "amendment_kind")]
    faults += [each for each in (first, last) if isinstance(each, Fault) and each not in faults]
    if kind is None or isinstance(first, Fault) or isinstance(last, Fault):
        raise Problem.invalid(faults)
    return DayChange(kind, first, last)


def _verdict(sent: SentForm) -> Verdict:
    for verdict in VERDICTS:
        if verdict == sent.one("verdict"):
            return verdict
    raise Problem.invalid([Fault.of("verdict", None, "shape")])
