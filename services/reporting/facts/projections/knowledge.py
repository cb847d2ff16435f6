"""Record time: which version of a record was in force when, whatever order its versions arrived in."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.reporting.facts.projections.model import FOREVER, Known, Row, Version

Piece = tuple[datetime, datetime, Sequence[Row]]
"""Rows that hold during one stretch of record time."""


def settle(versions: Iterable[Version]) -> list[Version]:
    """One version per sequence, in order. Of two events with the same sequence the smaller event id wins."""
    by_sequence: dict[int, Version] = {}
    for version in versions:
        rival = by_sequence.get(version.sequence)
        if rival is None or version.event_id < rival.event_id:
            by_sequence[version.sequence] = version
    return [by_sequence[sequence] for sequence in sorted(by_sequence)]


def in_force(versions: Sequence[Version]) -> list[tuple[Version, datetime, datetime]]:
    """When each version was known to be the record's state, in order of record time.

    A version holds from its record time until the first record time of any later version; one that was never
    the latest known is left out. ``versions`` are settled.
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


def spread(record_id: str, pieces: Sequence[Piece]) -> list[Known]:
    """The rows of successive stretches, those that go on unchanged merged into one."""
    if len(pieces) == 1:
        start, end, rows = pieces[0]
        return [Known(row, record_id, start, end) for row in rows]
    done: list[Known] = []
    holding: dict[Row, datetime] = {}
    reached: datetime | None = None
    for start, end, rows in pieces:
        current = set(rows) if start == reached else set()
        ended = [row for row in holding if row not in current]
        done.extend(Known(row, record_id, holding.pop(row), reached or start) for row in ended)
        for row in rows:
            holding.setdefault(row, start)
        reached = end
    done.extend(Known(row, record_id, since, reached or since) for row, since in holding.items())
    return done
