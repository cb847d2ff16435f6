"""Propose an amendment, look at what it moves, and decide it as the second person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.envelope import VIETNAM
from reference import DayChange
from services.chassis.persistence import AsyncSession, Origin, raw
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import correlation_id, current_traceparent, get_logger
from services.chassis.security import Principal
from services.marks import has_identity_number
from services.reporting.amendments import repository
from services.reporting.amendments.domain import (
    AHEAD,
    EARLIEST,
    MOST_DAYS,
    Amendment,
    AmendmentError,
    Decision,
    Verdict,
    decide,
)
from services.reporting.amendments.known import changes_at
from services.reporting.amendments.moving import Moving, moving

RIGHT = "change_calendars"
LONGEST_REASON = 500
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """An amendment, and what it would move if it were confirmed now; None where it is decided."""

    amendment: Amendment
    moving: Moving | None


async def propose(platform: Platform, caller: Principal, change: DayChange, reason: str) -> Amendment:
    """Store a proposal; return it, or the caller's own one that is the same and waits already.

    Raises:
        Problem: 422 for days that cannot be changed so, or a reason that is missing, too long or holds an identity number.
    """
    today, reason = platform.clock().astimezone(VIETNAM).date(), reason.strip()
    faults = [*_faults_of_days(change, today), *_faults_of_reason(reason)]
    if faults:
        raise Problem.invalid(faults)
    async with platform.uow() as session:
        now = await _now_alone(platform, session)
        waiting = await repository.waiting(session, change, caller.subject)
        if waiting is not None:
            return waiting
        if (await _moving(session, change, now)).nothing:
            raise Problem.invalid([Fault.of("kind", change.kind, "amendment_nothing")])
        made = Amendment(platform.new_id(), change, reason, caller.subject, caller.unit, now)
        await repository.save(session, made)
    _log.warning("amendment proposed", amendment=str(made.id), by=caller.subject)
    return made


async def show(platform: Platform, amendment: UUID) -> Shown:
    """Return an amendment with what it would move now; Problem 404 where there is none."""
    async with platform.uow() as session:
        found = await _found(session, amendment)
        moves = await _moving(session, found.change, platform.clock()) if found.decision is None else None
    return Shown(found, moves)


async def listed(platform: Platform, before: UUID | None = None) -> list[Amendment]:
    """Return a page of all amendments, the newest first."""
    async with platform.uow() as session:
        return await repository.newest(session, before)


async def decide_amendment(
    platform: Platform, caller: Principal, amendment: UUID, verdict: Verdict, reason: str, seen: str
) -> Amendment:
    """Store a decision and return the amendment; a confirmed one holds from then on, and its event is sent.

    Raises:
        Problem: 404 where there is none; 403 for the person who must not decide it so; 409 where it is decided otherwise, or
            moves other last days than those that ``seen`` is the digest of; 422 for a rejection without a reason.
    """
    reason = reason.strip()
    if verdict == "reject" or reason:
        faults = [*_faults_of_reason(reason)]
        if faults:
            raise Problem.invalid(faults)
    async with platform.uow() as session:
        now = await _now_alone(platform, session)
        found = await _found(session, amendment)
        number = await repository.following_number(session)
        decision = Decision(verdict, caller.subject, caller.unit, now, reason)
        try:
            done = decide(found, decision, number)
        except AmendmentError as refused:
            raise Problem(403 if refused.forbidden else 409, refused.rule) from None
        if done is found:
            return done
        if verdict == "confirm":
            await _confirm(platform, session, found, decision, number, seen)
        await repository.save(session, done)
    _log.warning("amendment decided", amendment=str(done.id), state=done.state, by=caller.subject)
    return done


async def _now_alone(platform: Platform, session: AsyncSession) -> datetime:
    """Return the instant once nobody else proposes or decides: read before the wait, it would be earlier than theirs."""
    await repository.lock(session)
    return platform.clock()


async def _confirm(
    platform: Platform, session: AsyncSession, found: Amendment, decision: Decision, number: int, seen: str
) -> None:
    moves = await _moving(session, found.change, decision.at)
    if moves.nothing:
        raise Problem(409, "amendment_nothing")
    if seen != moves.seen:
        raise Problem(409, "amendment_moves_others")
    trace = current_traceparent()
    origin = Origin("reporting", correlation_id.get() or f"amendment-{found.id}", traceparent=trace)
    await repository.publish(session, found, decision, number, origin, platform.new_id())


async def _moving(session: AsyncSession, change: DayChange, now: datetime) -> Moving:
    return moving(change, await changes_at(await raw(session), now))


async def _found(session: AsyncSession, amendment: UUID) -> Amendment:
    found = await repository.find(session, amendment)
    if found is None:
        raise Problem.not_found("amendment_unknown")
    return found


def _faults_of_days(change: DayChange, today: date) -> list[Fault]:
    faults = []
    if not EARLIEST <= change.first <= today + AHEAD:
        faults.append(Fault.of("first", change.first.isoformat(), "amendment_far"))
    days = (change.last - change.first).days + 1
    if not 1 <= days <= MOST_DAYS:
        faults.append(Fault.of("last", change.last.isoformat(), "amendment_days", most=MOST_DAYS))
    return faults


def _faults_of_reason(reason: str) -> list[Fault]:
    if not reason:
        return [Fault.of("reason", None, "amendment_reason")]
    if len(reason) > LONGEST_REASON:
        return [Fault.of("reason", None, "too_long", limit=LONGEST_REASON)]
    if has_identity_number(reason):
        return [Fault.of("reason", None, "amendment_identity")]
    return []
