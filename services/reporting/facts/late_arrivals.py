"""Late arrivals (đến sau khi chốt): which events a closing did not know, kept exactly.

Record time cannot say it: an event may be delivered late and have any record time. So a closing stores the greatest
event id folded so far, its *boundary*. An event folded later with a greater id is unknown to it by that alone. An event
folded later with a smaller id (it was on its way, its service was down, a clock was behind) is stored as a late
arrival. Closing n knew an event when its id is not greater than the boundary of n, and it is not a late arrival after
closing n or a later one. This holds for ids in any order; since ids grow with time, the list of late arrivals is short.

Example: closing 3 has the boundary …7f. Event …75 is folded after it and stored with ``after_closing`` = 3: it is late
for closings 1 to 3. Event …80 is late for them without being stored.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from psycopg import sql
from psycopg.rows import tuple_row

from services.reporting.facts import generations
from services.reporting.facts.repository import Connection

# Only arrivals in the live generation count: a generation being built folds again events that were known long ago.
_LATEST = (
    "SELECT c.number, c.boundary FROM public.closing c"
    " WHERE EXISTS (SELECT FROM public.generation g WHERE g.number = %s AND g.state = 'live')"
    " ORDER BY c.number DESC LIMIT 1"
)
_NOTE = """
INSERT INTO public.late_arrival (event_id, record_id, sequence, after_closing)
SELECT event_id, record_id, sequence, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS arrived (event_id, record_id, sequence)
ON CONFLICT DO NOTHING
"""
_READ_ANEW = """
INSERT INTO public.late_arrival (event_id, record_id, sequence, after_closing)
SELECT n.event_id, n.record_id, n.sequence, c.number
FROM (SELECT number, boundary FROM public.closing ORDER BY number DESC LIMIT 1) c, ({new}) n
WHERE n.event_id <= c.boundary AND NOT EXISTS (
    SELECT FROM ({old}) o
    WHERE o.event_id = n.event_id AND o.about = n.about AND o.sequence = n.sequence)
ON CONFLICT DO NOTHING
"""
_RENAME = """
UPDATE public.late_arrival late SET record_id = n.record_id
FROM ({old}) o JOIN ({new}) n USING (event_id, about, sequence)
WHERE late.event_id = o.event_id AND late.record_id = o.record_id AND late.sequence = o.sequence
    AND n.record_id <> o.record_id
"""


class Arrival(Protocol):
    """An event that was folded for the first time."""

    @property
    def event_id(self) -> UUID: ...
    @property
    def record_id(self) -> str: ...
    @property
    def sequence(self) -> int: ...


async def note_arrivals(connection: Connection, generation: int, events: Sequence[Arrival]) -> None:
    """Store which of these events, folded now for the first time, have an id that the latest closing's boundary covers.

    Without this note the closing would seem to have known them.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LATEST.encode(), [generation])
        latest = await cursor.fetchone()
        # Nothing is late before the first closing, nor in a generation that is only being built.
        if latest is None or latest[1] is None:
            return
        number, boundary = latest
        late = [event for event in events if event.event_id <= boundary]
        if late:
            columns = [[e.event_id for e in late], [e.record_id for e in late], [e.sequence for e in late]]
            await cursor.execute(_NOTE.encode(), [number, *columns])


async def note_read_anew(connection: Connection, before: int, number: int) -> None:
    """Note as late the events that only generation ``number`` could read, before it replaces generation ``before``.

    Example: a message was a dead letter when a period was closed, and a newer program can read it. Its event is late.
    """
    # Without a closing nothing can be late, and comparing all events of both generations takes long.
    closed = await (await connection.execute("SELECT EXISTS (SELECT FROM public.closing)")).fetchone()
    if closed is None or not closed[0]:
        return
    events = {"old": generations.every_event(before), "new": generations.every_event(number)}
    await connection.execute(sql.SQL(_READ_ANEW).format(**events))


async def note_renamed(connection: Connection, before: int, number: int) -> None:
    """Give late links the subjects that they have in generation ``number``, before it replaces generation ``before``.

    A rotation of the linkage secret has renamed them. What is noted stays: which event came after which closing.
    """
    found = await (await connection.execute("SELECT EXISTS (SELECT FROM public.late_arrival)")).fetchone()
    if found is None or not found[0]:
        return
    events = {"old": generations.every_event(before), "new": generations.every_event(number)}
    # The guard refuses every change of these rows; the former subjects must go, since they are made from former tokens.
    await connection.execute("ALTER TABLE public.late_arrival DISABLE TRIGGER late_arrival_only_grows")
    await connection.execute(sql.SQL(_RENAME).format(**events))
    await connection.execute("ALTER TABLE public.late_arrival ENABLE TRIGGER late_arrival_only_grows")
