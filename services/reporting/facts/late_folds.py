"""Facts that are folded after later ones: what somebody who asks `updatedAfter` must be told besides.

Services and partitions are read side by side, and one of them may be behind for a day. Whoever was answered when
everything up to an instant seemed to be there would never be told of a fact that was recorded before that instant
and folded after it, since knowledge is told by record time. So folding writes down that it happened: per minute of
record time one row.
"""

from datetime import datetime

from psycopg.rows import tuple_row

from services.reporting.facts.repository import Connection

# The lock first: of two batches at a time the second one sees how far the first one came. Only the live generation
# notes; one that is being built folds again what was answered from long ago.
_NOTE = """
WITH w AS (SELECT last_recorded_at AS last FROM watermark FOR UPDATE)
INSERT INTO public.late_fold AS l (minute, last, earliest)
SELECT date_trunc('minute', w.last), w.last, %(earliest)s FROM w
WHERE w.last >= %(earliest)s
  AND EXISTS (SELECT FROM public.generation g WHERE g.number = %(generation)s AND g.state = 'live')
ON CONFLICT (minute) DO UPDATE
SET last = greatest(l.last, excluded.last), earliest = least(l.earliest, excluded.earliest)
"""
_EARLIEST = (
    "SELECT min(earliest) FROM public.late_fold WHERE minute >= date_trunc('minute', %(since)s::timestamptz)"
    " AND last >= %(since)s AND earliest <= %(since)s"
)


async def note_late(connection: Connection, generation: int, earliest: datetime) -> None:
    """Before the watermark moves: write down a batch whose earliest fact is not later than what is folded already."""
    await connection.execute(_NOTE.encode(), {"earliest": earliest, "generation": generation})


async def earliest_late(connection: Connection, since: datetime) -> datetime | None:
    """Return the earliest record time up to ``since`` of what was folded when ``since`` had been folded already.

    Whoever was answered then may lack what was recorded from there on. None: nothing came late.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_EARLIEST.encode(), {"since": since})
        found = await cursor.fetchone()
    return None if found is None else found[0]
