"""The rows of a record through record time."""

from collections.abc import Sequence
from datetime import datetime

from services.reporting.facts.projections.model import Known, ProjectedRow

Piece = tuple[datetime, datetime, Sequence[ProjectedRow]]
"""Rows that hold during one stretch of record time."""


def spread(record_id: str, pieces: Sequence[Piece]) -> list[Known]:
    """Return the rows of successive stretches, those that go on unchanged merged into one."""
    if len(pieces) == 1:
        start, end, rows = pieces[0]
        return [Known(row, record_id, start, end) for row in rows]
    done: list[Known] = []
    holding: dict[ProjectedRow, datetime] = {}
    reached: datetime | None = None
    for start, end, rows in pieces:
        # After a gap in record time the rows were not known meanwhile, so nothing goes on across it.
        current = set(rows) if start == reached else set()
        ended = [row for row in holding if row not in current]
        done.extend(Known(row, record_id, holding.pop(row), reached or start) for row in ended)
        for row in rows:
            holding.setdefault(row, start)
        reached = end
    done.extend(Known(row, record_id, since, reached or since) for row, since in holding.items())
    return done
