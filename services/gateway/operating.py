"""``/operations/``: all services on one page for operators; what is away is named, and everything else is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request, Response

from services.chassis.http import BackupStatus, ServiceStatus
from services.chassis.operating import age, backup_text, backup_troubles, is_trouble, troubles, waiting
from services.chassis.problems import MEDIA_TYPE
from services.chassis.web import Breadcrumb, Cell, Column, Page, SummaryRow, Table, Text, answer
from services.gateway.asking import Heard
from texts import message, number_message

COLUMNS = ("service", "api", "relay", "consume", "unsent", "behind", "delay", "letters")


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """Every service and its roles; ``trouble`` names the service and what is wrong with it."""

    template: ClassVar[str] = "overview.html"
    trouble: tuple[Text, ...]
    services: Table
    facts: tuple[SummaryRow, ...]


def overview(request: Request, heard: Sequence[Heard]) -> Response:
    """Return the page; where every service that answered refuses the caller, the refusal itself."""
    refused = [each for each in heard if each.code == 403]
    if refused and not any(each.status for each in heard):
        return Response(refused[0].problem, 403, media_type=MEDIA_TYPE)
    title = message("page.operating.title")
    page = OverviewPage(
        title=title,
        breadcrumbs=(Breadcrumb(text=message("page.home.title"), href="/"), Breadcrumb(text=title)),
        wide=True,
        trouble=tuple(_troubles(heard)),
        services=_table(heard),
        facts=(SummaryRow(term=message("page.operating.backup"), value=backup_text(_backup(heard))),),
    )
    return answer(request, page)


def _backup(heard: Sequence[Heard]) -> BackupStatus | None:
    """Return the newest back-up that a service knows of: one holds the databases of all."""
    known = [each.status.backup for each in heard if each.status is not None and each.status.backup]
    return max(known, key=lambda each: each.made_at, default=None)


def _troubles(heard: Sequence[Heard]) -> Iterator[Text]:
    for each in heard:
        if each.status is None:
            yield message("page.operating.away", service=each.service)
            continue
        for trouble in troubles(each.status):
            yield message("page.operating.trouble_of", service=each.service, trouble=trouble)
    # Whom nobody has answered, nobody has told of a back-up either.
    if any(each.status is not None for each in heard):
        yield from backup_troubles(_backup(heard))


def _table(heard: Sequence[Heard]) -> Table:
    return Table(
        caption=message("page.operating.services"),
        columns=tuple(
            Column(text=message(f"page.operating.column.{name}"), number=name in ("behind", "letters"))
            for name in COLUMNS
        ),
        rows=tuple(_row(each) for each in heard),
    )


def _row(heard: Heard) -> tuple[Cell, ...]:
    status = heard.status
    if status is None:
        nothing = Cell(text="–")
        return (
            Cell(text=heard.service),
            Cell(text=message("page.operating.no_answer"), tag="bad"),
            *([nothing] * 6),
        )
    return (
        Cell(text=heard.service, href=f"/{heard.service}/operations/"),
        _ready(not status.waiting_for, degraded=bool(status.degraded)),
        *_state(status),
    )


def _state(status: ServiceStatus) -> tuple[Cell, ...]:
    state = status.state
    if state is None:
        return tuple([Cell(text="–")] * 6)
    behind = [work.behind for work in state.consumers if work.behind is not None]
    applied = state.applied_until
    letters = sum(each.letters for each in state.dead_letters)
    return (
        _ready(state.outbox.relay),
        _ready(not any(map(is_trouble, state.consumers))),
        Cell(text=waiting(state.outbox, state.at) or "0"),
        Cell(text=number_message(sum(behind)) if behind else "–"),
        Cell(text="–" if applied is None else age(applied, state.at)),
        Cell(text=number_message(letters)),
    )


def _ready(ready: bool, *, degraded: bool = False) -> Cell:
    """Return whether a role works, as a tag."""
    if not ready:
        return Cell(text=message("page.operating.not_working"), tag="bad")
    if degraded:
        return Cell(text=message("page.operating.works_less"), tag="warning")
    return Cell(text=message("page.operating.works"), tag="good")
