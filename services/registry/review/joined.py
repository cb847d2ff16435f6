"""Whether links make both sides of a pair one person: as whoever reads the pair may know it, and by nothing else.

A link by a record that somebody does not read (of another agency, of another unit, of somebody under 18) would tell them that
there is one: their pair would leave the queue. So the records of the register alone count, and of those only the readable ones.
What is stored with a pair is for the list, which everybody's request begins with: by the records of both sides' units, which
whoever reads the pair reads. What a reader is told follows from their own rights, each time.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from services.chassis.persistence import AsyncSession
from services.registers import Vault, minors_among
from services.registry.index import together
from services.registry.review import repository
from services.registry.review.repository import FORM

_Scope = tuple[frozenset[str], frozenset[bool]]
"""Of which units, and of people under 18, others, or both."""


async def note_joined(
    session: AsyncSession, vault: Vault, refs: Collection[UUID], day: date, now: datetime
) -> None:
    """Store of each pair of whoever could be one person with these whether it is joined. Nobody else may change links meanwhile."""
    known = await together(session, FORM, refs)
    pairs = await repository.pairs_among(session, known.refs)
    if not pairs:
        await repository.put_joined(session, known.refs, ())
        return
    people = await repository.latest(session, known.refs)
    minors = await minors_among(session, vault, day, (), people)
    groups: dict[_Scope, Mapping[UUID, frozenset[UUID]]] = {}
    joined = []
    for one, other in pairs:
        if one not in people or other not in people:
            continue
        units = frozenset({people[one].unit, people[other].unit})
        scope = units, frozenset({one in minors, other in minors})
        if scope not in groups:
            seen = [ref for ref, each in people.items() if each.unit in units and (ref in minors) in scope[1]]
            groups[scope] = known.groups(seen, now)
        if other in groups[scope][one]:
            joined.append((one, other))
    await repository.put_joined(session, known.refs, joined)
