"""Compute from when until when (record time) each row of a record was known."""

from collections.abc import Sequence
from datetime import datetime

from services.reporting.facts.projections.model import Known, ProjectedRow

Piece = tuple[datetime, datetime, Sequence[ProjectedRow]]
"""An interval of record time [start, end), and the rows that hold during it."""


def spread(record_id: str, pieces: Sequence[Piece]) -> list[Known]:
    """Return the rows of successive intervals of record time; a row that goes on unchanged becomes one row.

    Example: row A in [3 May, 8 June) and rows A, B in [8 June, 1 July) give A [3 May, 1 July) and B [8 June, 1 July).
    """
    if len(pieces) == 1:
        start, end, rows = pieces[0]
        return [Known(row, record_id, start, end) for row in rows]
    done: list[Known] = []
    holding: dict[ProjectedRow, datetime] = {}
    reached: datetime | None = None
    for start, end, rows in pieces:
        # During a gap in record time the rows were not known, so the same row after it is a new interval.
        current = set(rows) if start == reached else set()
        ended = [row for row in holding if row not in current]
        done.extend(Known(row, record_id, holding.pop(row), reached or start) for row in ended)
        for row in rows:
            holding.setdefault(row, start)
        reached = end
    done.extend(Known(row, record_id, since, reached or since) for row, since in holding.items())
    return done
