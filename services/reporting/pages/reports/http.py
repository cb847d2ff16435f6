"""The routes of reports: the list, one report as a page and as a file, and the steps that are taken with it."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from reference import Period
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import get_logger
from services.chassis.web import SentForm, answer, read_form
from services.reporting.documents import (
    ACTS,
    NAMING,
    PARTS,
    REPORTS,
    Act,
    Given,
    Outcome,
    Printing,
    Question,
    Step,
    Texts,
    composing,
    made,
    named_report,
    question_of,
    without_annexes,
)
from services.reporting.figures import Asking, QueryService, Reader, parameters_of
from services.reporting.pages.choosing import PARAMETERS, Chosen
from services.reporting.pages.frame import chosen_and_closings, reads, rooms
from services.reporting.pages.reports import report_list, report_page
from services.reporting.pages.reports.report_list import Opened

_log = get_logger(__name__)
_PATH = f"/{report_list.PATH}"
_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class _Room:
    """What the pages of reports ask."""

    platform: Platform
    queries: QueryService


def add_reports(router: APIRouter, platform: Platform, queries: QueryService, printing: Printing) -> None:
    """Add the routes."""
    room = _Room(platform, queries)
    _list(router, room)
    _file(router, printing)
    _one(router, room)


def _list(router: APIRouter, room: _Room) -> None:
    @router.get(_PATH, openapi_extra=reads((*PARAMETERS, report_list.AFTER)))
    async def reports(request: Request, reader: Asking) -> HTMLResponse:
        given = parameters_of(request)
        after = given.pop(report_list.AFTER, "")
        chosen, listed = await chosen_and_closings(room.platform, given, reader)
        waiting = await composing.waiting(room.platform, reader, after)
        opened = [one async for one in _opened(room, chosen, listed, reader)]
        page = report_list.reports_page(chosen, waiting, opened, listed, reader, rooms(report_list.PATH))
        return answer(request, page)


async def _opened(
    room: _Room, chosen: Chosen, listed: Sequence[Mapping[str, object]], reader: Reader
) -> AsyncIterator[Opened]:
    """Yield the reports of the area and period that the reader may open: as figures stand, by the year, of closed editions."""
    spans: list[tuple[dict[str, str], Mapping[str, object] | None]] = [
        ({"area": chosen.area.uid, **named}, None) for named in _spans(chosen.period)
    ]
    of = (chosen.period.calendar, chosen.period.code, chosen.area.uid)
    spans += [
        ({"closing": str(closing["id"])}, closing)
        for closing in listed
        if (closing["calendar"], closing["period"], closing["area_uid"]) == of
    ]
    for report in REPORTS.values():
        for named, edition in spans:
            try:
                question = await named_report(room.platform, room.queries, report.name, named, reader)
                steps = await composing.seen(room.platform, reader, question.asked)
            except Problem as problem:
                # A report that the reader may not open, or that has no texts, is not offered, nor is any edition of it; of
                # editions only those that the reader may not open are left out.
                if problem.status not in (403, 422):
                    raise
                if edition is not None:
                    continue
                break
            yield Opened(report, named, composing.state_of(steps), len(steps), edition)


def _spans(period: Period) -> list[dict[str, str]]:
    by_period = {"calendar": period.calendar, "period": period.code}
    return [{"year": period.code}, by_period] if period.kind == "year" else [by_period]


def _file(router: APIRouter, printing: Printing) -> None:
    # Before the page itself, whose path would take the ending for a part of the name.
    @router.get(f"{_PATH}/{{report}}.{{format}}", openapi_extra=reads((*NAMING, "known_at")))
    async def report_file(report: str, format: str, request: Request, reader: Asking) -> Response:
        file = await printing.file(report, format, parameters_of(request), reader)
        file.headers["Cache-Control"] = "no-store"
        return file


def _one(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_PATH}/{{report}}", openapi_extra=reads((*NAMING, "done")))
    async def one_report(report: str, request: Request, reader: Asking) -> HTMLResponse:
        given = parameters_of(request)
        how = report_page.Shown(done=given.pop("done", ""))
        return answer(request, await _page(room, report, given, reader, how))

    @router.post(f"{_PATH}/{{report}}")
    async def step(report: str, request: Request, reader: Asking) -> Response:
        sent = await read_form(request)
        named = {name: sent.one(name) for name in NAMING if sent.one(name)}
        question = await named_report(room.platform, room.queries, report, dict(named), reader)
        try:
            given = _given(sent)
            await _take(room, question, reader, given)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            how = report_page.Shown(sent=sent, problem=problem)
            return answer(request, await _page(room, report, dict(named), reader, how), problem.status)
        _log.info("report composed", report=report, act=given.act)
        return RedirectResponse(report_list.address(report, named, done=given.act), 303)


async def _take(room: _Room, question: Question, reader: Reader, given: Given) -> None:
    """Take the step; what is sent up is saved first, so that nothing that was typed is left behind."""
    seen = given.seen
    if given.act == "submitted":
        written = Given("written", seen, given.texts)
        try:
            _, steps = await _act(room, question, reader, written)
        except Problem as problem:
            if problem.status == 409 and await _is_sent(room, question, reader, given):
                return
            raise
        seen = len(steps)
    await _act(room, question, reader, Given(given.act, seen, given.texts, given.reason))


async def _act(
    room: _Room, question: Question, reader: Reader, given: Given
) -> tuple[Outcome, tuple[Step, ...]]:
    return await composing.act(room.platform, room.queries, reader, question.asked, given, question.closing)


async def _is_sent(room: _Room, question: Question, reader: Reader, given: Given) -> bool:
    """Return whether the reader has just sent these texts up: a double click, which is one step."""
    steps = await composing.seen(room.platform, reader, question.asked)
    last = steps[-1] if steps else None
    same = last is not None and (last.act, last.by) == ("submitted", reader.caller.subject)
    return same and composing.texts_of(steps) == given.texts


def _given(sent: SentForm) -> Given:
    """Return what is to be done; Problem 422 for what no button sends."""
    act: Act | None = next((one for one in ACTS if one == sent.one("act")), None)
    seen = sent.one("seen")
    if act is None or _NUMBER.fullmatch(seen) is None:
        raise Problem.invalid([Fault.of("act", sent.one("act"), "page.report.act_needed")])
    texts = Texts(**{name: sent.one(name) for name in PARTS})
    return Given(act, int(seen), texts, sent.one("reason").strip() or None)


async def _page(
    room: _Room, report: str, named: dict[str, str], reader: Reader, how: report_page.Shown
) -> report_page.ReportPage:
    question = await named_report(room.platform, room.queries, report, named, reader)
    steps = await composing.seen(room.platform, reader, question.asked)
    gone = composing.sent(steps)
    written: tuple[Step, ...] | None = None
    # Whoever writes has the texts in the fields; where a step was refused, what stands is in the report.
    if gone is None and composing.may_do(reader, "written", question.asked, steps):
        written = () if how.problem is None else steps
    shown = question if gone is None else await _as_sent(room, question, gone, named, reader)
    body, _ = await made(room.platform, room.queries, without_annexes(shown), reader, written)
    may, earlier = await composing.offered(room.platform, reader, question.asked, question.closing, steps)
    stands = report_page.Stands(steps, may, earlier)
    return report_page.report_page(question.asked, named, stands, body, rooms(report_list.PATH), how)


async def _as_sent(
    room: _Room, question: Question, gone: Step, named: Mapping[str, str], reader: Reader
) -> Question:
    """Return the question with the figures as they were known at the sending; those of a closing do not change."""
    if question.closing is not None or gone.known_at is None:
        return question
    given = {**named, "known_at": gone.known_at.isoformat()}
    return await question_of(room.platform, room.queries, question.asked.report, given, reader)
