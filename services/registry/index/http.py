"""``GET /v1/persons/{ref}``: which records are of one human being, for those whose own records are among them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from services.chassis.http import Problem, Work, platform_of, require_role
from services.chassis.runtime import Clock, get_logger
from services.chassis.security import Principal
from services.registers import area_within
from services.registry.index.queries import LinkedReference, same_person

_log = get_logger(__name__)
_Reader = Annotated[Principal, Depends(require_role("clerk", "official", "admin"))]


class LinkedRecord(BaseModel):
    """A reference in a register of a service. ``basis`` and ``known_from`` are empty where nothing links it."""

    ref: UUID
    service: str
    form: str
    units: list[str]
    basis: list[str]
    known_from: datetime | None


class SamePerson(BaseModel):
    """The asked reference and those linked to it now, as far as the caller's scope reaches."""

    ref: UUID
    records: list[LinkedRecord]


def router() -> APIRouter:
    """Return the route of the person index."""
    routes = APIRouter(tags=["persons"])

    @routes.get("/v1/persons/{ref}", operation_id="get_person")
    async def same_person_as(ref: UUID, caller: _Reader, work: Work, request: Request) -> SamePerson:
        clock: Clock = platform_of(request).clock
        async with work() as session:
            found = await same_person(session, ref, clock())
        visible = _within_scope(found, caller)
        # Logged before the refusal, so that requests for persons outside the caller's rights are in the log too.
        _log.info(
            "person looked up",
            caller=caller.subject,
            unit=caller.unit,
            ref=str(ref),
            shown=len(visible),
            withheld=len(found) - len(visible),
        )
        # 404, not 403: "you may not" would tell that the reference exists.
        if not any(each.ref == ref for each in visible):
            raise Problem.not_found()
        return SamePerson(ref=ref, records=visible)

    return routes


def _within_scope(found: Sequence[LinkedReference], caller: Principal) -> list[LinkedRecord]:
    """Return the records of units within the caller's scope, each with these units only.
    Where a facility lies is `treatment`'s knowledge, so a facility's records show to itself and administrators.
    """
    visible = []
    for each in found:
        units = [unit for unit in each.units if caller.may_read(unit, area_within)]
        if units:
            visible.append(
                LinkedRecord(
                    ref=each.ref,
                    service=each.service,
                    form=each.form,
                    units=units,
                    basis=list(each.basis),
                    known_from=each.known_from,
                )
            )
    return visible
