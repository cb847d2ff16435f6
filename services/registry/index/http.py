"""``GET /v1/persons/{ref}``: which records are of one human being, for those whose own records are among them."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.chassis.http import Caller, Work
from services.registry.index.looking_up import LinkedRecord, look_up


class SamePerson(BaseModel):
    """The asked reference and those linked to it now, as far as the caller's scope reaches."""

    ref: UUID
    records: list[LinkedRecord]


def router() -> APIRouter:
    """Return the route of the person index."""
    routes = APIRouter(tags=["persons"])

    @routes.get("/v1/persons/{ref}", operation_id="get_person")
    async def same_person_as(ref: UUID, caller: Caller, work: Work, request: Request) -> SamePerson:
        async with work() as session:
            looked = await look_up(request, session, caller, ref)
        return SamePerson(ref=ref, records=list(looked.visible))

    return routes
