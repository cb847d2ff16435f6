"""Finding pairs that may be one person: background work of the service, which follows what changed.

Candidates come from the blind index of the search (ADR 0034): the same number; the same name without diacritics and the same
year of birth; within one unit's register the same name, or a name that is like it and the same year. Only candidates are
decrypted and compared, and nothing that is read is kept: of a pair the levels of agreement stand, and a keyed digest of both.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.envelope import VIETNAM
from reference import ReviewWeights, review_weights
from services.chassis.persistence import AsyncSession, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger, pause
from services.registers import Intake, Terms, Vault, year_of
from services.registry.index import hold_links
from services.registry.review import repository
from services.registry.review.joined import note_joined
from services.registry.review.likeness import Who, compared, score
from services.registry.review.repository import Standing

_AT_ONCE = 10
"""Nobody else changes links meanwhile, so it is not for long."""
_NOTHING_DUE_SECONDS = 3.0
log = get_logger(__name__)


def proposing(platform: Platform, intake: Intake) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Return the work: it looks at what has changed until it is stopped."""

    async def propose(stop: asyncio.Event) -> None:
        while not stop.is_set():
            looked, began = 0, time.monotonic()
            try:
                looked = await propose_next(platform, intake)
            except Exception as error:
                if not is_outage(error):
                    raise
            # Hand-ins and answers come first: of a large import the queue takes half a core at most.
            await pause(stop, max(0.01, time.monotonic() - began) if looked else _NOTHING_DUE_SECONDS)

    return propose


async def propose_next(platform: Platform, intake: Intake, most: int = _AT_ONCE) -> int:
    """Look at the references that wait for it, up to ``most``, in one transaction; return how many there were, 0 while others change links.

    Raises:
        DecryptionFailedError: an identity is under a field key that is not configured any more.
    """
    async with platform.uow() as session:
        # Before anything is read or locked, as whoever decides does it: what is one person must not change while it is
        # written down, and two that lock the same rows in another order would wait for each other.
        if not await hold_links(session):
            return 0
        due = await repository.next_due(session, most)
        weights = review_weights(intake.today)
        known = await repository.standing(session, due)
        for ref in due:
            await _look_at(session, intake.vault, weights, ref, known.get(ref), platform.clock())
        if due:
            now = platform.clock()
            await note_joined(session, intake.vault, due, now.astimezone(VIETNAM).date(), now)
        return len(due)


async def _look_at(
    session: AsyncSession,
    vault: Vault,
    weights: ReviewWeights,
    ref: UUID,
    record: Standing | None,
    now: datetime,
) -> None:
    before = await repository.partners(session, ref)
    if record is None:
        await repository.put_aside(session, ref, before)
    else:
        said = vault.unseal(record.record, record.identity)
        found = await candidates(session, vault, said, record.unit)
        others = await repository.standing(session, (found | before) - {ref})
        await repository.put_aside(session, ref, before - others.keys())
        one = who_is(vault, record)
        for other in sorted(others):
            await _compare(session, vault, weights, (record, one), others[other], other in before, now)


async def _compare(
    session: AsyncSession,
    vault: Vault,
    weights: ReviewWeights,
    ours: tuple[Standing, Who],
    record: Standing,
    is_pair: bool,
    now: datetime,
) -> None:
    one, other = ours[1], who_is(vault, record)
    fields = compared(one, other, weights)
    total = score(fields)
    # Pairs below the threshold would be most of what is compared; one that stands already may have a decision.
    if is_pair or total >= weights.shown:
        known = digest(vault, {ours[0].ref: one, record.ref: other})
        await repository.put_pair(session, ours[0], record, total, fields, known, now)


async def candidates(session: AsyncSession, vault: Vault, said: Mapping[str, object], unit: str) -> set[UUID]:
    """Return the references of the register that may be about the same person, by keyed tokens alone."""
    name, number, born = (said.get(column) for column in ("full_name", "national_id", "birth_date"))
    year = year_of(born) if born else None
    anywhere: list[Sequence[int]] = []
    within: list[Sequence[int]] = []
    if number:
        anywhere += vault.blind.asked(Terms(national_id=str(number)))
    if name:
        anywhere += vault.blind.asked(Terms(str(name), birth_year=year)) if year else []
        # A name alone, or one that is only like it, has namesakes all over the province; within one unit people can
        # still tell.
        within += vault.blind.asked(Terms(str(name)))
        within += vault.blind.asked_loosely(Terms(str(name), birth_year=year)) if year else []
    return await repository.alike(session, anywhere, within, unit)


def who_is(vault: Vault, record: Standing) -> Who:
    """Return who the record is about."""
    return Who.of({**record.content, **vault.unseal(record.record, record.identity)}, record.commune)


def digest(vault: Vault, sides: Mapping[UUID, Who]) -> str:
    """Return a keyed digest of what both sides say of who they are: another one where that changes."""
    said = (sides[ref] for ref in sorted(sides))
    # Without the commune: a person who moves is the same person, and the decision stands.
    parts = (part for who in said for part in (who.name, str(who.birth), who.sex, who.national_id))
    return vault.hash("review pair", *parts)
