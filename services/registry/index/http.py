"""``GET /v1/persons/{ref}``: which records are of one human being, for those whose own records are among them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from contracts.envelope import VIETNAM
from reference import area_book, purposes_on
from services.chassis.audit import Reading, note_looks
from services.chassis.http import Caller, Problem, Work, count_identities, platform_of, purpose_of
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import Clock, correlation_id, get_logger
from services.chassis.security import READ, Principal, Units, nobody, reads_rows
from services.registers import Rights
from services.registry.index.queries import LinkedReference, same_person

_log = get_logger(__name__)
_FORM, _DETOX, _POST_DETOX = "registry", "detox", "post_detox"
_REGISTERS = frozenset({_FORM, _DETOX, _POST_DETOX})
"""Registers of people that police and committees of a commune keep themselves; an arrest puts nobody on a register."""
# Who reads rows at all under any guard may ask; what other units' records tell is counted and written down as a look.
_GUARDS = ("purpose", "step_up")


class LinkedRecord(BaseModel):
    """A reference in a register of a service. ``basis`` and ``known_from`` are empty where nothing links it.

    ``learned``: of another agency's records, what the authority table lets the caller know (``sharing.csv``), one
    object a record.
    """

    ref: UUID
    service: str
    form: str
    units: list[str]
    basis: list[str]
    known_from: datetime | None
    learned: list[dict[str, Any]]


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

    Of another agency's records, and only of a person on its own register, it learns what the authority table lists, not
    whose they are. Where a facility lies and what it does is `treatment`'s knowledge, so here its records show to itself alone.
    """
    duties = tuple(told for each in found if each.form == _POST_DETOX for told in each.told)
    visible = []
    for each in found:
        units = [unit for unit in each.units if rights.knows(each.form, unit)]
        # Own rows are read in full where they are kept; what is learned is of others' alone.
        columns = (
            frozenset[str]() if units else rights.learns(each.form, each.units, ties(rights, found, each))
        )
        if not units and not columns:
            continue
        told = [*each.told, *(duties if each.form == _DETOX else ())]
        visible.append(
            LinkedRecord(
                ref=each.ref,
                service=each.service,
                form=each.form,
                units=units,
                basis=list(each.basis),
                known_from=each.known_from,
                learned=[
                    part for one in told if (part := {name: one[name] for name in one if name in columns})
                ],
            )
        )
    return visible


def ties(rights: Rights, found: Sequence[LinkedReference], other: LinkedReference) -> frozenset[str]:
    """Return how the other's record is tied to the caller's own register, from the records alone.

    - ``own_register``: the person is on the caller's register of users, joined by a link.
    - ``residence``: the person is on a register of the caller's, and either record has a commune of the caller's area.

    Who requested a determination and who treats somebody is in no event, so ``requested`` and ``treats`` tie nobody.
    """
    own = [each for each in found if each.form in _REGISTERS and rights.actor.unit.code in each.units]
    area = rights.actor.unit.area
    # Each record of a person alone is no link: the same reference can stand in two registers of one unit only.
    if not own or area is None or not any(each.ref != other.ref for each in own):
        return frozenset()
    known = {"own_register"} if any(each.form == _FORM for each in own) else set[str]()
    communes = {commune for each in (*own, other) for commune in each.communes}
    if any(_lies_in(area, commune, rights.day) for commune in communes):
        known.add("residence")
    return frozenset(known)


def _lies_in(area: str, commune: str, day: date) -> bool:
    """Return whether the commune is the area or lies in it, as recorded or by what it has become by the day."""
    book = area_book()
    now = book.nearest_known(commune, day)
    return book.covers(area, commune) or (now is not None and book.covers(area, now))
