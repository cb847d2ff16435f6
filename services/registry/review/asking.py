"""What of the review queue a caller may see and decide, and the queue as they see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from reference import REVIEW_REASON, REVIEW_UNDOING, review_weights
from services.chassis.http import Fault, Problem
from services.chassis.persistence import AsyncSession
from services.chassis.security import Allowed, Refused, Target, may
from services.marks import has_identity_number
from services.registers import View, at_addresses, note_reading, summary
from services.registry.index import lock_links
from services.registry.review import repository
from services.registry.review.contradictions import against
from services.registry.review.deciding import Deciding, Outcome, changed, decide, undo
from services.registry.review.readers import (
    DECIDE,
    UNDO,
    Room,
    Seen,
    readable_units,
    rights_of,
    see,
    undoable_units,
    visible,
)
from services.registry.review.repository import FORM, Pair, Verdict

State = Literal["open", "one", "two"]
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class Case:
    """A pair with both records side by side, the note of its decision, and what its reader may do about it.

    ``against`` is what speaks against one person; a decision "one" is refused with it.
    """

    pair: Pair
    sides: tuple[View, View]
    note: str
    may_decide: bool
    may_undo: bool
    against: Sequence[Fault]


async def list_pairs(
    room: Room, state: State, after: tuple[int, UUID] | None, limit: int
) -> tuple[list[Pair], tuple[int, UUID] | None]:
    """Return a page of pairs whose both sides the caller may read, the likeliest first, and the place of the page's last.

    Among those that are decided are also those that the caller may only undo, without how they agree. No value of any
    record is in it. Raises:
        Problem: 403 for who decides about no pair; without a purpose where all pairs are of units below.
    """
    async with room.work() as session:
        rights = await rights_of(room, session)
        units = await readable_units(room, session, rights)
        undoable = [] if state == "open" else await undoable_units(room, session, rights)
        shown = review_weights(room.intake.today).shown
        found: list[tuple[Pair, tuple[int, UUID]]] = []
        # One more than the page holds says whether there is a next one. Pairs that the caller may not see take no place
        # on it.
        while len(found) <= limit:
            some = await repository.pairs_of(session, units, state, shown, after, _CHUNK, undoable)
            seen = await visible(room, session, rights, some, undoable)
            found += [
                (pair, _place(stored))
                for stored, pair in zip(some, seen, strict=True)
                if pair is not None and (state != "open" or pair.is_open(shown))
            ]
            if len(some) < _CHUNK:
                break
            after = _place(some[-1])
        page = found[:limit]
        return [pair for pair, _ in page], page[-1][1] if len(found) > limit else None


async def read_case(room: Room, pair_id: UUID) -> Case:
    """Return a pair side by side, and write down that both people were looked at.

    Raises:
        Problem: 403 as `list_pairs`; 404 for a pair that there is not, or that the caller neither reads nor may undo.
    """
    async with room.work() as session:
        seen = await _look(room, session, pair_id)
        found = await at_addresses(session, [each.record for each in seen.records.values()])
        views = {each.head.person_ref: _shown(summary(each, seen.sight), seen) for each in found}
        decision = seen.pair.decision
        return Case(
            seen.pair,
            (views[seen.pair.one], views[seen.pair.other]),
            "" if decision is None else await room.notes.of(session, decision.id),
            seen.whole and isinstance(_decision(seen, DECIDE), Allowed),
            isinstance(_decision(seen, UNDO), Allowed),
            await against(session, seen.pair, seen.sides),
        )


async def decide_as(
    room: Room, pair_id: UUID, verdict: Verdict, reason: str, note: str, version: int
) -> Outcome:
    """Decide about a pair as the caller. Problems as of `read_case` and `deciding.decide`; 422 for a reason or note."""
    check_words(reason, note, REVIEW_REASON)
    await _write_look_down(room, pair_id)
    async with room.work() as session:
        # Locked first: what is one person with either side must not change until the decision is stored.
        await lock_links(session)
        seen = await see(room, session, pair_id, lock=True)
        # They know of the pair in order to undo it, and have nothing to decide it from: they do not read who the sides
        # are.
        if not seen.whole:
            raise Problem.not_found("review_unknown")
        _check_may(seen, DECIDE)
        # Withdrawn since it was shown: the pair is no longer what the caller decides about.
        if any(each.voided for each in seen.records.values()):
            raise changed(seen.pair)
        given = Deciding(reason, note, version, room.caller.subject, room.caller.unit)
        shown = review_weights(room.intake.today).shown
        vault = room.intake.vault
        return await decide(
            session, room.platform, vault, room.notes, seen.pair, seen.sides, shown, verdict, given
        )


async def undo_as(room: Room, pair_id: UUID, reason: str, note: str, version: int) -> Outcome:
    """Undo the decision about a pair as the caller. Problems as of `read_case` and `deciding.undo`; 422 for a reason or note."""
    check_words(reason, note, REVIEW_UNDOING)
    await _write_look_down(room, pair_id)
    async with room.work() as session:
        await lock_links(session)
        seen = await see(room, session, pair_id, lock=True)
        _check_may(seen, UNDO)
        given = Deciding(reason, note, version, room.caller.subject, room.caller.unit)
        return await undo(session, room.platform, room.intake.vault, room.notes, seen.pair, given)


def check_words(reason: str, note: str, reasons: Mapping[str, str]) -> None:
    """Refuse (422) a reason that is not on the list, "other" without a note, and a note with somebody's number in it."""
    faults = []
    if reason not in reasons:
        faults.append(Fault.of("reason", None, "review_reason", codes=", ".join(reasons)))
    if reason == "other" and not note:
        faults.append(Fault.of("note", None, "review_note_needed"))
    if has_identity_number(note):
        faults.append(Fault.of("note", "…", "mark_identity_number"))
    if faults:
        raise Problem.invalid(faults)


async def _look(room: Room, session: AsyncSession, pair_id: UUID) -> Seen:
    """Return the pair, the people looked at counted and written down."""
    seen = await see(room, session, pair_id)
    await note_reading(room.request, session, room.caller, FORM, seen.sight.looked, "review")
    return seen


async def _write_look_down(room: Room, pair_id: UUID) -> None:
    """Write down that the answer depends on both people, in a transaction of its own: a refusal tells something of them, too."""
    async with room.work() as session:
        await _look(room, session, pair_id)


def _shown(view: View, seen: Seen) -> View:
    """Return a side as it is shown: of a pair that the caller may only undo, nothing but that there is a record."""
    return view if seen.whole else replace(view, number="", minor=None, person=None, values={})


def _decision(seen: Seen, action: str) -> Allowed | Refused:
    """Return whether the caller may: by where either record says that the person lives, and how many records it is about."""
    if action == UNDO and seen.answers:
        return Allowed(())
    units = {record.unit for record in seen.records.values()}
    size = len(seen.sides.ours | seen.sides.theirs)
    found: Allowed | Refused | None = None
    for record in seen.records.values():
        target = Target(FORM, area=record.commune, size=size, between=len(units) > 1)
        found = may(seen.rights.actor, action, target, seen.rights.day)
        if isinstance(found, Allowed):
            return found
    assert found is not None, "a pair has two records"
    return found


def _check_may(seen: Seen, action: str) -> None:
    decision = _decision(seen, action)
    if isinstance(decision, Refused):
        raise Problem.refused(decision)


def _place(pair: Pair) -> tuple[int, UUID]:
    return pair.score or 0, pair.id
