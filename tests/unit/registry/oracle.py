"""The rule of certain links, told once more and differently: who is whom at one moment, computed from nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind

People = frozenset[frozenset[UUID]]


def people_by_rule(observations: Iterable[Observation], moment: datetime) -> People:
    """Fold the records as of the moment, then merge sets of references until nothing more may merge."""
    in_force: dict[UUID, Observation] = {}
    for each in observations:
        if each.recorded_at <= moment:
            current = in_force.get(each.record_id)
            if current is None or each.sequence > current.sequence:
                in_force[each.record_id] = each
    carried: dict[UUID, set[Token]] = {}
    for each in in_force.values():
        if each.ref is not None:
            carried.setdefault(each.ref, set()).update(each.tokens)

    people = [frozenset({ref}) for ref in carried]

    def numbers(person: frozenset[UUID], kind: TokenKind) -> set[Token]:
        return {token for ref in person for token in carried[ref] if token.kind is kind}

    national = sorted(
        {t for tokens in carried.values() for t in tokens if t.kind is not TokenKind.NAME_BIRTH_SEX},
        key=lambda t: t.id,
    )
    for number in national:
        people = _merge(people, {ref for ref, tokens in carried.items() if number in tokens})
    names = {t for tokens in carried.values() for t in tokens if t.kind is TokenKind.NAME_BIRTH_SEX}
    for name in sorted(names, key=lambda t: t.id):
        bearers = {ref for ref, tokens in carried.items() if name in tokens}
        involved = [person for person in people if person & bearers]
        with_12 = [person for person in involved if numbers(person, TokenKind.NID12)]
        with_9 = [person for person in involved if numbers(person, TokenKind.NID9)]
        if len(with_12) <= 1 and len(with_9) <= 1:
            people = _merge(people, bearers)
    return frozenset(person for person in people if len(person) > 1)


def people_by_edges(edges: Iterable[Edge], moment: datetime) -> People:
    """What a reader of the published edges makes of them at the moment."""
    carriers: dict[UUID, set[UUID]] = {}
    for edge in edges:
        if edge.known_from <= moment and (edge.known_until is None or moment < edge.known_until):
            carriers.setdefault(edge.person, set()).add(edge.ref)
    people = [frozenset({ref}) for ref in set().union(*carriers.values())]
    for refs in carriers.values():
        people = _merge(people, refs)
    return frozenset(person for person in people if len(person) > 1)


def _merge(people: list[frozenset[UUID]], refs: set[UUID]) -> list[frozenset[UUID]]:
    joined = [person for person in people if person & refs]
    return [*(person for person in people if not person & refs), frozenset().union(*joined)]
