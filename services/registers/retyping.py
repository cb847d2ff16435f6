"""Stored values as somebody would type them again: what `parse` reads as the same value. Pure."""

import re
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import Column, Kind
from texts import day_written, moment_written

DAYS = frozenset({Kind.DATE, Kind.BIRTH, Kind.MOMENT})
"""Kinds of columns that are written as a day."""
_EIGHT = re.compile("([0-9]{2})([0-9]{2})([0-9]{4})")
_EIGHT_AND_CLOCK = re.compile("([0-9]{2})([0-9]{2})([0-9]{4}) +([0-9]{1,2}):?([0-9]{2})")


def as_typed(column: Column, value: Any) -> str:
    """Return a stored value as a page fills it in: what `parse` reads as the same value."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.kind is Kind.DECIMAL:
        return str(value).replace(".", ",")
    if column.kind is Kind.DATETIME:
        return _clock(value)
    if column.kind in DAYS and not isinstance(value, int):
        return day_written(day_stored(value))
    return str(value)


def day_stored(value: Any) -> date:
    """Return the day of a stored day or instant, by the clock of Việt Nam."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = str(value)
    if len(text) > len("2023-11-05"):
        return datetime.fromisoformat(text).astimezone(VIETNAM).date()
    return date.fromisoformat(text)


def _clock(value: Any) -> str:
    at = datetime.fromisoformat(str(value)).astimezone(VIETNAM)
    return f"{moment_written(at)}:{at.second:02}" if at.second else moment_written(at)


def spelt_out(column: Column, text: str) -> str:
    """Return a day that was typed as eight digits with its signs (05112023 → 05/11/2023); anything else as it is."""
    plain = text.strip()
    if column.kind in DAYS and (found := _EIGHT.fullmatch(plain)):
        return "/".join(found.groups())
    if column.kind in (Kind.DATETIME, Kind.MOMENT) and (found := _EIGHT_AND_CLOCK.fullmatch(plain)):
        return f"{found[1]}/{found[2]}/{found[3]} {found[4]}:{found[5]}"
    return text
