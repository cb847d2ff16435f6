"""The routes of the official's room."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from contracts.forms import FORMS
from reference import Period, resolve
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.web import Link, answer, page_router
from services.reporting.closing import usecases as closings
from services.reporting.figures import Asking, QueryService, Reader, parameters_of
from services.reporting.ledger.domain import STATES
from services.reporting.ledger.usecases import Asked, ledger
from services.reporting.pages import figure_page, hand_in_page, headline_page, periods, words
from services.reporting.pages.choosing import IN_A_TREE, PARAMETERS, Chosen, chosen
from services.reporting.pages.figure import VIEWED, Seen, View, see, view_of
from services.reporting.pages.figure_file import csv_of
from services.reporting.pages.headline import headline
from services.reporting.pages.preparing import Preparing
from texts import message

_FIGURE = (*IN_A_TREE, *VIEWED)
_HAND_IN = (*PARAMETERS, "form", "state")
_ROOMS = (("", "page.headline.title"), (hand_in_page.PATH, "page.handin.title"))


def pages_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = page_router("reporting")
    preparing = Preparing(queries)
    _headline(router, platform, queries, preparing)
    _figure(router, platform, queries, preparing)
    _hand_in(router, platform)
    return router


def reads(names: Sequence[str]) -> dict[str, Any]:
    """Return what a route declares of the parameters that it reads, and refuses, by itself."""
    return {"parameters": [{"in": "query", "name": name} for name in names]}


def rooms(current: str) -> tuple[Link, ...]:
    """Return the links to the pages of the room."""
    return tuple(
        Link(text=message(text), href=words.ROOM + path, current=path == current) for path, text in _ROOMS
    )


async def _chosen(platform: Platform, given: Mapping[str, str], reader: Reader) -> Chosen:
    """Return what the address chooses; what it leaves out begins with the period that was closed last, if there is one."""
    now = platform.clock()
    begins_with = periods.latest_ended(reader.today)
    if "period" not in given:
        begins_with = await _closed_last(platform) or begins_with
    return chosen(given, reader, begins_with, now)


async def _closed_last(platform: Platform) -> Period | None:
    listed = await closings.listed(platform)
    latest = max(listed, key=lambda one: (one["to"], one["number"]), default=None)
    return None if latest is None else resolve(latest["calendar"], latest["period"])


def _headline(router: APIRouter, platform: Platform, queries: QueryService, preparing: Preparing) -> None:
    @router.get("/", openapi_extra=reads(PARAMETERS))
    async def headline_figures(request: Request, reader: Asking) -> HTMLResponse:
        asked = await _chosen(platform, parameters_of(request), reader)
        found = await headline(platform, queries, preparing, reader, asked)
        return answer(request, headline_page.headline_page(asked, found, reader, rooms("")))


def _figure(router: APIRouter, platform: Platform, queries: QueryService, preparing: Preparing) -> None:
    async def seen(figure: str, request: Request, reader: Reader) -> tuple[Chosen, View, Seen]:
        given = parameters_of(request)
        view = view_of(figure, {name: given.pop(name, "") for name in VIEWED})
        asked = await _chosen(platform, given, reader)
        return asked, view, await see(queries, preparing, reader, figure, asked, view)

    # Before the page itself, whose path would take the ending for a part of the code.
    @router.get(f"/{figure_page.PATH}/{{figure}}.csv", openapi_extra=reads(_FIGURE))
    async def figure_file(figure: str, request: Request, reader: Asking) -> Response:
        asked, view, found = await seen(figure, request, reader)
        headers = {"Content-Disposition": f'attachment; filename="{figure}.csv"', "Cache-Control": "no-store"}
        return Response(csv_of(asked, view, found), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get(f"/{figure_page.PATH}/{{figure}}", openapi_extra=reads(_FIGURE))
    async def one_figure(figure: str, request: Request, reader: Asking) -> HTMLResponse:
        asked, view, found = await seen(figure, request, reader)
        return answer(request, figure_page.figure_page(asked, view, found, reader, rooms(figure)))


def _hand_in(router: APIRouter, platform: Platform) -> None:
    @router.get(f"/{hand_in_page.PATH}", openapi_extra=reads(_HAND_IN))
    async def hand_ins(request: Request, reader: Asking) -> HTMLResponse:
        given = parameters_of(request)
        shown = _filter(given)
        rest = {name: value for name, value in given.items() if name not in ("form", "state")}
        asked = await _chosen(platform, rest, reader)
        known_at = min(asked.known_at or asked.now, asked.now)
        found = await ledger(platform, reader, Asked(asked.period, asked.area, known_at))
        page = hand_in_page.hand_in_page(asked, found, shown, reader, rooms(hand_in_page.PATH))
        return answer(request, page)


def _filter(given: Mapping[str, str]) -> hand_in_page.Filter:
    """Return which lines of the board are asked for; Problem 422 with every fault."""
    form, state = given.get("form") or None, given.get("state") or None
    faults = []
    if form is not None and form not in FORMS:
        faults.append(Fault.of("form", form, "ledger_form"))
    if state is not None and state not in STATES:
        faults.append(Fault.of("state", state, "ledger_state", states=", ".join(STATES)))
    if faults:
        raise Problem.invalid(faults)
    return hand_in_page.Filter(form, state)
