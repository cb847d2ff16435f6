"""The route of areas: found by name or code, with the days on which each existed, what it was made of and what it became."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from reference import QUESTION_LENGTH, Area, Basis, Level, Succession, area_book, find_areas
from texts import message


class Step(BaseModel):
    """An area, or a part of it, became another on a day. ``basis`` says how that is known.

    ``uid`` and ``name`` are those of the other: of a successor (null where nobody knows it), or of a predecessor.
    """

    uid: str | None
    name: str | None
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
    parent_name: str | None
    valid_from: date | None
    valid_to: date | None
    made_of: list[Step]
    became: list[Step]


class AreaList(BaseModel):
    """Areas by uid; where words were looked for, the likeliest first."""

    areas: list[AreaEntry]


def areas_router() -> APIRouter:
    """Return the route, to be put into the router of machines."""
    router = APIRouter()

    @router.get("/areas", operation_id="list_areas")
    async def areas(
        on: Annotated[date | None, Query(description=str(message("api.parameter.areas.on")))] = None,
        level: Annotated[Level | None, Query(description=str(message("api.parameter.areas.level")))] = None,
        q: Annotated[
            str | None, Query(description=str(message("api.parameter.areas.q")), max_length=QUESTION_LENGTH)
        ] = None,
    ) -> AreaList:
        wanted = (
            area
            for _, area in sorted(area_book().by_uid.items())
            if (on is None or area.exists_on(on)) and level in (None, area.level)
        )
        return AreaList(areas=[_entry(area) for area in (wanted if q is None else find_areas(q, wanted))])

    return router


def _entry(area: Area) -> AreaEntry:
    book = area_book()
    return AreaEntry(
        uid=area.uid,
        code=area.code,
        name=area.name,
        level=area.level,
        parent=area.parent_uid,
        parent_name=_name(area.parent_uid),
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        made_of=[_step(step, step.from_uid) for step in book.predecessions(area.uid)],
        became=[_step(step, step.to_uid) for step in book.successions(area.uid)],
    )


def _step(step: Succession, other: str | None) -> Step:
    return Step(uid=other, name=_name(other), on=step.effective_on, kind=step.kind, basis=step.basis)


def _name(uid: str | None) -> str | None:
    return None if uid is None else area_book().by_uid[uid].name
