"""``/<service>/operations/``: how the service is, and what waits for an operator."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.chassis.http import ServiceStatus, has_right, operations, read_status
from services.chassis.kafka import DeadLetter, ServiceState, dead_letters
from services.chassis.operating.models import StatusPage
from services.chassis.operating.place import Place
from services.chassis.operating.words import (
    age,
    backup_text,
    backup_troubles,
    end_of,
    troubles,
    waiting,
    working_cell,
)
from services.chassis.persistence import GREATEST
from services.chassis.security import Principal
from services.chassis.web import Cell, Column, SummaryRow, Table, answer, moment_text
from texts import message, number_message

_PAGE = 50


def add_status(router: APIRouter, place: Place) -> None:
    """Add the route."""

    @router.get("/operations/", operation_id="page_operations")
    async def status(
        request: Request, caller: operations.Sees, after: Annotated[int, Query(ge=0, le=GREATEST)] = 0
    ) -> Response:
        names = [consumer.name for consumer in place.consumers()]
        found = await read_status(place.platform, lambda: names, place.retired)
        listed: list[DeadLetter] | None = None
        if found.state is not None and has_right(request, caller, "show_dead_letter"):
            async with place.platform.uow() as session:
                listed = await dead_letters.listed(session, after=after, limit=_PAGE)
        return answer(request, _page(place, request, caller, found, listed))


def _page(
    place: Place,
    request: Request,
    caller: Principal,
    found: ServiceStatus,
    listed: Sequence[DeadLetter] | None,
) -> StatusPage:
    state = found.state
    resumes = has_right(request, caller, "resume_consumer")
    return StatusPage(
        **place.head(place.name),
        again=place.home,
        trouble=(*troubles(found), *backup_troubles(found.backup)),
        facts=(*(() if state is None else _facts(state)), _backup(found), *_certificates(found)),
        consumers=None if state is None else _consumers(place, state, resumes),
        reasons=None if state is None else _reasons(state),
        letters=None if listed is None else _letters(place, listed),
        next=f"{place.home}?after={listed[-1].id}" if listed and len(listed) == _PAGE else "",
        links=place.links,
    )


def _backup(found: ServiceStatus) -> SummaryRow:
    return SummaryRow(term=message("page.operating.backup"), value=backup_text(found.backup))


def _certificates(found: ServiceStatus) -> Iterator[SummaryRow]:
    for each in found.certificates:
        term = message("page.operating.certificate", setting=each.setting)
        yield SummaryRow(term=term, value=end_of(each))


def _facts(state: ServiceState) -> tuple[SummaryRow, ...]:
    relay = "sends" if state.outbox.relay else "stands"
    applied = state.applied_until
    return (
        SummaryRow(term=message("page.operating.looked_at"), value=moment_text(state.at)),
        SummaryRow(
            term=message("page.operating.unsent"),
            value=waiting(state.outbox, state.at) or message("page.operating.nothing_waits"),
        ),
        SummaryRow(term=message("page.operating.relay"), value=message(f"page.operating.relay.{relay}")),
        SummaryRow(
            term=message("page.operating.delay"),
            value=message("page.operating.delay_unknown") if applied is None else age(applied, state.at),
        ),
    )


def _consumers(place: Place, state: ServiceState, resumes: bool) -> Table:
    rows = []
    for work in state.consumers:
        stopped = resumes and work.working == "stopped"
        href = f"{place.home}consumers/{work.consumer}/resume" if stopped else ""
        rows.append(
            (
                Cell(text=work.consumer),
                working_cell(work),
                Cell(text="–" if work.behind is None else number_message(work.behind)),
                Cell(text=moment_text(work.seen_at)),
                Cell(text=message("page.operating.resume") if stopped else work.what or "–", href=href),
            )
        )
    return Table(
        caption=message("page.operating.consumers"),
        columns=(
            Column(text=message("page.operating.consumer")),
            Column(text=message("page.operating.working")),
            Column(text=message("page.operating.behind"), number=True),
            Column(text=message("page.operating.seen_at")),
            Column(text=message("page.operating.what")),
        ),
        rows=tuple(rows),
        empty=message("page.operating.no_consumers"),
    )


def _reasons(state: ServiceState) -> Table:
    return Table(
        caption=message("page.operating.reasons"),
        columns=(
            Column(text=message("page.operating.reason")),
            Column(text=message("page.operating.letters"), number=True),
            Column(text=message("page.operating.waits_since")),
        ),
        rows=tuple(
            (
                Cell(text=each.reason),
                Cell(text=number_message(each.letters)),
                Cell(text=moment_text(each.since)),
            )
            for each in state.dead_letters
        ),
        empty=message("page.operating.no_letters"),
    )


def _letters(place: Place, listed: Sequence[DeadLetter]) -> Table:
    return Table(
        caption=message("page.operating.letters_waiting"),
        columns=(
            Column(text=message("page.operating.number")),
            Column(text=message("page.operating.reason")),
            Column(text=message("page.operating.topic")),
            Column(text=message("page.operating.consumer")),
            Column(text=message("page.operating.failed_at")),
        ),
        rows=tuple(
            (
                Cell(text=str(letter.id), href=f"{place.home}letters/{letter.id}"),
                Cell(text=letter.reason),
                Cell(text=letter.topic),
                Cell(text=letter.consumer),
                Cell(text=moment_text(letter.failed_at)),
            )
            for letter in listed
        ),
        empty=message("page.operating.no_letters"),
    )
