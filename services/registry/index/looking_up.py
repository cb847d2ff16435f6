"""Look a person up: the references of one human being as far as the caller's own records and the authority table reach.

Each look needs a purpose, is logged, counts to the people of an hour, and is written down for the units looked at.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from contracts.envelope import VIETNAM
from reference import purposes_on
from services.chassis.http import Problem, count_identities, platform_of, purpose_of, write_looks
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import get_logger
from services.chassis.security import (
    READ,
    Actor,
    Principal,
    Units,
    facility_kinds_keeping,
    nobody,
    reads_rows,
    told_as,
)
from services.registers import Rights
from services.registry.index.joining import Joining
from services.registry.index.queries import IndexedRecord, LinkedReference, same_person
from services.registry.index.sharing import DUTY, SharedValues
from services.registry.index.ties import DETOX, FORM, POST_DETOX, ties

_log = get_logger(__name__)
# Who reads rows at all under any guard may ask; what other units' records tell is counted and written down as a look.
_GUARDS = ("purpose", "step_up")


class LinkedRecord(BaseModel):
    """A reference in a register of a service. ``basis`` and ``known_from`` are empty where nothing shown links it.

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


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A person as the caller sees it now: with which rights, all references of the person, and those that are visible."""

    ref: UUID
    rights: Rights
    found: Sequence[LinkedReference]
    visible: Sequence[LinkedRecord]


async def look_up(request: Request, session: AsyncSession, caller: Principal, ref: UUID) -> LookedUp:
    """Return the references of the same human being that the caller may see, the look logged, counted and written down.

    Raises:
        Problem: 403 for whose role reads no rows, without a purpose, and beyond the people of an hour; 404 for a reference
            that there is not or that the caller does not see.
    """
    now = platform_of(request).clock()
    day = now.astimezone(VIETNAM).date()
    rights = Rights.of(caller, Units(), day)
    # The same answer to everybody in the role, before anything is looked up: it tells nothing of the reference.
    if not reads_rows(rights.actor.role, day, *_GUARDS):
        raise Problem.refused(nobody(READ, FORM, day), "role_required")
    if not purpose_of(request):
        raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(day)))
    found = await same_person(session, ref, now)
    rights = keeping(rights, found)
    visible = _linked_to(ref, _within_rights(found, rights), found)
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
    await _note(request, session, caller, found, visible)
    return LookedUp(ref, rights, found, visible)


async def _note(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    found: Sequence[LinkedReference],
    visible: Sequence[LinkedRecord],
) -> None:
    """Count the person where other units' records are shown, and write a look down for each of these units."""
    shown = {(each.ref, each.form) for each in visible}
    looked: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if (each.ref, each.form) in shown:
            looked[each.form] |= set(each.units) - {caller.unit}
    units = sum(len(others) for others in looked.values())
    request.state.identities = 1 if units else 0
    if not units:
        return
    await count_identities(request, session, caller, 1)
    for form, others in looked.items():
        await write_looks(request, session, caller, form, dict.fromkeys(others, 1))


def _linked_to(
    ref: UUID, visible: Sequence[LinkedRecord], found: Sequence[LinkedReference]
) -> list[LinkedRecord]:
    """Return of the visible records those that visible records alone join to the reference, with what joins them.

    A link by a record that the caller does not see would tell that there is one: a row with a guessed national ID would be
    answered otherwise where somebody has it.
    """
    shown = {(each.ref, each.form) for each in visible}
    joining = Joining([each for each in found if (each.ref, each.form) in shown])
    linked = joining.reached_from(ref)
    told = []
    for each in visible:
        if each.ref in linked:
            links = joining.links_of(each.ref)
            basis = sorted({link.basis for link in links})
            since = min((link.known_from for link in links), default=None)
            told.append(each.model_copy(update={"basis": basis, "known_from": since}))
    return told


def _within_rights(found: Sequence[LinkedReference], rights: Rights) -> list[LinkedRecord]:
    """Return what the caller may see: records whose rows it reads, of them only the units concerned.

    Of another agency's records, and only of a person on its own register, it learns what the authority table lists, not
    whose they are. Where a facility lies and what it does is `treatment`'s knowledge, so here its records show to itself alone.
    """
    visible = []
    for each in found:
        units = [unit for unit in each.units if rights.knows(each.form, unit)]
        # Own rows are read in full where they are kept; what is learned is of others' alone.
        learned = [] if units else _learned(rights, found, each)
        if not units and learned is None:
            continue
        visible.append(
            LinkedRecord(
                ref=each.ref,
                service=each.service,
                form=each.form,
                units=units,
                basis=[],
                known_from=None,
                learned=learned or [],
            )
        )
    return visible


def _learned(
    rights: Rights, found: Sequence[LinkedReference], other: LinkedReference
) -> list[dict[str, Any]] | None:
    """Return what the caller learns from the other's records, one object a record; None where no record is tied to its own."""
    tied = False
    shared: list[dict[str, Any]] = []
    for record in other.records:
        columns = _columns(rights, found, other, record)
        tied = tied or bool(columns)
        duties = _duties(rights, found) if DUTY in columns else []
        for one in (record.shared, *duties):
            part = _listed(other.form, one, columns, rights.day)
            if part and part not in shared:
                shared.append(part)
    return shared if tied else None


def _columns(
    rights: Rights, found: Sequence[LinkedReference], other: LinkedReference, record: IndexedRecord
) -> frozenset[str]:
    return rights.learns(other.form, (record.unit,), ties(rights, found, other, record))


def _duties(rights: Rights, found: Sequence[LinkedReference]) -> list[SharedValues]:
    """Return the management after detox, which is told with the detox: the caller's own, and what is tied as detox is."""
    return [
        record.shared
        for each in found
        if each.form == POST_DETOX
        for record in each.records
        if record.unit == rights.actor.unit.code
        or DUTY in rights.learns(DETOX, (record.unit,), ties(rights, found, each, record))
    ]


def _listed(form: str, shared: SharedValues, columns: frozenset[str], day: date) -> dict[str, Any]:
    """Return the listed columns of what a record tells, each value in the words of the authority table."""
    return {name: told_as(form, name, shared[name], day) for name in shared if name in columns}


def keeping(rights: Rights, found: Sequence[LinkedReference]) -> Rights:
    """Return the rights of a facility as one of the kinds that keep what it has of this person.

    This service does not have the list of facilities. `treatment`, which has it, took the records in, so by the list the
    facility was of a kind that keeps them.
    """
    unit = rights.actor.unit
    if unit.kinds:
        return rights
    own = {each.form for each in found if unit.code in each.units}
    kinds = frozenset(kind for form in own for kind in facility_kinds_keeping(form, rights.day))
    return Rights(rights.units, Actor(replace(unit, kinds=kinds), rights.actor.role), rights.day)
