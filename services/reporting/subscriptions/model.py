"""Subscriptions (theo dõi số liệu): the values that a subscriber was notified of last, and the events for changed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.events.following import FigureChange
from reference import area_book
from services.chassis.persistence import About, Origin, OutboxEvent, outbox_event
from services.chassis.runtime import NewId
from services.chassis.security import Principal, Role
from services.reporting.figures import QueryService, Question, Reader, area_of_row, parse_question, scope_of

EVENT = "reporting.figure.changed.v1"
MAX_FOLLOWS = 1_000
TOTAL = ""
Values = dict[str, str | None]
"""Row of the breakdown ("" for the total, an area's uid for its row) → value as text, None where there is none."""


@dataclass(frozen=True, slots=True)
class Follow:
    """A subscription to a figure. ``asked`` are the parameters of its question, ``sequence`` counts its notifications.

    ``told`` are the values of the last notification, ``told_at`` its instant.

    ``subject``, ``unit``, ``role`` and ``home`` (the code of his area) are those of the token that it was asked with.
    """

    id: UUID
    subject: str
    unit: str
    role: Role
    home: str
    figure: str
    asked: dict[str, str]
    created_at: datetime
    sequence: int
    told: Values
    told_at: datetime

    @property
    def follower(self) -> Principal:
        """Return the subscriber as its token named it."""
        return Principal(self.unit, self.home, self.role, self.subject)

    def document(self) -> dict[str, Any]:
        """Return the subscription as the API shows it."""
        return {
            "id": str(self.id),
            "figure": self.figure,
            "asked": self.asked,
            "created_at": self.created_at.isoformat(),
            "told": self.sequence,
            "told_at": self.told_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that differs from the one of the last notification."""

    row: str
    old: str | None
    new: str | None


def question_of(queries: QueryService, follow: Follow, reader: Reader, now: datetime) -> Question:
    """Return the question that a subscription asks at this moment.

    It is parsed again each time: a subscription without a day asks about today, and meanwhile its area may have ended or
    its figure may have another owner. ``reader`` is the subscriber, or whoever else asks to see it.

    Raises:
        Problem: the question cannot be asked any more, or not by this subscriber.
    """
    question = parse_question(follow.figure, follow.asked, now)
    # Events carry exact values, so the follower needs the right to them now, not only when he began.
    queries.check_exact(follow.figure, scope_of(question), reader)
    return question


def values_of(document: Mapping[str, Any], question: Question) -> Values:
    """Return the values of an answer that a notification compares: the total and each row."""
    values: Values = {TOTAL: _text(document["value"])}
    for part in document.get("rows") or ():
        row = str(part[question.by])
        values[area_of_row(question, question.by, row) or row] = _text(part["value"])
    return values


def named_by_uid(values: Values, question: Question) -> Values:
    """Return the values with areas named by uid. Up to 0.2.0 they were named by code, which is no change of a value."""
    return {
        row if row == TOTAL else area_of_row(question, question.by, row) or row: value
        for row, value in values.items()
    }


def _text(value: Any) -> str | None:
    # Texts are compared to find changes: the same number written in another way would count as a change.
    return None if value is None else format(Decimal(str(value)), "f")


def changes(before: Values, after: Values) -> list[ValueChange]:
    """Return what differs, the total first, then the rows by name. A row that is gone has no new value."""
    rows = sorted(before.keys() | after.keys())
    return [
        ValueChange(row, before.get(row), after.get(row))
        for row in rows
        if (row in before, before.get(row)) != (row in after, after.get(row))
    ]


def events_of(
    follow: Follow,
    question: Question,
    found: Sequence[ValueChange],
    watermark: str,
    now: datetime,
    new_id: NewId,
) -> list[OutboxEvent]:
    """Return one event per change, numbered on from the last notification."""
    known = question.known_at or _last(watermark)
    key = str(follow.id)
    events = []
    for sequence, change in enumerate(found, follow.sequence + 1):
        place = area_book().by_uid.get(change.row)
        data = FigureChange(
            figure=follow.figure,
            area=question.area.uid,
            as_of=question.day if question.first is None else None,
            period_from=question.first,
            period_to=None if question.first is None else question.day,
            by=question.by,
            row=place.code if place is not None else change.row or None,
            place=None if place is None else place.uid,
            old=None if change.old is None else Decimal(change.old),
            new=None if change.new is None else Decimal(change.new),
            known_at=known,
            watermark=watermark,
        )
        events.append(
            outbox_event(
                EVENT,
                data,
                About(key, key, follow.unit, question.area.uid),
                Origin("reporting", f"follow-{follow.id}"),
                event_id=new_id(),
                sequence=sequence,
                at=now,
                on=question.day,
                recorded_at=now,
            )
        )
    return events


def _last(watermark: str) -> datetime | None:
    _, _, last = watermark.partition("@")
    return datetime.fromisoformat(last) if last else None
