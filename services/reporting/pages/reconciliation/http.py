"""The routes of the reconciliation room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.chassis.http import Caller, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.chassis.web import Breadcrumb, Link, answer, language_of, read_form
from services.marks import Notes
from services.reporting.facts import Connection
from services.reporting.figures import (
    Asking,
    QueryService,
    Reader,
    RecordSight,
    parameters_of,
)
from services.reporting.pages import line_page, marking, words
from services.reporting.pages.choosing import PARAMETERS
from services.reporting.pages.frame import (
    Stating,
    chosen_by,
    listed_or_counted,
    reader_stating,
    reads,
    rooms,
)
from services.reporting.pages.reconciliation import bridge_page, overview_page
from services.reporting.pages.reconciliation.declared import side_by_side
from services.reporting.reconciliation import (
    EXACT_ONLY,
    AskedWaterfall,
    asked_waterfall,
    check_may_mark,
    mark_step_line,
    marked_line,
    seen_reconciliation,
)
from texts import Message, message

_log = get_logger(__name__)
_PATH = f"/{overview_page.PATH}"
_QUESTION = ("area", "as_of", "from", "to", "known_at", "geography")
_LINE = (*_QUESTION, "agency", "line", "purpose", "outcome")


@dataclass(frozen=True, slots=True)
class _Room:
    """What the pages of the room ask."""

    platform: Platform
    queries: QueryService
    notes: Notes


def add_reconciliation(router: APIRouter, platform: Platform, queries: QueryService, notes: Notes) -> None:
    """Add the routes."""
    room = _Room(platform, queries, notes)
    _overview(router, room)
    _bridge(router, room)
    _line(router, room)


def _overview(router: APIRouter, room: _Room) -> None:
    @router.get(_PATH, openapi_extra=reads(PARAMETERS))
    async def declared(request: Request, reader: Asking) -> HTMLResponse:
        chosen = await chosen_by(room.platform, parameters_of(request), reader)
        rows = await side_by_side(room.queries, reader, chosen)
        page = overview_page.overview_page(chosen, rows, reader, rooms(overview_page.PATH))
        return answer(request, page)


def _bridge(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_PATH}/{{figure}}", openapi_extra=reads((*_QUESTION, *bridge_page.VIEWED)))
    async def bridge(figure: str, request: Request, reader: Stating) -> HTMLResponse:
        asked, view = _split(parameters_of(request))
        listed = {"records": "true" if view["step"] else "false", "limit": str(bridge_page.PAGE)}
        document, refused = await listed_or_counted(
            lambda by: _seen(room, request, by, figure, asked, view | listed), reader
        )
        page = bridge_page.bridge_page(
            asked, view, document, reader, rooms(overview_page.PATH), language_of(request), refused
        )
        return answer(request, page)

    @router.get(f"{_PATH}/{{figure}}/minutes", openapi_extra=reads((*_QUESTION, *bridge_page.SIDES)))
    async def minutes(figure: str, request: Request, reader: Asking) -> HTMLResponse:
        asked, view = _split(parameters_of(request))
        document = await _seen(room, request, reader, figure, asked, view | {"records": "false"})
        made = words.moment_of(room.platform.clock())
        kept = {side: view[side] for side in bridge_page.SIDES}
        return answer(request, bridge_page.minutes_page(asked, kept, document, made))


def _split(given: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the question of the figure, and how it is looked at; without an agency health's number is."""
    view = {name: given.pop(name, "") for name in bridge_page.VIEWED}
    return given, view | {"agency": view["agency"] or "health"}


async def _seen(
    room: _Room,
    request: Request,
    reader: Reader,
    figure: str,
    asked: Mapping[str, str],
    view: Mapping[str, str],
) -> Mapping[str, Any]:
    """Return the reconciliation; the records that it lists are counted, and written down for their units."""
    given = {**asked, **{name: text for name, text in view.items() if text and name != "purpose"}}
    seen = await seen_reconciliation(room.platform, room.queries, room.notes, reader, figure, given)
    await seen.sight.note(room.platform, request, f"reconcile.{figure}")
    return seen.document


def _line(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_PATH}/{{figure}}/line", openapi_extra=reads(_LINE))
    async def line(figure: str, request: Request, reader: Stating) -> HTMLResponse:
        given = parameters_of(request)
        subject, outcome, purpose = (given.pop(name, "") for name in ("line", "outcome", "purpose"))
        shown = line_page.Shown(subject, purpose, outcome=outcome)
        return answer(request, await _line_page(room, request, reader, figure, given, shown))

    @router.post(f"{_PATH}/{{figure}}/line")
    async def mark_line(figure: str, request: Request, caller: Caller) -> Response:
        sent = await read_form(request)
        reader = await reader_stating(request, caller, sent.one("purpose"))
        given = {name: sent.one(name) for name in (*_QUESTION, "agency") if sent.one(name)}
        asked = asked_waterfall(figure, given, room.platform.clock())
        require_purpose(request, check_may_mark(reader, asked.question))
        try:
            wanted = marking.marking_of(sent)
            outcome, _ = await mark_step_line(room.platform, room.queries, room.notes, reader, asked, wanted)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            shown = line_page.Shown(sent.one("line"), sent.one("purpose"), sent=sent, problem=problem)
            page = await _line_page(room, request, reader, figure, given, shown)
            return answer(request, page, problem.status)
        _log.info("line marked", figure=figure, mark=wanted.kind, outcome=outcome)
        back = {**given, "line": sent.one("line"), "purpose": sent.one("purpose"), "outcome": outcome}
        return RedirectResponse(words.link(f"{overview_page.PATH}/{figure}/line", back), 303)


async def _line_page(
    room: _Room,
    request: Request,
    reader: Reader,
    figure: str,
    given: Mapping[str, str],
    shown: line_page.Shown,
) -> line_page.LinePage:
    now = room.platform.clock()
    asked: AskedWaterfall = asked_waterfall(figure, given, now)
    require_purpose(request, check_may_mark(reader, asked.question))

    async def read(connection: Connection) -> tuple[dict[str, Any] | None, RecordSight]:
        return await marked_line(connection, reader, asked, room.notes, shown.subject, now)

    (found, sight), _ = await room.queries.read_exact(asked.question, reader, EXACT_ONLY, read)
    if found is None:
        raise Problem.not_found("mark_line_unknown")
    await sight.note(room.platform, request, f"reconcile.{figure}")
    (record,) = found["records"]
    path = f"{overview_page.PATH}/{figure}"
    step = shown.subject.split(".")[1]
    back = words.link(path, {**given, "step": step, "purpose": shown.purpose})
    name = Message(asked.question.figure.vi, asked.question.figure.en)
    title = message("page.bridge.title", figure=name)
    return line_page.of_line(
        found,
        sight,
        line_page.Asked(
            action=f"{words.ROOM}{path}/line",
            kept={**given, "line": shown.subject, "purpose": shown.purpose},
            agency=asked.question.figure.owner_on(asked.question.day),
            areas=tuple(filter(None, [record["area"]])),
            lead=Message(record["reason"]["vi"], record["reason"]["en"]),
            way=(*bridge_page.way(), Breadcrumb(text=title, href=back)),
            navigation=rooms(overview_page.PATH),
            back=Link(text=message("page.line.back"), href=back),
        ),
        shown,
    )
