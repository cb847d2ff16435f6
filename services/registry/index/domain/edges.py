"""Certain links: compute from observations the edges that join references, and those that wait for a clerk.

An *edge* says that a reference has a token; a *token* stands for a linkage key (such as the keyed hash of a national ID).
Two references are one human being at an instant where a chain of edges known at that instant connects them. Which tokens
join their references is decided by `services.linkage`, for each interval of record time in which the known edges are the
same (`numbered`). Name tokens are taken in a fixed order (`Token.order`), so that a chain through two of them never joins references
with different national IDs. Edges that wait (`Edge.waits`) join nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID, uuid5

from services.linkage import REASONS, Groups, Number, Reason, Said, doubted, join_certain, joined_by, may_wait
from services.registry.index.domain.knowledge import (
    NATIONAL,
    Carrying,
    Interval,
    Observation,
    Token,
    carryings,
    joined,
)
from services.registry.index.domain.limits import NO_LIMIT, Limits
from services.registry.index.domain.numbered import Carrier, places_through_time
from services.registry.index.domain.through_time import through_time

Basis = Literal["national_id", "name_birth_sex", "clerk"] | Reason
Cluster = dict[Carrying, tuple[Interval, ...]]
_Carriers = dict[UUID, tuple[Interval, ...]]
_Numbered = dict[Carrier, tuple[Interval, ...]]

_EDGES = UUID("0f5b7d9c-53c5-5c55-8a35-4b1a0a1f9c27")
_PARTS = UUID("5b8f2f6e-9d3a-5d64-8f6b-6a1f0a7c3e52")
PART_NAMES = ("female", "male", "unknown")
"""Into what the carriers of a number are parted where two contradict each other (`joined_by`)."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Says that a reference has a token during one interval of record time.

    ``person`` is the token, or the part of a number's carriers that it joins. ``ordinal`` numbers the intervals of one (ref,
    person, basis) from 0, by time: a link may end and be known again later.
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
        return edge_id(self.ref, self.person, self.ordinal, self.basis)

    def stands(self, at: datetime) -> bool:
        """Return whether the edge was known at the instant and had not ended."""
        return Interval(self.known_from, self.known_until).covers(at)

    @property
    def waits(self) -> bool:
        """Return whether the edge only says what a clerk has to decide."""
        return self.basis in REASONS


@lru_cache(maxsize=65_536)
def edge_id(ref: UUID, person: UUID, ordinal: int = 0, basis: str = "national_id") -> UUID:
    """Return the subject under which the edge is published."""
    # Computed from its parts, so that a rebuilt index publishes the same subjects and no link is counted twice.
    name = f"{ref}:{person}" if ordinal == 0 else f"{ref}:{person}:{ordinal}"
    return uuid5(_EDGES, f"{basis}:{name}" if basis in REASONS else name)


@lru_cache(maxsize=65_536)
def part_id(number: UUID, name: str) -> UUID:
    """Return what stands for a part of a number's carriers; the number itself where it joins all of them (no ``name``)."""
    return uuid5(_PARTS, f"{number}:{name}") if name else number


def certain_edges(observations: Iterable[Observation], limits: Limits = NO_LIMIT) -> frozenset[Edge]:
    """Return all edges that join or wait at some instant; the order of the input is irrelevant."""
    edges: set[Edge] = set()
    for cluster in _clusters(carryings(observations)):
        edges.update(_edges_of(cluster, limits))
    return frozenset(edges)


def _clusters(known: Cluster) -> list[Cluster]:
    """Return groups of carryings that are connected at any time; a reference alone only where its number waits even so."""
    groups: Groups[UUID] = Groups()
    for ref, token, _ in known:
        groups.join(ref, token.id)
    parted: dict[UUID, Cluster] = defaultdict(dict)
    for carrying, intervals in known.items():
        parted[groups.find(carrying[0])][carrying] = intervals
    # A single reference makes no link, so nothing else about it is published.
    return [
        each
        for each in parted.values()
        if len({ref for ref, _, _ in each}) > 1 or any(doubted(said) for _, _, said in each)
    ]


def _edges_of(cluster: Cluster, limits: Limits) -> list[Edge]:
    numbers: dict[Token, _Numbered] = defaultdict(dict)
    names: dict[Token, _Carriers] = defaultdict(dict)
    for (ref, token, said), intervals in cluster.items():
        if token.kind in NATIONAL:
            numbers[token][ref, said] = intervals
        else:
            names[token][ref] = intervals
    # Going through all instants takes long, and is needed only where national IDs can contradict a name (ADR 0003).
    if len({token.kind for token in numbers}) < len(numbers):
        names = _agreeing(cluster, limits)
    found: dict[tuple[UUID, Basis], _Carriers] = {
        (token.id, "name_birth_sex"): carriers for token, carriers in names.items()
    }
    for token, carriers in numbers.items():
        found |= _by_number(token, carriers, limits)
    return [
        Edge(ref, person, basis, ordinal, interval.known_from, interval.known_until)
        for (person, basis), carried in found.items()
        if basis in REASONS or _ever_joins(carried)
        for ref, intervals in carried.items()
        for ordinal, interval in enumerate(intervals)
    ]


def _by_number(number: Token, carriers: _Numbered, limits: Limits) -> dict[tuple[UUID, Basis], _Carriers]:
    """Return whom the number joins and who waits, by the token or part and the basis."""
    if not may_wait((said for _, said in carriers), limits.lowest):
        merged: dict[UUID, list[Interval]] = defaultdict(list)
        for (ref, _), intervals in carriers.items():
            merged[ref].extend(intervals)
        return {(number.id, "national_id"): {ref: joined(intervals) for ref, intervals in merged.items()}}

    by_person: dict[tuple[UUID, Basis], _Carriers] = defaultdict(dict)
    for (ref, (part, basis)), intervals in places_through_time(carriers, limits).items():
        by_person[part_id(number.id, part), basis][ref] = intervals
    return by_person


def _by_ref(active: Iterable[Carrier]) -> dict[UUID, set[Said | None]]:
    found: dict[UUID, set[Said | None]] = defaultdict(set)
    for ref, said in active:
        found[ref].add(said)
    return found


def _ever_joins(carriers: Mapping[UUID, tuple[Interval, ...]]) -> bool:
    """Return whether at least two references have the token at the same instant."""
    if len(carriers) < 2:
        return False
    stretches = sorted(
        (interval for intervals in carriers.values() for interval in intervals),
        key=lambda interval: interval.known_from,
    )
    # Intervals of one reference never meet (`joined`), so an overlap is always of two.
    last = stretches[0].known_until
    for interval in stretches[1:]:
        if last is None or interval.known_from < last:
            return True
        last = interval.known_until
    return False


def _agreeing(cluster: Cluster, limits: Limits) -> dict[Token, _Carriers]:
    """Return the intervals in which name tokens join references, by going through all instants at which a token changes."""

    def links(active: set[Carrying], moment: datetime) -> set[tuple[UUID, Token]]:
        return _names_joining(active, limits.at(moment))

    found: dict[Token, _Carriers] = defaultdict(dict)
    for (ref, token), intervals in through_time(cluster, links, limits.begin).items():
        found[token][ref] = intervals
    return found


def _names_joining(active: Iterable[Carrying], most: int | None) -> set[tuple[UUID, Token]]:
    """Return the memberships of name tokens that join references while exactly ``active`` is known."""
    numbers: dict[Token, set[Carrier]] = defaultdict(set)
    names: dict[Token, list[UUID]] = defaultdict(list)
    for ref, token, said in active:
        if token.kind in NATIONAL:
            numbers[token].add((ref, said))
        else:
            names[token].append(ref)
    carried = []
    for token, carriers in numbers.items():
        said_by = _by_ref(carriers)
        parts = joined_by(said_by, most).parts.values()
        carried.append(Number(token.kind, token.id, tuple(said_by), parts))
    # Ranks and ids are the same wherever they are read, so every reader of the same facts gets the same groups.
    ordered = sorted(names, key=lambda token: token.order)
    joined_names = join_certain(Groups[UUID](), carried, ((token, names[token]) for token in ordered))
    return {(ref, token) for token in joined_names for ref in names[token]}
