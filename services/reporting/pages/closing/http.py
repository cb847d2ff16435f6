"""The routes of the closing desk. What is sealed asks for a fresh sign-in, as over the API."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from proof import read_json
from services.chassis.http import require_step_up_for
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.chassis.web import SentForm, answer, read_form
from services.reporting.closing import usecases
from services.reporting.figures import Asking, QueryService, Reader, Remembered, parameters_of
from services.reporting.pages import periods, words
from services.reporting.pages.choosing import PARAMETERS, Chosen, chosen
from services.reporting.pages.closing import desk_page
from services.reporting.pages.closing.desk import FIRST_SET, desk, editions_of, order_of
from services.reporting.pages.closing.sending import CLOSING, is_same, ordered, read_typed, typed_in
from services.reporting.pages.editions import PATH
from services.reporting.pages.frame import reads, rooms

_log = get_logger(__name__)
_DESK = (*PARAMETERS, "figures")


@dataclass(frozen=True, slots=True)
class _Room:
    """What the pages of the desk ask."""

    platform: Platform
    queries: QueryService
    remembered: Remembered


def add_closing(router: APIRouter, platform: Platform, queries: QueryService, remembered: Remembered) -> None:
    """Add the routes of the desk itself."""
    room = _Room(platform, queries, remembered)
    _desk(router, room)
    _close(router, room)


def _desk(router: APIRouter, room: _Room) -> None:
    @router.get(f"/{PATH}", openapi_extra=reads(_DESK))
    async def closing_desk(request: Request, reader: Asking) -> HTMLResponse:
        asked, figures = _chosen(room, reader, parameters_of(request))
        return answer(request, await _desk_page(room, reader, asked, figures))

    @router.get(f"/{PATH}/preview", openapi_extra=reads(_DESK))
    async def preview(request: Request, reader: Asking) -> HTMLResponse:
        asked, figures = _chosen(room, reader, parameters_of(request))
        cells = await usecases.preview(room.platform, room.queries, reader, order_of(asked, figures))
        return answer(request, desk_page.preview_page(asked, figures, cells, rooms(PATH)))


def _chosen(room: _Room, reader: Reader, given: Mapping[str, str]) -> tuple[Chosen, str]:
    """Return what the address chooses; what it leaves out begins with the period that ended last, which is closed next."""
    kept = {name: text for name, text in given.items() if name != "figures"}
    figures = given.get("figures") or FIRST_SET
    return chosen(kept, reader, periods.latest_ended(reader.today), room.platform.clock()), figures


async def _desk_page(
    room: _Room,
    reader: Reader,
    asked: Chosen,
    figures: str,
    sent: SentForm | None = None,
    problem: Problem | None = None,
) -> desk_page.DeskPage:
    found = await desk(room.platform, room.queries, room.remembered, reader, asked, figures)
    typed = typed_in(sent, CLOSING)
    return desk_page.desk_page(asked, found, reader, rooms(PATH), typed=typed, problem=problem)


def _close(router: APIRouter, room: _Room) -> None:
    @router.post(f"/{PATH}/close", dependencies=[Depends(require_step_up_for("close"))])
    async def close(request: Request, reader: Asking) -> Response:
        sent = await read_form(request)
        asked, figures = _chosen(room, reader, {name: sent.one(name) for name in _DESK})
        try:
            typed = read_typed(sent, CLOSING)
            order = order_of(asked, figures, **ordered(typed))
            document = await usecases.close(room.platform, room.queries, reader, order)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            own = await _own(room, reader, problem, asked, figures, typed_in(sent, CLOSING))
            if own is not None:
                return to_edition(own, "closed")
            page = await _desk_page(room, reader, asked, figures, sent, problem)
            return answer(request, page, problem.status)
        _log.info("period closed", calendar=order.calendar, period=order.period, by=reader.caller.subject)
        return to_edition(read_json(document)["id"], "closed")


async def _own(
    room: _Room, reader: Reader, problem: Problem, asked: Chosen, figures: str, typed: Mapping[str, str]
) -> str | None:
    """Return the closing that the reader made with the same words already, as by a double click; None for another problem."""
    if problem.rule != "closing_exists":
        return None
    first = editions_of(await usecases.listed(room.platform), asked, figures)[-1]
    document = read_json(await usecases.show(room.platform, room.queries, reader, first["id"]))
    return str(document["id"]) if is_same(document, reader.caller.subject, typed) else None


def to_edition(closing: str, outcome: str) -> Response:
    """Return the way to the page of an edition that was made."""
    return RedirectResponse(words.link(f"{PATH}/{closing}", {"outcome": outcome}), 303)
