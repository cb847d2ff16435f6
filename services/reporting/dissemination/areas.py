"""The route of areas: the name behind each uid, the days on which each area existed, and its successors."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from reference import Area, Basis, Level, area_book
from texts import message


class Successor(BaseModel):
    """What an area became, or a part of it; ``uid`` is null where nobody knows. ``basis`` says how it is known."""

    uid: str | None
    on: date
    kind: Literal["whole", "part", "unknown"]
    basis: Basis


class AreaEntry(BaseModel):
    """One area during one validity, half-open; null ends are open. ``parent`` is the uid of the area above."""

    uid: str
    code: str
    name: str
    level: Level
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    became: list[Successor]


class AreaList(BaseModel):
    """Areas by uid."""

    areas: list[AreaEntry]


def areas_router() -> APIRouter:
    """Return the route, to be put into the router of machines."""
    router = APIRouter()

    @router.get("/areas", operation_id="list_areas")
    async def areas(
        on: Annotated[date | None, Query(description=str(message("api.parameter.areas.on")))] = None,
        level: Annotated[Level | None, Query(description=str(message("api.parameter.areas.level")))] = None,
    ) -> AreaList:
        wanted = (
            area
            for _, area in sorted(area_book().by_uid.items())
            if (on is None or area.exists_on(on)) and level in (None, area.level)
        )
        return AreaList(areas=[_entry(area) for area in wanted])

    return router


def _entry(area: Area) -> AreaEntry:
    return AreaEntry(
        uid=area.uid,
        code=area.code,
        name=area.name,
        level=area.level,
        parent=area.parent_uid,
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        became=[
            Successor(uid=step.to_uid, on=step.effective_on, kind=step.kind, basis=step.basis)
            for step in area_book().successions(area.uid)
        ],
    )
