"""Certain links: compute from observations the edges that join references.

An *edge* says that a reference has a token; a *token* stands for a linkage key (such as the keyed hash of a national ID).
Two references are one human being at an instant where a chain of edges known at that instant connects them. Which tokens
join their references is decided by `services.linkage.join_certain`, for each interval of record time in which the known
edges are the same. Name tokens are taken in the order of their ids, so that a chain through two of them never joins
references with different national IDs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID, uuid5

from services.linkage import Groups, join_certain
from services.registry.index.domain.knowledge import (
    NATIONAL,
    Interval,
    Membership,
    Observation,
    Token,
    TokenKind,
    memberships,
)

Basis = Literal["national_id", "name_birth_sex"]
Stretches = Mapping[Membership, tuple[Interval, ...]]

_EDGES = UUID("0f5b7d9c-53c5-5c55-8a35-4b1a0a1f9c27")


@dataclass(frozen=True, slots=True)
class Edge:
    """Says that a reference has a token during one interval of record time.

    ``ordinal`` numbers the intervals of one pair (ref, person) from 0, by time: a link may end and be known again later.
    """

    ref: UUID
    person: UUID
    basis: Basis
    ordinal: int
    known_from: datetime
    known_until: datetime | None

    @property
    def id(self) -> UUID:
        """Return the edge's identity: UUIDv5 of (ref, person), for later stretches with their ordinal."""
        return edge_id(self.ref, self.person, self.ordinal)


@lru_cache(maxsize=65_536)
def edge_id(ref: UUID, person: UUID, ordinal: int = 0) -> UUID:
    """Return the subject under which the edge is published."""
    # Computed from its parts, so that a rebuilt index publishes the same subjects and no link is counted twice.
    return uuid5(_EDGES, f"{ref}:{person}" if ordinal == 0 else f"{ref}:{person}:{ordinal}")


def certain_edges(observations: Iterable[Observation]) -> frozenset[Edge]:
    """Return all edges of tokens that join at least two references at some instant; the order of the input is irrelevant."""
    known = memberships(observations)
    edges: set[Edge] = set()
    for cluster in _clusters(known):
        edges.update(_edges_of(cluster))
    return frozenset(edges)


def _clusters(known: Stretches) -> list[dict[Membership, tuple[Interval, ...]]]:
    """Return groups of memberships that are connected at any time; a reference without others is left out."""
    groups: Groups[UUID] = Groups()
    for ref, token in known:
        groups.join(ref, token.id)
    parted: dict[UUID, dict[Membership, tuple[Interval, ...]]] = defaultdict(dict)
    for membership, intervals in known.items():
        parted[groups.find(membership[0])][membership] = intervals
    # A single reference makes no link, so nothing about it is published.
    return [each for each in parted.values() if len({ref for ref, _ in each}) > 1]


def _edges_of(cluster: Stretches) -> list[Edge]:
    by_token: dict[Token, dict[UUID, tuple[Interval, ...]]] = defaultdict(dict)
    # Going through all instants takes long, and is needed only where national IDs can contradict a name (ADR 0003).
    names = cluster if _cannot_contradict(cluster) else _agreeing(cluster)
    for source, kinds in ((cluster, NATIONAL), (names, (TokenKind.NAME_BIRTH_SEX,))):
        for (ref, token), intervals in source.items():
            if token.kind in kinds:
                by_token[token][ref] = intervals
    return [
        Edge(ref, token.id, _basis(token), ordinal, interval.known_from, interval.known_until)
        for token, carriers in by_token.items()
        if _ever_joins(carriers)
        for ref, intervals in carriers.items()
        for ordinal, interval in enumerate(intervals)
    ]


def _basis(token: Token) -> Basis:
    return "national_id" if token.kind in NATIONAL else "name_birth_sex"


def _cannot_contradict(cluster: Stretches) -> bool:
    """Return whether the group never has two different national IDs of one length; then no name token is ambiguous."""
    numbers = {token for _, token in cluster if token.kind in NATIONAL}
    return len({token.kind for token in numbers}) == len(numbers)


def _ever_joins(carriers: Mapping[UUID, tuple[Interval, ...]]) -> bool:
    """Return whether at least two references have the token at the same instant."""
    if len(carriers) < 2:
        return False
    stretches = sorted(
        (interval for intervals in carriers.values() for interval in intervals),
        key=lambda interval: interval.known_from,
    )
    last = stretches[0].known_until
    for interval in stretches[1:]:
        if last is None or interval.known_from < last:
            return True
        last = interval.known_until
    return False


def _agreeing(cluster: Stretches) -> dict[Membership, tuple[Interval, ...]]:
    """Return the intervals in which name tokens join references, by going through all instants at which a token changes."""
    changes: dict[datetime, list[tuple[bool, Membership]]] = defaultdict(list)
    for membership, intervals in cluster.items():
        for interval in intervals:
            changes[interval.known_from].append((True, membership))
            if interval.known_until is not None:
                changes[interval.known_until].append((False, membership))
    active: set[Membership] = set()
    opened: dict[Membership, datetime] = {}
    joined: dict[Membership, list[Interval]] = defaultdict(list)
    for moment in sorted(changes):
        for begins, membership in changes[moment]:
            (active.add if begins else active.discard)(membership)
        links = _joining_now(active)
        for ended in [each for each in opened if each not in links]:
            joined[ended].append(Interval(opened.pop(ended), moment))
        for begun in links:
            opened.setdefault(begun, moment)
    for membership, since in opened.items():
        joined[membership].append(Interval(since, None))
    return {membership: tuple(intervals) for membership, intervals in joined.items()}


def _joining_now(active: set[Membership]) -> set[Membership]:
    """Return the memberships of name tokens that join references while exactly ``active`` is known."""
    carriers: dict[Token, list[UUID]] = defaultdict(list)
    for ref, token in active:
        carriers[token].append(ref)
    numbers = [(token.kind, refs) for token, refs in carriers.items() if token.kind in NATIONAL]
    # Token ids are the same wherever they are computed, so every reader of the same facts gets the same groups.
    names = sorted((token for token in carriers if token.kind not in NATIONAL), key=lambda token: token.id)
    joined = join_certain(Groups[UUID](), numbers, ((token, carriers[token]) for token in names))
    return {(ref, token) for token in joined for ref in carriers[token]}
