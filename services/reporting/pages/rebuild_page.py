"""``/reporting/operations/rebuild``: the generations of the figures' tables, how far a rebuild is, and asking for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.http import require_right
from services.chassis.platform import Platform
from services.chassis.security import Principal
from services.chassis.web import Breadcrumb, Cell, Column, Kind, Page, Table, answer
from services.reporting.facts import generations, rebuilding
from services.reporting.pages import words
from texts import message, number_message

Rebuilds = Annotated[Principal, Depends(require_right("rebuild"))]
PATH = "operations/rebuild"
STATES = ("asked", "building", "live", "ended", "failed")
COLUMNS = ("number", "state", "asked", "started", "live", "error")
_KINDS: Mapping[str, Kind] = {"live": "good", "failed": "bad", "building": "warning", "asked": "warning"}


@dataclass(frozen=True, kw_only=True)
class RebuildPage(Page):
    """Generations, the newest first; ``running``: one is being built or waits for it."""

    template: ClassVar[str] = "rebuild.html"
    address: str
    running: bool
    generations: Table


def add_rebuild(router: APIRouter, platform: Platform) -> None:
    """Add both routes."""

    @router.get(f"/{PATH}", operation_id="page_rebuild")
    async def rebuilds(request: Request, _: Rebuilds) -> Response:
        async with platform.uow() as session:
            found = await generations.states(session)
            building = next((row["number"] for row in found if row["state"] == "building"), None)
            share = None if building is None else await rebuilding.progress(session, building)
        return answer(request, _page(found, share))

    @router.post(f"/{PATH}", operation_id="page_start_rebuild")
    async def ask(caller: Rebuilds) -> Response:
        # While one runs, asking again is answered with the same one: a double click starts nothing twice.
        await rebuilding.ask(platform, caller)
        return RedirectResponse(f"{words.ROOM}{PATH}", 303)


def _page(found: Sequence[Mapping[str, Any]], share: float | None) -> RebuildPage:
    title = message("page.rebuild.title")
    above = (
        Breadcrumb(text=message("page.operating.title"), href="/operations/"),
        Breadcrumb(text=message("page.operating.of", service="reporting"), href=f"{words.ROOM}operations/"),
    )
    return RebuildPage(
        title=title,
        breadcrumbs=(*above, Breadcrumb(text=title)),
        address=f"{words.ROOM}{PATH}",
        running=any(row["state"] in ("asked", "building") for row in found),
        generations=_table(found, share),
    )


def _table(found: Sequence[Mapping[str, Any]], share: float | None) -> Table:
    return Table(
        caption=message("page.rebuild.generations"),
        columns=tuple(Column(text=message(f"page.rebuild.column.{name}")) for name in COLUMNS),
        rows=tuple(_row(row, share) for row in found),
    )


def _row(row: Mapping[str, Any], share: float | None) -> tuple[Cell, ...]:
    state = Cell(text=message(f"page.rebuild.state.{row['state']}"), tag=_KINDS.get(row["state"]))
    if row["state"] == "building" and share is not None:
        percent = round(share * 100)
        state = Cell(text=message("page.rebuild.building", percent=number_message(percent)), bar=percent)
    moments = [words.moment_of(row[name]) if row[name] else "–" for name in ("started_at", "live_at")]
    return (
        Cell(text=str(row["number"])),
        state,
        Cell(text=message("page.rebuild.asked_by", at=words.moment_of(row["asked_at"]), by=row["asked_by"])),
        *(Cell(text=each) for each in moments),
        Cell(text=row["error"] or "–"),
    )
