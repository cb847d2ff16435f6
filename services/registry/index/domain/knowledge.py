"""Observations of references: record versions, and the interval of record time in which each one counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from uuid import UUID, uuid5

from contracts.record_time import FOREVER, AnyRecorded, in_force
from services.linkage import Said

_TOKENS = UUID("6c1c8f3e-2a57-5d0b-9a53-7a0d5d1f6b10")


class TokenKind(IntEnum):
    """The kind of linkage key that a token stands for. Only these three kinds make certain links."""

    NID12 = 1
    NID9 = 2
    NAME_BIRTH_SEX = 3


NATIONAL = (TokenKind.NID12, TokenKind.NID9)


@dataclass(frozen=True, slots=True)
class Token:
    """A linkage key in the index: ``id`` is a hash of the key, which itself is not stored.

    ``rank`` is the place of a name token among those that existed when the linkage secret was last rotated, None of one
    that came later (`services.registry.index.domain.renaming`).
    """

    kind: TokenKind
    id: UUID
    rank: int | None = field(default=None, compare=False)

    @property
    def order(self) -> tuple[int, int]:
        """Return the place in which names compete: first those with a rank, then the others by id."""
        return (1, self.id.int) if self.rank is None else (0, self.rank)


@dataclass(frozen=True, slots=True)
class Observation:
    """One version of a record, as its event contained it.

    ``ref`` is None and ``tokens`` empty where the version withdraws the record. ``said`` is what it says of the person beside
    its national ID, None where it has none or was told by a former release.
    """

    record_id: UUID
    sequence: int
    ref: UUID | None
    tokens: tuple[Token, ...]
    recorded_at: datetime
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of record time [known_from, known_until); ``known_until`` None: still known."""

    known_from: datetime
    known_until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Return whether the instant is in the interval."""
        return self.known_from <= moment and (self.known_until is None or moment < self.known_until)


Membership = tuple[UUID, Token]
"""A reference, and a token that it has."""
Carrying = tuple[UUID, Token, Said | None]
"""A membership, and what a record that makes it says beside a national ID; None for a name."""


def token(kind: TokenKind, key: str) -> Token:
    """Return the token of a linkage key: UUIDv5 in a namespace of its own, the same wherever it is computed."""
    return Token(kind, uuid5(_TOKENS, f"{kind.name.lower()}:{key}"))


def mark(kind: str, key: str) -> UUID:
    """Return what stands in the index for a key that only compares records of one number."""
    return uuid5(_TOKENS, f"{kind}:{key}")


def memberships(observations: Iterable[Observation]) -> dict[Membership, tuple[Interval, ...]]:
    """Return which reference has which token, with the intervals of record time in which that is known."""
    found: dict[Membership, list[Interval]] = defaultdict(list)
    for (ref, each, _), intervals in carryings(observations).items():
        found[ref, each].extend(intervals)
    return {membership: joined(intervals) for membership, intervals in found.items()}


def carryings(observations: Iterable[Observation]) -> dict[Carrying, tuple[Interval, ...]]:
    """Return which reference has which token by which words beside it, with the intervals of record time in which that is known.

    `contracts.record_time` says when which version counts. The result depends only on the set of observations: their order
    and repetitions change nothing.
    """
    found: dict[Carrying, list[Interval]] = defaultdict(list)
    for observation, interval in _versions(observations):
        if observation.ref is not None:
            for each in observation.tokens:
                said = observation.said if each.kind in NATIONAL else None
                found[observation.ref, each, said].append(interval)
    return {carrying: joined(intervals) for carrying, intervals in found.items()}


def _versions(observations: Iterable[Observation]) -> Iterator[tuple[Observation, Interval]]:
    records: dict[UUID, dict[int, Observation]] = defaultdict(dict)
    for observation in observations:
        # By sequence: an event that comes twice, or late, makes no difference.
        records[observation.record_id][observation.sequence] = observation
    for versions in records.values():
        yield from known_when([versions[sequence] for sequence in sorted(versions)])


def known_when(versions: Sequence[AnyRecorded]) -> Iterator[tuple[AnyRecorded, Interval]]:
    """Yield the versions of one record with the interval in which each was its state (`contracts.record_time.in_force`)."""
    for version, since, until in in_force(versions):
        yield version, Interval(since, None if until is FOREVER else until)


def joined(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return the intervals in order, those that touch or overlap as one."""
    if len(intervals) == 1:
        return (intervals[0],)
    found: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: each.known_from):
        last = found[-1] if found else None
        if last is None or (last.known_until is not None and last.known_until < interval.known_from):
            found.append(interval)
        elif last.known_until is not None:
            ends = interval.known_until
            found[-1] = Interval(last.known_from, None if ends is None else max(last.known_until, ends))
    return tuple(found)
