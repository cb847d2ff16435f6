"""What a caller reads of the review queue: whole pairs by both records' identity, and pairs of which they may only undo the decision.

All that follows for a reader (what is joined, what speaks against one person, how many records it is about) follows from
records that this reader reads. The records are taken as they last stood, so that a decision about a withdrawn one can be undone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import Request

from reference import purposes_on
from services.chassis.http import Problem, guards_met
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.platform import Platform
from services.chassis.security import Allowed, Principal, Refused, Target, may
from services.registers import Intake, Rights, Sight
from services.registry.index import together
from services.registry.review import repository
from services.registry.review.contradictions import Sides
from services.registry.review.notes import ReviewNotes
from services.registry.review.proposing import who_is
from services.registry.review.repository import FORM, Pair, Standing

DECIDE, UNDO = "decide_link", "undo_link"
_GUARDS = ("purpose", "step_up")


@dataclass(frozen=True, slots=True)
class Room:
    """The queue for one request: who asks, by which rights, and what the request meets."""

    request: Request
    caller: Principal
    platform: Platform
    intake: Intake
    notes: ReviewNotes
    work: UnitOfWork


@dataclass(frozen=True, slots=True)
class Seen:
    """A pair as the caller sees it: they read who both sides are (``whole``), or may undo its decision anyhow (``answers``)."""

    rights: Rights
    sight: Sight
    pair: Pair
    records: Mapping[UUID, Standing]
    sides: Sides
    whole: bool
    answers: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """Everybody who could be one person with some references, and those of whom the caller reads who they are."""

    sight: Sight
    people: Mapping[UUID, Standing]
    groups: Mapping[UUID, frozenset[UUID]]


async def rights_of(room: Room, session: AsyncSession) -> Rights:
    """Return the caller's rights; 403 where no pair at all could be theirs to decide, before anything is looked up."""
    rights = await room.intake.rights(session, room.caller)
    decision = may(rights.actor, DECIDE, _widest(rights), rights.day)
    if isinstance(decision, Refused):
        raise Problem.refused(decision)
    return rights


async def readable_units(room: Room, session: AsyncSession, rights: Rights) -> list[str]:
    """Return the units with pairs of whose people the caller reads who they are, under 18 or not."""
    met = tuple(guards_met(room.request, room.caller))
    units = await repository.units_with_pairs(session)

    def reads(unit: str, guards: Iterable[str]) -> bool:
        return any("identity" in rights.sees(FORM, unit, *guards, minor=minor) for minor in (False, True))

    found = sorted(unit for unit in units if reads(unit, met))
    # An empty list would look as if nothing had to be decided.
    if "purpose" not in met and any(reads(unit, _GUARDS) for unit in units.difference(found)):
        raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(rights.day)))
    return found


async def undoable_units(room: Room, session: AsyncSession, rights: Rights) -> list[str]:
    """Return the units whose decisions the caller may undo without reading both sides: the own one, and those below."""
    return sorted(
        unit for unit in await repository.units_that_decided(session) if _answers_for(room, rights, unit)
    )


async def visible(
    room: Room, session: AsyncSession, rights: Rights, pairs: Sequence[Pair], units: Collection[str] = ()
) -> list[Pair | None]:
    """Return each pair as the caller may know it, None where they may not; of a decision of these units that they may undo it."""
    if not pairs:
        return []
    read = await _read(room, session, rights, {ref for pair in pairs for ref in pair.refs})
    return [_as_seen(pair, read, units) for pair in pairs]


async def see(room: Room, session: AsyncSession, pair_id: UUID, *, lock: bool = False) -> Seen:
    """Return the pair for whoever reads both sides or may undo its decision, and count the people that the answer depends on.

    Raises:
        Problem: 403 as `rights_of`; 404 for a pair that there is not, or that is not theirs to know of.
    """
    rights = await rights_of(room, session)
    pair = await repository.read_pair(session, pair_id, lock=lock)
    if pair is None:
        raise Problem.not_found("review_unknown")
    read = await _read(room, session, rights, pair.refs)
    decided = pair.decision
    units = [decided.unit] if decided is not None and _answers_for(room, rights, decided.unit) else []
    shown = _as_seen(pair, read, units)
    if shown is None or any(ref not in read.people for ref in pair.refs):
        raise Problem.not_found("review_unknown")
    records = {ref: read.people[ref] for ref in pair.refs}
    whole = all(ref in read.groups for ref in pair.refs)
    return Seen(rights, read.sight, shown, records, _sides(room, pair, read), whole, bool(units))


def _as_seen(pair: Pair, read: _Read, units: Collection[str]) -> Pair | None:
    one, other = pair.refs
    if one in read.groups and other in read.groups:
        return replace(pair, joined=other in read.groups[one])
    if pair.decision is not None and pair.decision.unit in units:
        # How both agree tells of who does not let themselves be read.
        return replace(pair, joined=pair.decision.verdict == "one", fields=(), score=None)
    return None


async def _read(room: Room, session: AsyncSession, rights: Rights, refs: Collection[UUID]) -> _Read:
    known = await together(session, FORM, refs)
    people = await repository.latest(session, known.refs)
    met = tuple(guards_met(room.request, room.caller))
    sight = Sight(room.intake.registers[FORM].form, rights, room.intake.vault, met, reads=True)
    await sight.learn(session, persons=list(people))
    # Under 18 by any record of the person: from here on by whichever id it is asked.
    sight.minors |= {each.record for ref, each in people.items() if ref in sight.minors}
    readable = [
        ref
        for ref, each in people.items()
        if "identity" in sight.sees(each.unit, minor=each.record in sight.minors)
    ]
    return _Read(sight, people, known.groups(readable, room.platform.clock()))


def _sides(room: Room, pair: Pair, read: _Read) -> Sides:
    """Return both sides as far as the caller reads them; what speaks against one person tells something of each of them."""
    ours, theirs = (read.groups.get(ref, frozenset()) for ref in pair.refs)
    who = {}
    for ref in ours | theirs:
        record = read.people[ref]
        read.sight.look_at(record.unit, record.record, ref)
        if not record.voided:
            who[ref] = who_is(room.intake.vault, record)
    return Sides(ours, theirs, who)


def _widest(rights: Rights) -> Target:
    return Target(FORM, rights.actor.unit, area=rights.actor.unit.area, between=True)


def _answers_for(room: Room, rights: Rights, unit: str) -> bool:
    """Return whether decisions of the unit are the caller's to undo: it is their own, or they stand above it and say why they look."""
    if unit == rights.actor.unit.code:
        return True
    area = rights.unit_of(unit)[1]
    if area is None or "purpose" not in guards_met(room.request, room.caller):
        return False
    return isinstance(may(rights.actor, UNDO, Target(FORM, area=area, between=True), rights.day), Allowed)
