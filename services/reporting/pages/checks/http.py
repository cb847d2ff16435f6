"""The routes of the board of checks, of one check, and of one line with its marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.chassis.http import Caller, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.chassis.web import Breadcrumb, Link, answer, read_form
from services.marks import MARK_LINE, Notes, wanted_of
from services.reporting.checks import (
    AskedCheck,
    all_checks,
    check_asked,
    check_may_list,
    mark,
    one_line,
    parse,
    seen_check,
)
from services.reporting.facts import Connection
from services.reporting.figures import Asking, QueryService, Reader, RecordSight, parameters_of
from services.reporting.pages import line_page, marking, words
from services.reporting.pages.checks import board_page, check_page
from services.reporting.pages.checks.board import board
from services.reporting.pages.choosing import PARAMETERS, Chosen
from services.reporting.pages.frame import (
    Stating,
    chosen_by,
    listed_or_counted,
    reader_stating,
    reads,
    rooms,
)
from services.reporting.pages.preparing import Preparing
from texts import message

_log = get_logger(__name__)
_PATH = f"/{board_page.PATH}"
_LINES = "20"
_CHECK = (*PARAMETERS, *check_page.VIEWED)
_LINE = (*PARAMETERS, "line", "purpose", "outcome")


@dataclass(frozen=True, slots=True)
class _Room:
    """What the pages of checks ask."""

    platform: Platform
    queries: QueryService
    notes: Notes
    preparing: Preparing


def add_checks(
    router: APIRouter, platform: Platform, queries: QueryService, notes: Notes, preparing: Preparing
) -> None:
    """Add the routes."""
    room = _Room(platform, queries, notes, preparing)
    _board(router, room)
    _one(router, room)
    _line(router, room)


def _board(router: APIRouter, room: _Room) -> None:
    @router.get(_PATH, openapi_extra=reads((*PARAMETERS, "balances")))
    async def checks(request: Request, reader: Asking) -> HTMLResponse:
        given = parameters_of(request)
        balances = bool(given.pop("balances", ""))
        chosen = await chosen_by(room.platform, given, reader)
        asked = parse(chosen.asked(), chosen.now)
        lines = await board(room.queries, room.preparing, reader, asked, chosen.now, balances=balances)
        page = board_page.board_page(chosen, lines, reader, rooms(board_page.PATH), balances=balances)
        return answer(request, page)


def _one(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_PATH}/{{rule}}", openapi_extra=reads(_CHECK))
    async def check(rule: str, request: Request, reader: Stating) -> HTMLResponse:
        given = parameters_of(request)
        view = {name: given.pop(name, "") for name in check_page.VIEWED}
        wanted = wanted_of(view["marked"] or None)
        chosen = await chosen_by(room.platform, given, reader)
        one = _asked(rule, chosen, by=view["by"], after=view["after"], limit=_LINES)

        async def seen(by: Reader) -> Mapping[str, Any]:
            found, _ = await seen_check(
                room.platform, room.queries, room.notes, request, by, one, wanted, room.preparing
            )
            return found

        found, refused = await listed_or_counted(seen, reader)
        return answer(
            request, check_page.check_page(chosen, one, found, view, reader, rooms(board_page.PATH), refused)
        )


def _asked(rule: str, chosen: Chosen, **more: str) -> AskedCheck:
    """Return a check of the board; Problem 404 for any other."""
    if all(check.code != rule for check in all_checks()):
        raise Problem.not_found("page.checks.unknown")
    return check_asked(
        rule, {**chosen.asked(), **{name: text for name, text in more.items() if text}}, chosen.now
    )


def _line(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_PATH}/{{rule}}/line", openapi_extra=reads(_LINE))
    async def line(rule: str, request: Request, reader: Stating) -> HTMLResponse:
        given = parameters_of(request)
        subject, outcome, purpose = (given.pop(name, "") for name in ("line", "outcome", "purpose"))
        chosen = await chosen_by(room.platform, given, reader)
        shown = line_page.Shown(subject, purpose, outcome=outcome)
        return answer(request, await _line_page(room, request, reader, chosen, rule, shown))

    @router.post(f"{_PATH}/{{rule}}/line")
    async def mark_line(rule: str, request: Request, caller: Caller) -> Response:
        sent = await read_form(request)
        reader = await reader_stating(request, caller, sent.one("purpose"))
        given = {name: sent.one(name) for name in PARAMETERS}
        chosen = await chosen_by(room.platform, given, reader)
        one = _asked(rule, chosen)
        require_purpose(request, check_may_list(room.queries, reader, one, MARK_LINE))
        try:
            given_mark = marking.marking_of(sent)
            outcome, _ = await mark(room.platform, room.queries, room.notes, reader, one, given_mark)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            shown = line_page.Shown(sent.one("line"), sent.one("purpose"), sent=sent, problem=problem)
            page = await _line_page(room, request, reader, chosen, rule, shown)
            return answer(request, page, problem.status)
        _log.info("line marked", check=rule, mark=given_mark.kind, outcome=outcome)
        back = {
            **chosen.asked(),
            "line": sent.one("line"),
            "purpose": sent.one("purpose"),
            "outcome": outcome,
        }
        return RedirectResponse(words.link(f"{board_page.PATH}/{rule}/line", back), 303)


async def _line_page(
    room: _Room, request: Request, reader: Reader, chosen: Chosen, rule: str, shown: line_page.Shown
) -> line_page.LinePage:
    one = _asked(rule, chosen)
    require_purpose(request, check_may_list(room.queries, reader, one, "check"))

    async def read(connection: Connection) -> tuple[dict[str, Any] | None, RecordSight]:
        sight = await RecordSight.of(connection, reader)
        return await one_line(connection, one, sight, room.notes, shown.subject), sight

    (found, sight), _ = await room.queries.read_compared(
        one.asked.question, [one.comparison], reader, "check_parties", read
    )
    if found is None:
        raise Problem.not_found("mark_line_unknown")
    await sight.note(room.platform, request, f"check.{rule}")
    path = f"{board_page.PATH}/{rule}"
    list_address = words.link(path, {**chosen.asked(), "purpose": shown.purpose})
    name = one.check.name()
    return line_page.of_line(
        found,
        sight,
        line_page.Asked(
            action=f"{words.ROOM}{path}/line",
            kept={**chosen.asked(), "line": shown.subject, "purpose": shown.purpose},
            agency=one.listed_agency,
            areas=tuple(record["area"] for record in found["records"] if record["area"]),
            lead=name,
            way=(*check_page.way(chosen), Breadcrumb(text=name, href=list_address)),
            navigation=rooms(board_page.PATH),
            back=Link(text=message("page.line.back"), href=list_address),
        ),
        shown,
    )
