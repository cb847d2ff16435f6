"""Read and add closings, and the lists of revisions that were noted for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row, tuple_row
from psycopg.types.json import Jsonb

from services.chassis.persistence import columns_of
from services.reporting.closing.statements import GREATEST_EVENT, Boundary
from services.reporting.closing.tables import ClosingTable, RevisionTable
from services.reporting.facts import Connection, fetch

_STORED = columns_of(ClosingTable)
_COLUMNS = ", ".join(columns_of(ClosingTable, "document"))
_INSERT = f"INSERT INTO public.closing ({', '.join(_STORED)}) VALUES ({', '.join(f'%({name})s' for name in _STORED)})"
_NOTED = columns_of(RevisionTable)
_INSERT_NOTED = f"INSERT INTO public.closing_revision ({', '.join(_NOTED)}) VALUES ({', '.join(f'%({name})s' for name in _NOTED)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One edition of a closed period, without its document. See ``tables.ClosingTable``."""

    number: int
    id: UUID
    series: UUID
    edition: int
    supersedes: UUID | None
    calendar: str
    period: str
    first: date
    last: date
    area: str
    figures: str
    known_at: datetime
    closed_at: datetime
    official: Any
    cells: int
    content_hash: str
    previous_hash: str
    entry_hash: str
    signature: str
    key_id: str
    boundary: UUID | None

    @property
    def knowledge_boundary(self) -> Boundary:
        """Return which events the closing knew."""
        return Boundary(self.number, self.boundary)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the office's hash chain: the number of closings, and the hash that the next one must contain."""

    number: int
    entry_hash: str
    boundary: UUID | None


async def hold_chain(connection: Connection) -> None:
    """Allow only this transaction to close periods or note revisions, until it ends; folding goes on meanwhile.

    It must be the first statement of its transaction, because the transaction's snapshot is taken after it.
    """
    await connection.execute("LOCK TABLE public.closing IN EXCLUSIVE MODE")


async def hold_still(connection: Connection) -> None:
    """Allow only this transaction to close periods, and stop folding too: so it sees exactly what has been folded."""
    # A batch locks its generation's row FOR SHARE, for which this mode leaves no room in the table; plain reads go on.
    await connection.execute("LOCK TABLE public.closing, public.generation IN EXCLUSIVE MODE")


async def add(connection: Connection, closing: Closing, document: bytes) -> None:
    """Store a closing. There is no way to change it afterwards."""
    values = {name: getattr(closing, name) for name in Closing.__slots__}
    await connection.execute(_INSERT, values | {"official": Jsonb(closing.official), "document": document})


async def head(connection: Connection) -> Head | None:
    """Return the end of the chain; None before the first closing."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT number, entry_hash, boundary FROM public.closing ORDER BY number DESC LIMIT 1"
        )
        found = await cursor.fetchone()
    return None if found is None else Head(*found)


async def greatest_event(connection: Connection) -> UUID | None:
    """Return the greatest id of all events folded into the generation in use; None where there is none."""
    found = await fetch(connection, GREATEST_EVENT)
    return found[0][0] if found else None


async def waiting_dead_letters(connection: Connection, generation: int) -> int:
    """Return the number of messages that could not be applied and that nobody has settled: the figures lack them."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT count(*) FROM public.dead_letter WHERE consumer = 'reporting-g' || %s AND status = 'waiting'",
            [generation],
        )
        found = await cursor.fetchone()
    return 0 if found is None else int(found[0])


async def find(connection: Connection, closing_id: UUID) -> Closing | None:
    """Return a closing by its id."""
    found = await _closings(connection, "WHERE id = %s", [closing_id])
    return found[0] if found else None


async def latest_of(
    connection: Connection, calendar: str, period: str, area: str, figures: str
) -> Closing | None:
    """Return the newest edition of a closed period."""
    found = await _closings(
        connection,
        "WHERE calendar = %s AND period = %s AND area = %s AND figures = %s ORDER BY edition DESC LIMIT 1",
        [calendar, period, area, figures],
    )
    return found[0] if found else None


async def superseded_by(connection: Connection, closing_id: UUID) -> Closing | None:
    """Return the later edition that replaced a closing; None where there is none."""
    found = await _closings(connection, "WHERE supersedes = %s", [closing_id])
    return found[0] if found else None


async def all_closings(connection: Connection) -> list[Closing]:
    """Return every closing, newest first."""
    return await _closings(connection, "ORDER BY number DESC", [])


async def greatest_editions(connection: Connection) -> dict[tuple[str, str], int]:
    """Return the greatest edition of each closed period, by calendar and period."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT calendar, period, max(edition) FROM public.closing GROUP BY calendar, period"
        )
        return {(calendar, period): int(edition) for calendar, period, edition in await cursor.fetchall()}


async def document(connection: Connection, closing_id: UUID) -> bytes:
    """Return the closing as it was sealed, byte for byte."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("SELECT document FROM public.closing WHERE id = %s", [closing_id])
        found = await cursor.fetchone()
    assert found is not None
    return bytes(found[0])


async def _closings(connection: Connection, rest: str, parameters: Sequence[Any]) -> list[Closing]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM public.closing {rest}".encode(), parameters)
        return [Closing(**row) for row in await cursor.fetchall()]


async def revisions_noted(connection: Connection, closing_id: UUID) -> list[dict[str, Any]]:
    """Return the lists of revisions that were noted, in order: number, knowledge, instant, official, cells, hash."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT revision, known_at, noted_at, official, cells, list_hash FROM public.closing_revision"
            " WHERE closing = %s ORDER BY revision",
            [closing_id],
        )
        return await cursor.fetchall()


async def add_revision(connection: Connection, closing_id: UUID, values: dict[str, Any]) -> None:
    """Store a list of revisions."""
    await connection.execute(
        _INSERT_NOTED,
        values | {"closing": closing_id, "official": Jsonb(values["official"])},
    )


async def events_published(connection: Connection, series: UUID) -> int:
    """Return how many events about a period were published: editions of it and lists of revisions of these."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT (SELECT count(*) FROM public.closing WHERE series = %(series)s) + (SELECT count(*) FROM"
            " public.closing_revision r JOIN public.closing c ON c.id = r.closing WHERE c.series = %(series)s)",
            {"series": series},
        )
        found = await cursor.fetchone()
    return 0 if found is None else int(found[0])
