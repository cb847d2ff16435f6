"""Who is one person by the records of one register alone, and by what clerks decided: for whoever may know only of that register.

What is published joins by the records of all agencies. Whoever is told that two rows of their own are one person now, or that
they are not, would learn of a record that they do not see. So the same rules are asked here of the records that may be known.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.chassis.persistence import AsyncSession, raw
from services.linkage import Groups
from services.registry.index import repository
from services.registry.index.domain.edges import Edge, certain_edges
from services.registry.index.domain.knowledge import Observation
from services.registry.index.domain.limits import Limits
from services.registry.index.usecases import limits_in_force

_RECORDS = "SELECT DISTINCT record_id FROM observed_version WHERE ref = ANY(%s) AND form = %s"
_DECIDED = (
    "SELECT ref, person, basis, ordinal, known_from, known_until FROM person_edge WHERE basis = 'clerk' AND person IN"
    " (SELECT person FROM person_edge WHERE basis = 'clerk' AND ref = ANY(%s))"
)


@dataclass(frozen=True, slots=True)
class Together:
    """References of one register that could be one person over any chain, and what joins them.

    ``refs``: all of them, also those that nothing joins any more.
    """

    refs: frozenset[UUID]
    _observations: Sequence[Observation]
    _decided: Sequence[Edge]
    _limits: Limits

    def groups(self, seen: Collection[UUID], at: datetime) -> Mapping[UUID, frozenset[UUID]]:
        """Return whom each of these references is one person with at the instant, as the records of these alone say it."""
        known = set(seen)
        groups: Groups[UUID] = Groups()
        for edge in certain_edges(self._said_of(known), self._limits):
            if edge.stands(at) and not edge.waits:
                groups.join(edge.ref, edge.person)
        for each in self._decided:
            if each.ref in known and each.stands(at):
                groups.join(each.ref, each.person)
        by_group: dict[UUID, set[UUID]] = defaultdict(set)
        for ref in known:
            by_group[groups.find(ref)].add(ref)
        return {ref: frozenset(by_group[groups.find(ref)]) for ref in known}

    def _said_of(self, known: set[UUID]) -> list[Observation]:
        # A version of somebody else stays as the end of the version before it.
        return [
            each if each.ref in known else replace(each, ref=None, tokens=(), said=None)
            for each in self._observations
        ]


async def together(session: AsyncSession, form: str, refs: Collection[UUID]) -> Together:
    """Return all references of the register that could be one person with these by its own records and by decisions."""
    connection = await raw(session)
    known, asked = set(refs), set[UUID]()
    observations: list[Observation] = []
    decided: list[Edge] = []
    while known != asked:
        asked = set(known)
        records = await (await connection.execute(_RECORDS, [list(asked), form])).fetchall()
        observations = await repository.clusters(session, [row[0] for row in records], form)
        known |= {each.ref for each in observations if each.ref is not None}
        rows = await (await connection.execute(_DECIDED, [list(known)])).fetchall()
        decided = [Edge(*row) for row in rows]
        known |= {each.ref for each in decided}
    return Together(frozenset(known), observations, decided, limits_in_force())
