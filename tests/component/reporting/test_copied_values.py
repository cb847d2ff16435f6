"""Rows written in the binary format are the rows that PostgreSQL makes of the same values written as text."""

from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Boolean, Date, DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import JSON

from contracts.record_time import FOREVER
from services.chassis.persistence import raw
from services.chassis.persistence.binary import HEADER, TRAILER, binary_rows
from services.chassis.persistence.copying import copy_encoded, copy_texts
from services.chassis.platform import Platform
from services.reporting.facts.repository import _ENCODERS
from services.reporting.facts.tables import GENERATION

_ZONES = (UTC, timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30)))
_TEXTS = (
    "",
    "x",
    "phường Hải Dương",
    "a\tb\\c\nd\re",
    "\\N",
    "\\.",
    "\U0001f600" * 50,
    '{"a": "\\"b\\n\\u00e9"}',
)
_JSONS = ('{"a":1}', '{ "b" : [1.50, null, "\\t\\\\N"], "b": 2 }', '"x"', "-0.0")


def drawn(draw: Random, kind: Any) -> Any:
    """A value for a column, as projections and events give it."""
    match kind:
        case JSON():
            return draw.choice(_JSONS)
        case Text():
            return draw.choice(_TEXTS)
        case Uuid():
            made = UUID(int=draw.getrandbits(128))
            return draw.choice((made, str(made)))
        case Date():
            return date.fromordinal(draw.choice((1, 693_596, 730_120, draw.randint(1, 3_652_059), 3_652_059)))
        case DateTime():
            moment = datetime(1900, 1, 1, tzinfo=draw.choice(_ZONES)) + timedelta(
                days=draw.randint(1, 2_954_000)
            )
            return draw.choice((FOREVER, moment + timedelta(microseconds=draw.randint(0, 86_399_999_999))))
        case Boolean():
            return draw.random() < 0.5
        case _:
            return draw.choice((0, 1, -1, 3, 32_767, -32_768))


async def test_every_table_gets_the_values_that_text_would_give_it(platform: Platform) -> None:
    written = {table: encoders for table, encoders in _ENCODERS.items() if encoders is not None}
    assert written.keys() == _ENCODERS.keys() - {"target", "declaration"}  # amounts are written as text
    draw = Random(138)
    async with platform.uow() as session:
        connection = await raw(session)
        for table, encoders in written.items():
            columns = [GENERATION.tables[table].columns[name] for name in encoders]
            rows = [
                tuple(
                    None if column.nullable and draw.random() < 0.2 else drawn(draw, column.type)
                    for column in columns
                )
                for _ in range(1_200)
            ]
            for name in ("binary", "text"):
                await connection.execute(f"CREATE TEMP TABLE {table}_{name} (LIKE g1.{table})")
            await copy_encoded(connection, f"{table}_binary", encoders, iter(rows))
            await copy_texts(connection, f"{table}_text", encoders, rows)
            found = [await rows_of(connection, f"{table}_{name}") for name in ("binary", "text")]
            assert found[0] == found[1]
            assert len(found[0]) == len(rows)


async def rows_of(connection: psycopg.AsyncConnection[Any], table: str) -> list[str]:
    cursor = await connection.execute(f"SELECT t::text AS row FROM {table} t ORDER BY 1")
    return [next(iter(row.values())) if isinstance(row, dict) else row[0] for row in await cursor.fetchall()]


async def test_without_rows_nothing_is_sent(platform: Platform) -> None:
    encoders = _ENCODERS["person"]
    assert encoders is not None
    async with platform.uow() as session:
        await copy_encoded(await raw(session), "no_such_table", encoders, iter(()))


def test_the_stream_is_framed_as_postgresql_says() -> None:
    encoders = _ENCODERS["person"]
    assert encoders is not None
    id_ = UUID(int=1)
    row = (str(id_), id_, datetime(2000, 1, 1, tzinfo=UTC), datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC))
    assert HEADER == b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
    assert TRAILER == b"\xff\xff"
    ids, instants = (
        b"\0\0\0\x10" + b"\0" * 15 + b"\x01",
        b"\0\0\0\x08" + b"\0" * 8 + b"\0\0\0\x08" + b"\xff" * 8,
    )
    assert binary_rows(list(encoders.values()), [row]) == b"\0\x04" + ids + ids + instants
