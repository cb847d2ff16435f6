"""Values in PostgreSQL's binary format, for COPY: the server has nothing to parse.

An encoder takes a value of one column, or None, and returns its length and its bytes. Ids and JSON are texts already.
Written for speed: an encoder runs once for every value of every folded event.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import call
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Date, DateTime, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSON, JSONB

from contracts.record_time import FOREVER

Encoder = Callable[[Any], bytes]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
# PostgreSQL counts days and microseconds from here.
_EPOCH, _EPOCH_DAY = datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_MOST_KEPT = 20_000


def binary_rows(encoders: Sequence[Encoder], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as COPY's binary format has them between header and trailer."""
    count, join = len(encoders).to_bytes(2), b"".join
    return join([count + join(map(call, encoders, row)) for row in rows])


def encoders_of(
    table: Table, columns: Iterable[str], different: Collection[str] = ()
) -> dict[str, Encoder] | None:
    """Return the encoders of a table's columns, in this order; None where one of them is of a type without an encoder.

    ``different``: columns whose values hardly come again. Of others, what a value is encoded as is kept.
    """
    found = {}
    for name in columns:
        kind = next((kind for kind in _ENCODERS if isinstance(table.columns[name].type, kind)), None)
        if kind is None:
            return None
        found[name] = _ENCODERS[kind] if name in different else _KEEPING.get(kind, _ENCODERS[kind])
    return found


class _Kept(dict[Any, bytes]):
    """What values are encoded as, kept for the next time; emptied when there are too many."""

    def __init__(self, encode: Encoder) -> None:
        self._encode = encode

    def __missing__(self, value: Any) -> bytes:
        if len(self) >= _MOST_KEPT:
            self.clear()
        found = self[value] = self._encode(value)
        return found


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    return len(encoded).to_bytes(4) + encoded


def _jsonb(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    # The binary form of jsonb begins with the number of its version, 1.
    return (len(encoded) + 1).to_bytes(4) + b"\x01" + encoded


def _id(value: str | UUID | None) -> bytes:
    if value is None:
        return _NULL
    return b"\0\0\0\x10" + (bytes.fromhex(value.replace("-", "")) if isinstance(value, str) else value.bytes)


def _day(value: date | None) -> bytes:
    return (
        _NULL if value is None else b"\0\0\0\x04" + (value.toordinal() - _EPOCH_DAY).to_bytes(4, signed=True)
    )


def _instant(value: datetime | None) -> bytes:
    # By identity: this one object ends nearly every interval, and comparing dates would cost more. An equal one is
    # encoded below.
    if value is FOREVER:
        return _FOREVER
    return (
        _NULL
        if value is None
        else b"\0\0\0\x08" + ((value - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True)
    )


def _number(width: int) -> Encoder:
    length = width.to_bytes(4)

    def encode(value: int | None) -> bytes:
        return _NULL if value is None else length + value.to_bytes(width, signed=True)

    return encode


def _flag(value: bool | None) -> bytes:
    return _NULL if value is None else b"\0\0\0\x01\x01" if value else b"\0\0\0\x01\0"


_FOREVER = b"\0\0\0\x08" + ((FOREVER - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True)
_ENCODERS: dict[type, Encoder] = {
    JSONB: _jsonb,
    JSON: _text,
    Text: _text,
    Uuid: _id,
    Date: _day,
    DateTime: _instant,
    SmallInteger: _number(2),
    BigInteger: _number(8),
    Boolean: _flag,
}
"""By the type of a column; the first that fits counts (JSONB is a kind of JSON)."""
_KEEPING: dict[type, Encoder] = {kind: _Kept(_ENCODERS[kind]).__getitem__ for kind in (Text, Uuid, Date)}
