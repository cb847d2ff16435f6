"""The routes of the official's room."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from contracts.forms import FORMS
from services.chassis.http import require_right
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security import Principal
from services.chassis.web import answer, page_router
from services.marks import Notes
from services.reporting.documents import Printing, composing
from services.reporting.figures import Asking, QueryService, Remembered, parameters_of
from services.reporting.ledger.domain import STATES
from services.reporting.ledger.usecases import Asked, ledger
from services.reporting.pages import (
    drill,
    figure_page,
    growth_page,
    hand_in_page,
    headline_page,
    knowing,
    map_page,
    words,
)
from services.reporting.pages.amendments_http import add_amendments
from services.reporting.pages.checks.http import add_checks
from services.reporting.pages.choosing import IN_A_TREE, PARAMETERS
from services.reporting.pages.closing.editions_http import add_editions
from services.reporting.pages.closing.http import add_closing
from services.reporting.pages.commune_map import see_map
from services.reporting.pages.editions import editions_in
from services.reporting.pages.figure import VIEWED, see, view_of
from services.reporting.pages.figure_file import csv_of
from services.reporting.pages.frame import chosen_and_closings, chosen_by, reads, rooms
from services.reporting.pages.growth import see_growth
from services.reporting.pages.headline import headline
from services.reporting.pages.preparing import Preparing
from services.reporting.pages.rebuild_page import add_rebuild
from services.reporting.pages.reconciliation.http import add_reconciliation
from services.reporting.pages.reports import report_list
from services.reporting.pages.reports.http import add_reports
from services.reporting.pages.rules_page import add_rules

_FIGURE = (*IN_A_TREE, *VIEWED)
_STATEMENTS = (*IN_A_TREE, "by", "across")
StatementReader = Annotated[Principal, Depends(require_right(drill.SEE))]
_HAND_IN = (*PARAMETERS, "form", "state")


def pages_router(platform: Platform, queries: QueryService, notes: Notes, printing: Printing) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = page_router("reporting")
    preparing, remembered = Preparing(queries), Remembered()
    _headline(router, platform, queries, preparing, remembered)
    _figure(router, platform, queries, preparing, remembered)
    _map(router, platform, queries, preparing)
    _growth(router, platform, queries)
    _statements(router, platform)
    _hand_in(router, platform, remembered)
    add_checks(router, platform, queries, notes, preparing)
    add_reconciliation(router, platform, queries, notes)
    add_closing(router, platform, queries, remembered)
    add_editions(router, platform, queries)
    add_reports(router, platform, queries, printing)
    add_rebuild(router, platform)
    add_rules(router, platform)
    add_amendments(router, platform)
    return router


def _headline(
    router: APIRouter, platform: Platform, queries: QueryService, preparing: Preparing, remembered: Remembered
) -> None:
    @router.get("/", openapi_extra=reads(PARAMETERS))
    async def headline_figures(request: Request, reader: Asking) -> HTMLResponse:
        asked, listed = await chosen_and_closings(platform, parameters_of(request), reader)
        found = await headline(platform, queries, preparing, reader, asked, remembered, listed)
        waiting = report_list.waiting_notice(await composing.waiting(platform, reader))
        return answer(request, headline_page.headline_page(asked, found, reader, rooms(""), waiting))


def _figure(
    router: APIRouter, platform: Platform, queries: QueryService, preparing: Preparing, remembered: Remembered
) -> None:
    # Before the page itself, whose path would take the ending for a part of the code.
    @router.get(f"/{figure_page.PATH}/{{figure}}.csv", openapi_extra=reads(_FIGURE))
    async def figure_file(figure: str, request: Request, reader: Asking) -> Response:
        given = parameters_of(request)
        view = view_of(figure, {name: given.pop(name, "") for name in VIEWED})
        asked = await chosen_by(platform, given, reader)
        found = await see(queries, preparing, reader, figure, asked, view)
        headers = {"Content-Disposition": f'attachment; filename="{figure}.csv"', "Cache-Control": "no-store"}
        return Response(csv_of(asked, view, found), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get(f"/{figure_page.PATH}/{{figure}}", openapi_extra=reads((*_FIGURE, knowing.SLID)))
    async def one_figure(figure: str, request: Request, reader: Asking) -> Response:
        given = parameters_of(request)
        slid = given.pop(knowing.SLID, "")
        view = view_of(figure, {name: given.pop(name, "") for name in VIEWED})
        asked, listed = await chosen_and_closings(platform, given, reader)
        days = await knowing.days_of(queries, remembered, listed, reader, figure, asked)
        path = f"{figure_page.PATH}/{figure}"
        if slid:
            kept = {**figure_page.kept_in_address(view), **knowing.slid_to(days, slid, asked)}
            return RedirectResponse(words.link(path, kept), 303)
        found = await see(queries, preparing, reader, figure, asked, view)
        exact = queries.sees_exact(figure, found.question.day, reader)
        slider = knowing.slider(days, asked, path, figure_page.kept_in_address(view))
        edition = editions_in(listed, asked, queries, reader).get(figure)
        behind = drill.behind(found.question.figure, asked, view, reader, exact=exact)
        return answer(
            request,
            figure_page.figure_page(
                asked, view, found, reader, rooms(figure), figure_page.Beside(behind, slider, edition, exact)
            ),
        )


def _map(router: APIRouter, platform: Platform, queries: QueryService, preparing: Preparing) -> None:
    @router.get(f"/{figure_page.PATH}/{{figure}}/{map_page.ENDING}", openapi_extra=reads(IN_A_TREE))
    async def figure_map(figure: str, request: Request, reader: Asking) -> HTMLResponse:
        asked = await chosen_by(platform, parameters_of(request), reader)
        found = await see_map(preparing, reader, figure, asked)
        exact = queries.sees_exact(figure, found.question.day, reader)
        return answer(request, map_page.map_page(asked, found, reader, rooms(figure), exact=exact))


def _growth(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get(f"/{figure_page.PATH}/{{figure}}/{growth_page.ENDING}", openapi_extra=reads(IN_A_TREE))
    async def figure_growth(figure: str, request: Request, reader: Asking) -> HTMLResponse:
        asked = await chosen_by(platform, parameters_of(request), reader)
        found = await see_growth(queries, reader, figure, asked)
        return answer(request, growth_page.growth_page(asked, found, reader, rooms(figure)))


def _statements(router: APIRouter, platform: Platform) -> None:
    @router.get(f"/{figure_page.PATH}/{{figure}}/{drill.ENDING}", openapi_extra=reads(_STATEMENTS))
    async def figure_statements(
        figure: str, request: Request, reader: Asking, _: StatementReader
    ) -> HTMLResponse:
        given = parameters_of(request)
        view = view_of(figure, {name: given.pop(name, "") for name in VIEWED})
        asked = await chosen_by(platform, given, reader)
        question = asked.question(figure, by=view.breakdown)
        return answer(request, drill.statements_page(question, asked, view, rooms(figure)))


def _hand_in(router: APIRouter, platform: Platform, remembered: Remembered) -> None:
    @router.get(f"/{hand_in_page.PATH}", openapi_extra=reads(_HAND_IN))
    async def hand_ins(request: Request, reader: Asking) -> HTMLResponse:
        given = parameters_of(request)
        shown = _filter(given)
        rest = {name: value for name, value in given.items() if name not in ("form", "state")}
        asked = await chosen_by(platform, rest, reader)
        known_at = min(asked.known_at or asked.now, asked.now)
        found = await ledger(platform, reader, Asked(asked.period, asked.area, known_at), remembered)
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
