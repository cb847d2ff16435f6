"""Find out from its versions what happened to a record between two instants of record time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Reason = Literal["recorded_late", "corrected_since", "voided_since"]
REASONS: tuple[Reason, ...] = ("recorded_late", "corrected_since", "voided_since")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMPTY: tuple[Any, ...] = (None, False, "", [], ())
# These fields change with time without anybody changing the record, so they are not compared.
_DERIVED = ("age_band", "age_band_until", "leap_day")


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a record; ``content`` is None where it withdraws the record."""

    sequence: int
    recorded_at: datetime
    content: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """Why a record of a form is not what it was, since when (record time), and in which fields.

    ``days`` are the days that only one of the two versions has; all days of the record where both have the same ones.
    """

    reason: Reason
    recorded_at: datetime
    fields: tuple[str, ...] = ()
    days: frozenset[date] = frozenset()
    record_id: str = ""
    form: str = ""


def known(editions: Iterable[Edition], at: datetime) -> Edition | None:
    """Return the version in force at an instant of record time: the latest one recorded by then; None before the first."""
    return max(
        (edition for edition in editions if edition.recorded_at <= at),
        key=lambda edition: edition.sequence,
        default=None,
    )


def change(editions: Sequence[Edition], before: datetime, after: datetime) -> RecordChange | None:
    """Return what happened to a record between two instants, None where it is known the same at both.

    A record first written after ``before``, or one that only gained values which were blank (an end, an outcome), was
    *recorded late*. One whose values were changed, or that was withdrawn and is there again, was *corrected*; one withdrawn
    was *voided*.
    """
    old, new = known(editions, before), known(editions, after)
    if new is None or new == old:
        return None
    was = None if old is None else old.content
    days = _days(was) ^ _days(new.content) or _days(new.content)
    if new.content is None:
        # It was not there before either: it came and went in between.
        return None if was is None else RecordChange("voided_since", new.recorded_at, (), days)
    if old is None:
        first = min(edition.recorded_at for edition in editions)
        return RecordChange("recorded_late", first, (), days)
    if was is None:
        return RecordChange("corrected_since", new.recorded_at, (), days)
    gained, altered = _differences(was, new.content)
    if altered:
        return RecordChange("corrected_since", new.recorded_at, tuple(altered), days)
    return RecordChange("recorded_late", new.recorded_at, tuple(gained), days) if gained else None


def _days(content: Mapping[str, Any] | None) -> frozenset[date]:
    written = [
        value for value in (content or {}).values() if isinstance(value, str) and _DAY.fullmatch(value)
    ]
    return frozenset(date.fromisoformat(value) for value in written)


def _differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the fields that were blank and have a value now, and the fields whose value has changed."""
    gained: list[str] = []
    altered: list[str] = []
    for name in sorted(was.keys() | now.keys()):
        one, other = _plain(was.get(name)), _plain(now.get(name))
        if one != other:
            (gained if one in _EMPTY else altered).append(name)
    return gained, altered


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: part for name, part in value.items() if name not in _DERIVED}
    return value
