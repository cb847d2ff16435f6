"""``GET /v1/persons/{ref}``: which records are of one human being, for those whose own records are among them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from contracts.envelope import VIETNAM
from reference import purposes_on
from services.chassis.audit import Reading, note_looks
from services.chassis.http import Caller, Problem, Work, count_identities, platform_of, purpose_of
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import Clock, correlation_id, get_logger
from services.chassis.security import READ, Principal, Units, nobody, reads_rows
from services.registers import Rights
from services.registry.index.queries import LinkedReference, same_person

_log = get_logger(__name__)
_FORM = "registry"
# Who reads rows at all under any guard may ask; what other units' records tell is counted and written down as a look.
_GUARDS = ("purpose", "step_up")


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
    async def same_person_as(ref: UUID, caller: Caller, work: Work, request: Request) -> SamePerson:
        clock: Clock = platform_of(request).clock
        day = clock().astimezone(VIETNAM).date()
        rights = Rights.of(caller, Units(), day)
        # The same answer to everybody in the role, before anything is looked up: it tells nothing of the reference.
        if not reads_rows(rights.actor.role, day, *_GUARDS):
            raise Problem.refused(nobody(READ, _FORM, day), "role_required")
        if not purpose_of(request):
            raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(day)))
        async with work() as session:
            found = await same_person(session, ref, clock())
            visible = _within_rights(found, rights)
            await _note(request, session, caller, ref, found, visible)
        # Logged before the refusal: asking for people out of reach must leave a trace, too.
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


async def _note(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    ref: UUID,
    found: Sequence[LinkedReference],
    visible: Sequence[LinkedRecord],
) -> None:
    """Count the person where other units' records are shown, and write a look down for each of these units."""
    shown = {(each.ref, each.form) for each in visible}
    looked: dict[str, set[str]] = defaultdict(set)
    if any(each.ref == ref for each in visible):
        for each in found:
            if (each.ref, each.form) in shown:
                looked[each.form] |= set(each.units) - {caller.unit}
    units = sum(len(others) for others in looked.values())
    request.state.identities = 1 if units else 0
    if not units:
        return
    await count_identities(request, session, caller, 1)
    platform = platform_of(request)
    for form, others in looked.items():
        reading = Reading(form, purpose_of(request), correlation_id.get() or "", platform.clock())
        ids = [platform.new_id() for _ in others]
        await note_looks(session, caller, dict.fromkeys(others, 1), reading, ids)


def _within_rights(found: Sequence[LinkedReference], rights: Rights) -> list[LinkedRecord]:
    """Return what the caller may see: records whose rows it reads, of them only the units concerned.

    Of another agency's records it learns that they are of the same person where the authority table lists what it learns
    of them, and only of a person on its own register. Where a facility lies and what it does is `treatment`'s knowledge,
    so here its records show to itself alone.
    """
    own = any(each.form == _FORM and rights.actor.unit.code in each.units for each in found)
    # A person on the caller's own register, joined by a link: residence is why it is there.
    ties = frozenset({"residence", "own_register"}) if own and len(found) > 1 else frozenset[str]()
    visible = []
    for each in found:
        units = [unit for unit in each.units if rights.knows(each.form, unit)]
        if units or (ties and rights.learns(each.form, each.units, ties)):
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
