"""Rows as COPY text. Written for speed: it runs once per cell of every folded event."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.record_time import FOREVER
from services.reporting.facts.projections.model import id_text


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if value.isprintable():
        return value
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _none(_value: None) -> str:
    return "\\N"


def _flag(value: bool) -> str:
    return "t" if value else "f"


def _instant(value: datetime) -> str:
    return _FOREVER if value is FOREVER else orjson.dumps(value)[1:-1].decode()


_FOREVER = FOREVER.isoformat()
_CELL: dict[type, Any] = {
    str: _text,
    type(None): _none,
    int: str,
    bool: _flag,
    date: date.isoformat,
    datetime: _instant,
    UUID: id_text,
}


def lines(rows: Iterable[tuple[Any, ...]]) -> str:
    """The rows in COPY's text format. KeyError on a type that no table here has."""
    cell = _CELL
    return "".join(["\t".join([cell[type(value)](value) for value in row]) + "\n" for row in rows])
