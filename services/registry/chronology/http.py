"""``GET /v1/persons/{ref}/timeline``: what all services know of one human being, in two times."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from contracts.forms import FORMS
from services.chassis.http import Caller, Work
from services.registry.chronology.domain import Entry
from services.registry.chronology.usecases import chronology
from texts import message

KnownAt = Annotated[str, Query(max_length=40, description=str(message("api.parameter.person.known_at")))]
History = Annotated[bool, Query(description=str(message("api.parameter.person.history")))]


class TimelineEntry(BaseModel):
    """Something that happened to the person, as a record states it.

    ``column`` is the column of the form that dates it, ``said`` what else the record says of it; ``day`` is null where it is
    told that it is so and not since when. ``unit`` and ``record`` are null of another agency's record. ``known_from`` and
    ``known_until``: when it was stated (record time); null: it still is.
    """

    day: date | None
    service: str
    form: str
    column: str
    said: dict[str, Any]
    unit: str | None
    record: UUID | None
    known_from: datetime
    known_until: datetime | None


class PersonTimeline(BaseModel):
    """The entries in the order of their days, those without a day last."""

    ref: UUID
    known_at: datetime
    entries: list[TimelineEntry]


def chronology_router() -> APIRouter:
    """Return the route; authentication is put before it by the application."""
    routes = APIRouter(tags=["persons"])

    @routes.get("/v1/persons/{ref}/timeline", operation_id="get_person_timeline")
    async def timeline(
        ref: UUID,
        caller: Caller,
        work: Work,
        request: Request,
        known_at: KnownAt = "",
        history: History = False,
    ) -> PersonTimeline:
        async with work() as session:
            found = await chronology(request, session, caller, ref, known_at, history=history)
        return PersonTimeline(
            ref=ref, known_at=found.known_at, entries=[_told(entry) for entry in found.entries]
        )

    return routes


def _told(entry: Entry) -> TimelineEntry:
    belief = entry.belief
    return TimelineEntry(
        day=None if belief.milestone.day is None else date.fromisoformat(belief.milestone.day),
        service=FORMS[belief.milestone.form].service,
        form=belief.milestone.form,
        column=belief.milestone.column,
        said=dict(belief.milestone.said),
        unit=entry.unit,
        record=entry.record,
        known_from=belief.known_from,
        known_until=belief.known_until,
    )
