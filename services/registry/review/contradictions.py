"""What speaks against one person: decisions that say two, two different national IDs, births that cannot be one.

Only records that the caller reads are held against each other, and decisions about them. A refusal by a record that the caller does not see would tell
that there is one (docs/authority.md, "What is learned of another agency's person").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import VIETNAM
from reference import unit_name
from services.chassis.persistence import AsyncSession
from services.chassis.problems import Fault
from services.linkage import contradicts_record, national_id_kind
from services.registry.review import repository
from services.registry.review.likeness import Who, cannot_be_one
from services.registry.review.repository import Decision, Pair


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a pair with all who are one person with them now: as far as the caller reads it, and no further.

    ``who``: who they are, of those that have a record in force.
    """

    ours: frozenset[UUID]
    theirs: frozenset[UUID]
    who: Mapping[UUID, Who]


async def against(session: AsyncSession, pair: Pair, sides: Sides) -> list[Fault]:
    """Return what speaks against making the two sides one person; nothing where nothing does."""
    decided = await repository.apart(session, sides.ours, sides.theirs, pair.id)
    return [*_decided(decided), *said_against(_of(sides, sides.ours), _of(sides, sides.theirs))]


def said_against(ours: Sequence[Who], theirs: Sequence[Who]) -> Iterator[Fault]:
    """Yield what the records of two groups say against each other. No value is repeated."""
    for kind in ("nid12", "nid9"):
        one, other = _numbers(ours, kind), _numbers(theirs, kind)
        # Of a group that has two numbers already one may be the other's.
        if one and other and not one & other:
            yield Fault.of("national_id", None, "review_numbers_differ")
    births = ((one.birth, other.birth) for one in ours for other in theirs)
    if any(cannot_be_one(*each) for each in births):
        yield Fault.of("birth_date", None, "review_births_differ")


def _decided(decision: Decision | None) -> Iterator[Fault]:
    if decision is not None:
        day = f"{decision.at.astimezone(VIETNAM):%d/%m/%Y}"
        yield Fault.of("verdict", None, "review_apart", unit=unit_name(decision.unit), day=day)


def _of(sides: Sides, refs: Iterable[UUID]) -> list[Who]:
    return [sides.who[ref] for ref in refs if ref in sides.who]


def _numbers(group: Sequence[Who], kind: str) -> set[str]:
    return {
        who.national_id for who in group if national_id_kind(who.national_id) == kind and not _doubted(who)
    }


def _doubted(who: Who) -> bool:
    """Return whether the number contradicts its own record: then it says nothing."""
    return who.birth is not None and contradicts_record(who.national_id, who.birth, who.sex)
