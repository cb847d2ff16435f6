"""Write many rows by COPY, the fastest way to fill a table.

`copy_rows` sends values in PostgreSQL's binary format and needs the type of each column. The others are for rows whose ids
and JSON are texts already: `copy_texts` sends text, which the server parses by the column's type; `copy_encoded` sends
binary format by encoders that are made once for a table, so that the server has nothing to parse.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
import psycopg

from contracts.record_time import FOREVER
from services.chassis.persistence.binary import HEADER, TRAILER, Encoder, binary_rows

Connection = psycopg.AsyncConnection[Any]
# Small enough that the server stores rows while the next ones are being prepared here.
_CHUNK_ROWS = 500


async def copy_rows(
    connection: Connection, table: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows to a table; ``columns``: name → PostgreSQL type, in the order of the values."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        # In binary format the server converts nothing, and would refuse a number of another width.
        copy.set_types([*columns.values()])
        for row in rows:
            await copy.write_row(row)


async def copy_texts(
    connection: Connection, table: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows of texts to a table; without rows nothing is sent."""
    await _send(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN", rows, lines)


async def copy_encoded(
    connection: Connection, table: str, encoders: Mapping[str, Encoder], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows to a table; ``encoders``: by the name of each column, in the order of the values. See `binary.encoders_of`."""
    made = tuple(encoders.values())
    statement = f"COPY {table} ({', '.join(encoders)}) FROM STDIN (FORMAT BINARY)"
    await _send(connection, statement, rows, lambda chunk: binary_rows(made, chunk), HEADER, TRAILER)


async def _send(
    connection: Connection,
    statement: str,
    rows: Iterable[tuple[Any, ...]],
    written: Callable[[list[tuple[Any, ...]]], str | bytes],
    header: bytes = b"",
    trailer: bytes = b"",
) -> None:
    waiting = iter(rows)
    chunk = list(islice(waiting, _CHUNK_ROWS))
    if not chunk:
        return
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        await copy.write(header)
        while chunk:
            await copy.write(written(chunk))
            chunk = list(islice(waiting, _CHUNK_ROWS))
        await copy.write(trailer)


def lines(rows: Iterable[tuple[Any, ...]]) -> str:
    """Return the rows in COPY's text format; KeyError for a type that no table here has.

    Written for speed: it runs once per value of every folded event.
    """
    cell = _CELL
    return "".join(["\t".join([cell[type(value)](value) for value in row]) + "\n" for row in rows])


def _text(value: str) -> str:
    # Backslashes first: escaping tabs and line ends adds further ones.
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    # Tabs and line ends are not printable, so most texts are done after one look.
    if value.isprintable():
        return value
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _none(_value: None) -> str:
    return "\\N"


def _flag(value: bool) -> str:
    return "t" if value else "f"


def _instant(value: datetime) -> str:
    return _FOREVER if value is FOREVER else orjson.dumps(value)[1:-1].decode()


def _id(value: UUID) -> str:
    return orjson.dumps(value)[1:-1].decode()


_FOREVER = FOREVER.isoformat()
_CELL: dict[type, Any] = {
    str: _text,
    type(None): _none,
    int: str,
    bool: _flag,
    date: date.isoformat,
    datetime: _instant,
    UUID: _id,
}
