"""Late folds: facts that were folded after facts of a later record time. A query with `updatedAfter` needs them too.

Services and partitions are read in parallel, and one of them may be behind for a day. Example: a query at 10:00 answers
with everything recorded until then; a fact recorded at 09:50 is folded at 10:05. The next query asks for updates after
10:00 by record time and would never get that fact. So folding stores that it happened, one row per minute of record time.
"""

from datetime import datetime

from psycopg.rows import tuple_row

from services.reporting.facts.repository import Connection

# The watermark is locked first, so that of two batches at the same time the second one sees the first one's watermark.
# Only the live generation counts: a generation being built folds again facts that answers contained long ago.
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
    """Store that a batch came late: its earliest fact is not later than the watermark. Call it before moving the watermark."""
    await connection.execute(_NOTE.encode(), {"earliest": earliest, "generation": generation})


async def earliest_late(connection: Connection, since: datetime) -> datetime | None:
    """Return the earliest record time, not after ``since``, among the facts folded late; None where there are none.

    Late means here: folded when a fact with a record time of ``since`` or later was folded already. An answer given at
    ``since`` may lack facts recorded from the returned time on.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_EARLIEST.encode(), {"since": since})
        found = await cursor.fetchone()
    return None if found is None else found[0]
