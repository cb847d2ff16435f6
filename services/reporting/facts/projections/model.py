"""The input and output of projections: versions of records, and rows with the interval in which they were known.
Both times of every row are half-open. An end that is not known is ``OPEN_END``; knowledge that still holds ends
at ``FOREVER``. Plain sentinels instead of NULL or infinity keep comparisons and indexes simple.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

# Python has no later day, so nothing real can lie behind it.
OPEN_END = date(9999, 12, 31)


def id_text(value: UUID) -> str:
    """Return the same text as ``str(value)`` in a third of the time, since each event needs several ids as text."""
    return orjson.dumps(value)[1:-1].decode()


@dataclass(slots=True, eq=False)
class Version:
    """One version of a record: what its unit handed in at ``recorded_at``. ``data`` is None where it is voided.

    ``group`` names the timeline that the row belongs to (None for records that stand alone). ``text`` is the
    event's data as JSON, as it is stored.
    """

    record_id: str
    sequence: int
    event_id: UUID
    form: str
    recorded_at: datetime
    occurred_on: date
    unit: str
    group: str | None
    data: Any
    text: str | None


class Spell(NamedTuple):
    """A state during [valid_from, valid_to). ``code`` is its main value ("" where it has none).

    ``age30_on`` is the person's thirtieth birthday as far as it is known; ``leap_day`` among the ``attrs`` says that
    birthdays of leap years come a day before it.
    """

    kind: str
    code: str
    person_ref: str | None
    area: str | None
    facility: str | None
    unit: str
    sex: str | None
    age30_on: date | None
    attrs: str | None
    valid_from: date
    valid_to: date


class Fact(NamedTuple):
    """Something that happened on a day. ``attrs`` is a JSON object of further dimensions and measures."""

    kind: str
    code: str
    occurred_on: date
    person_ref: str | None
    area: str | None
    facility: str | None
    unit: str
    sex: str | None
    age30_on: date | None
    reason: str | None
    attrs: str | None


class Statement(NamedTuple):
    """A statement of where a person is from a day on.

    Of several statements the one with the latest ``from_on`` counts; then the greatest ``rank``, ``stated_on`` and id of
    the record decide.
    """

    person_ref: str
    presence: str
    from_on: date
    rank: int
    stated_on: date


class TargetRow(NamedTuple):
    """A number assigned to one area for one period."""

    figure: str
    area: str
    period_from: date
    period_to: date
    value: str
    unit: str


class DeclarationRow(NamedTuple):
    """A number that an agency declared."""

    agency: str
    figure: str
    area: str
    as_of: date | None
    period_from: date | None
    period_to: date | None
    value: str
    declared_on: date | None
    source: str | None
    unit: str


ProjectedRow = Spell | Fact | Statement | TargetRow | DeclarationRow


class Known(NamedTuple):
    """A row of a record with its interval of record time [known_from, known_to), in which the system believed it."""

    row: ProjectedRow
    record_id: str
    known_from: datetime
    known_to: datetime
