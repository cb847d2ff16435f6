"""The rule of certain links, told once more and differently: who is whom at one moment, computed from nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.linkage import Said
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind

People = frozenset[frozenset[UUID]]


def people_by_rule(observations: Iterable[Observation], moment: datetime, most: int | None = None) -> People:
    """Fold the records as of the moment, then merge sets of references until nothing more may merge."""
    known = list(in_force(observations, moment))
    carried: dict[UUID, set[Token]] = {}
    for each in known:
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
        for refs in _joined_by(number, known, most):
            people = _merge(people, refs)
    names = {t for tokens in carried.values() for t in tokens if t.kind is TokenKind.NAME_BIRTH_SEX}
    for name in sorted(names, key=lambda t: t.id):
        bearers = {ref for ref, tokens in carried.items() if name in tokens}
        involved = [person for person in people if person & bearers]
        together: frozenset[UUID] = frozenset().union(*involved)
        # Nobody may come by the name to a second number of one length who had one before.
        if all(
            any(numbers(person, kind) == numbers(together, kind) for person in involved)
            for kind in (TokenKind.NID12, TokenKind.NID9)
            if numbers(together, kind)
        ):
            people = _merge(people, bearers)
    return frozenset(person for person in people if len(person) > 1)


def waiting_by_rule(
    observations: Iterable[Observation], moment: datetime, most: int
) -> set[tuple[UUID, UUID, str]]:
    """Who waits for a clerk at the moment, by which number and why, with the rows of each agency read alone."""
    known = [each for each in in_force(observations, moment) if each.ref is not None]
    found: set[tuple[UUID, UUID, str]] = set()
    for number in {t for each in known for t in each.tokens if t.kind is not TokenKind.NAME_BIRTH_SEX}:
        rows = [each for each in known if number in each.tokens]
        sound = [each for each in rows if each.said is None or not each.said.doubted]
        found |= {(ref, number.id, "structure") for ref in _refs(rows) - _refs(sound)}
        for agency in ("police", "health"):
            own = [each for each in sound if each.said is not None and each.said.agency == agency]
            told = [each.said for each in own if each.said is not None]
            if len(_refs(own)) < 2:
                continue
            if len({(said.name, said.year, said.sex) for said in told}) > most:
                found |= {(ref, number.id, "too_many") for ref in _refs(own)}
            elif any(at_odds(one, other) for one in told for other in told):
                found |= {(ref, number.id, "contradiction") for ref in _refs(own)}
    return found


def in_force(observations: Iterable[Observation], moment: datetime) -> Iterable[Observation]:
    """The version of each record that counts at the moment."""
    found: dict[UUID, Observation] = {}
    for each in observations:
        if each.recorded_at <= moment:
            current = found.get(each.record_id)
            if current is None or each.sequence > current.sequence:
                found[each.record_id] = each
    return found.values()


def _joined_by(number: Token, known: Iterable[Observation], most: int | None) -> list[set[UUID]]:
    """Whom the number joins: all of its carriers, or those of one sex, or nobody."""
    rows = [each for each in known if each.ref is not None and number in each.tokens]
    sound = [each for each in rows if each.said is None or not each.said.doubted]
    told = [each.said for each in sound if each.said is not None]
    if most is not None and len({(said.name, said.year, said.sex) for said in told}) > most:
        return []
    if not any(at_odds(one, other) for one in told for other in told):
        return [_refs(sound)]
    sexes: dict[UUID, set[str | None]] = {}
    for each in sound:
        assert each.ref is not None
        sexes.setdefault(each.ref, set()).add(None if each.said is None else each.said.sex)
    return [{ref for ref, found in sexes.items() if found == {sex}} for sex in ("male", "female", None)]


def at_odds(one: Said, other: Said) -> bool:
    """Whether everything differs; where one of the two has no day, its year is compared."""
    births = (one.birth, other.birth) if one.birth and other.birth else (one.year, other.year)
    return one.sex != other.sex and one.name != other.name and births[0] != births[1]


def _refs(rows: Iterable[Observation]) -> set[UUID]:
    return {each.ref for each in rows if each.ref is not None}


def people_by_edges(edges: Iterable[Edge], moment: datetime) -> People:
    """What a reader of the published edges makes of them at the moment; edges that wait join nobody."""
    carriers: dict[UUID, set[UUID]] = {}
    for edge in edges:
        if edge.basis not in ("national_id", "name_birth_sex"):
            continue
        if edge.known_from <= moment and (edge.known_until is None or moment < edge.known_until):
            carriers.setdefault(edge.person, set()).add(edge.ref)
    people = [frozenset({ref}) for ref in set().union(*carriers.values())]
    for refs in carriers.values():
        people = _merge(people, refs)
    return frozenset(person for person in people if len(person) > 1)


def _merge(people: list[frozenset[UUID]], refs: set[UUID]) -> list[frozenset[UUID]]:
    joined = [person for person in people if person & refs]
    return [*(person for person in people if not person & refs), frozenset().union(*joined)]
