"""``/<service>/previews/{preview}``: rows before they are handed in, mended in place, and handed in by one confirmation."""

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from reference import number_within
from services.chassis.http import Caller, Problem, Work, judges_cells, state_purpose
from services.chassis.web import SentForm, answer, read_form
from services.registers.pages.entry import away_of, tried
from services.registers.pages.frame import Desk, refusal_of
from services.registers.pages.mending import take_typed
from services.registers.pages.pasting import begun
from services.registers.pages.preview_view import preview_page
from services.registers.previews.judging import ShownOtherwiseError, confirm, judge
from services.registers.previews.model import VERDICTS, Content, Preview, Verdict
from services.registers.requests import MAX_ROWS

_REST = UUID("5d0a0c3e-6a34-4a6c-9d0e-3f6f4a1c7b11")
"""From it and a preview's id the id of the preview of its refused rows is made, so that a double click makes one."""

_MOST_VERSIONS = 1_000_000


def add_previewing(router: APIRouter, desk: Desk) -> None:
    """Add the routes of a preview: shown, mended, confirmed, thrown away, and its refused rows once more."""

    @router.get("/previews/{preview}", operation_id="page_preview")
    async def draw(
        preview: UUID,
        request: Request,
        caller: Caller,
        work: Work,
        show: Annotated[Verdict | None, Query()] = None,
        page: Annotated[int, Query(ge=1, le=MAX_ROWS)] = 1,
    ) -> Response:
        found = await _own(desk, work, caller, preview)
        return answer(request, preview_page(desk, found, show, page))

    @router.post("/previews/{preview}/check", operation_id="page_check_preview")
    @judges_cells("*")
    async def check(preview: UUID, request: Request, caller: Caller, work: Work) -> Response:
        sent = await read_form(request)
        found = await _mended(desk, request, caller, work, preview, sent)
        show, page = _place(sent)
        if found.confirmed_at is not None:
            return RedirectResponse(desk.preview_address(preview), 303)
        problem = await _judged(desk, request, caller, work, found)
        if problem is not None:
            shown = preview_page(desk, found, show, page, problem=refusal_of(problem))
            return answer(request, shown, problem.status)
        counts = found.content.counts()
        asked = f"?show={show}&page={page}" if show and counts[show] else ""
        return RedirectResponse(f"{desk.preview_address(preview)}{asked}", 303)

    @router.post("/previews/{preview}/confirm", operation_id="page_confirm_preview")
    async def confirmed(preview: UUID, request: Request, caller: Caller, work: Work) -> Response:
        return await _confirmed(desk, request, caller, work, preview)

    @router.post("/previews/{preview}/discard", operation_id="page_discard_preview")
    async def discard(preview: UUID, request: Request, caller: Caller, work: Work) -> Response:
        await read_form(request)
        found = await _own(desk, work, caller, preview)
        async with work() as session:
            await desk.previews.remove(session, preview, caller)
        return RedirectResponse(desk.form_address(found.form, "paste"), 303)

    @router.post("/previews/{preview}/rest", operation_id="page_preview_rest")
    async def rest(preview: UUID, request: Request, caller: Caller, work: Work) -> Response:
        await read_form(request)
        found = await _own(desk, work, caller, preview)
        return await _rest(desk, caller, work, found)


async def _confirmed(desk: Desk, request: Request, caller: Caller, work: Work, preview: UUID) -> Response:
    sent = await read_form(request)
    found = await _own(desk, work, caller, preview)
    state_purpose(request, found.purpose)
    version = number_within(sent.one("version"), 1, _MOST_VERSIONS) or 0
    now = desk.platform.clock()
    try:
        await confirm(request, caller, work, desk.intake, desk.previews, preview, version, now)
        return RedirectResponse(desk.preview_address(preview), 303)
    except ShownOtherwiseError:
        problem = await _judged(desk, request, caller, work, found)
    except Exception as error:
        problem = away_of(error)
        if problem is None:
            raise
    if problem is None:
        return answer(request, preview_page(desk, found, None, 1, moved=True), 409)
    return answer(request, preview_page(desk, found, None, 1, problem=refusal_of(problem)), problem.status)


async def _rest(desk: Desk, caller: Caller, work: Work, preview: Preview) -> Response:
    """Make a preview of the rows that were refused when the others were handed in."""
    refused = preview.content.of("refused")
    if preview.confirmed_at is None or not refused:
        return RedirectResponse(desk.preview_address(preview.preview_id), 303)
    content = Content(refused, preview.content.source, preview.content.headed, preview.content.replace)
    number = uuid5(_REST, str(preview.preview_id))
    left = begun(desk, caller, preview.form, number, preview.purpose, content)
    async with work() as session:
        await desk.previews.add(session, left, desk.platform.clock())
    return RedirectResponse(desk.preview_address(left.preview_id), 303)


async def _own(desk: Desk, work: Work, caller: Caller, preview: UUID) -> Preview:
    """Return the caller's own preview; Problem 404 for any other."""
    async with work() as session:
        found = await desk.previews.read(session, preview, caller, desk.platform.clock())
    if found is None:
        raise Problem.not_found("page.paste.unknown")
    return found


async def _mended(
    desk: Desk, request: Request, caller: Caller, work: Work, preview: UUID, sent: SentForm
) -> Preview:
    """Store what was typed before anything else is tried, so that it is not lost; return the preview."""
    async with work() as session:
        now = desk.platform.clock()
        found = await desk.previews.read(session, preview, caller, now, lock=True)
        if found is None:
            raise Problem.not_found("page.paste.unknown")
        if found.confirmed_at is None:
            take_typed(desk.register(found.form).form, found.content, sent)
            found.content.replace = sent.one("replace") == "yes"
            await desk.previews.put(session, found, now)
    state_purpose(request, found.purpose)
    return found


async def _judged(
    desk: Desk, request: Request, caller: Caller, work: Work, preview: Preview
) -> Problem | None:
    """Judge the rows anew and store what became of them; return the problem that kept them from being judged."""
    _, problem = await tried(judge(request, caller, work, desk.intake, preview))
    if problem is not None:
        return problem
    async with work() as session:
        await desk.previews.put(session, preview, desk.platform.clock())
    return None


def _place(sent: SentForm) -> tuple[Verdict | None, int]:
    """Return which rows of the preview were on the page, and which page it was."""
    show = next((verdict for verdict in VERDICTS if verdict == sent.one("show")), None)
    return show, number_within(sent.one("page"), 1, MAX_ROWS) or 1
