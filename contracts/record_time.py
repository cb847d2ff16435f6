"""Record time: which version of a record counts, and since when that is known.

The envelope numbers the versions of a subject by ``sequence`` and says when each was recorded (``recordedtime``).
Events arrive in any order and may repeat; what follows from them depends on neither. Whoever reads the log goes by
these rules, so that all readers know the same at every instant:

- at an instant K the version with the highest sequence among those recorded by K counts;
- of two events with the same sequence the one with the smaller event id counts.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what still holds: a plain instant instead of "none", so that comparisons and indexes stay simple."""


class Recorded(Protocol):
    """A version with its record time."""

    @property
    def recorded_at(self) -> datetime: ...


class Numbered(Protocol):
    """A version of a subject, and the event that told it."""

    @property
    def sequence(self) -> int: ...
    @property
    def event_id(self) -> UUID: ...


AnyRecorded = TypeVar("AnyRecorded", bound=Recorded)
AnyNumbered = TypeVar("AnyNumbered", bound=Numbered)


def supersedes(one: Numbered, other: Numbered) -> bool:
    """Return whether ``one`` counts instead of ``other``, where both are about the same subject."""
    if one.sequence != other.sequence:
        return one.sequence > other.sequence
    return one.event_id < other.event_id


def newest(versions: Iterable[AnyNumbered]) -> AnyNumbered | None:
    """Return the version that counts among those known at one instant; None where there is none."""
    found: AnyNumbered | None = None
    for version in versions:
        if found is None or supersedes(version, found):
            found = version
    return found


def settle(versions: Iterable[AnyNumbered]) -> list[AnyNumbered]:
    """Return one version for each sequence, in order."""
    by_sequence: dict[int, AnyNumbered] = {}
    for version in versions:
        rival = by_sequence.get(version.sequence)
        if rival is None or supersedes(version, rival):
            by_sequence[version.sequence] = version
    return [by_sequence[sequence] for sequence in sorted(by_sequence)]


def in_force(versions: Sequence[AnyRecorded]) -> list[tuple[AnyRecorded, datetime, datetime]]:
    """Return when each version was known to be the record's state, as [since, until), in order of record time.

    ``versions``: one for each sequence, in order. A version holds from its record time until the first record time of
    any later version; one that was never the latest known is left out.

    Example: versions 1, 2, 3 recorded on day 5, 9 and 7 give 1 on [5, 7) and 3 from 7 on. Version 2 is left out: on
    day 9, when it was recorded, version 3 was known.
    """
    if len(versions) == 1:
        return [(versions[0], versions[0].recorded_at, FOREVER)]
    found = []
    until = FOREVER
    for version in reversed(versions):
        if version.recorded_at < until:
            found.append((version, version.recorded_at, until))
            until = version.recorded_at
    found.reverse()
    return found
