"""Days off that two administrators changed while the system runs, as this service heard of them.

They decide by when a unit hands in (`services.registers.owing`). A service that was down reads them from the log once it is back.
"""

from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.events.calendars import CalendarsTopic
from contracts.topics import RULE_TOPICS, TOPICS
from reference import DayChange, DayKind, DaysOff, listed_days_off
from services.chassis.kafka import Batch, Consumer, Delivered, Permanent, Session
from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform
from services.registers.tables import DayChangeTable

KNOWN_TYPES = frozenset(name for name, event in EVENT_TYPES.items() if event.topic in RULE_TOPICS)
_KIND: TypeAdapter[DayKind] = TypeAdapter(DayKind)


def days_off_consumer(platform: Platform) -> Consumer:
    """Return the consumer that keeps what was changed in the service's own database."""
    return Consumer(
        platform,
        f"{platform.settings.service}-days-off",
        [TOPICS[name] for name in RULE_TOPICS],
        keep_changes,
        known_types=KNOWN_TYPES,
        # Reporting may never have run: units hand in all the same, by the days off of the file.
        dispensable=True,
    )


async def keep_changes(batch: Batch, session: Session) -> None:
    """Store the changes of a batch by their number: one that is read again changes nothing; the subscriber of the topic."""
    for event in [_read(delivered) for delivered in batch]:
        said = {
            "kind": event.data.kind,
            "first": event.data.first,
            "last": event.data.last,
            "confirmed_at": event.recordedtime,
        }
        made = insert(DayChangeTable).values(number=event.sequence, **said)
        # After a restore reporting may have given a number once more: what it said last is what it knows.
        await session.exec(made.on_conflict_do_update(index_elements=["number"], set_=said))


async def days_off_at(session: AsyncSession, at: datetime) -> DaysOff:
    """Return the days off by what was confirmed until the instant, as far as the service has heard of it."""
    asked = (
        select(DayChangeTable)
        .where(col(DayChangeTable.confirmed_at) <= at)
        .order_by(col(DayChangeTable.number))
    )
    changes = [
        DayChange(_KIND.validate_python(row.kind), row.first, row.last)
        for row in (await session.exec(asked)).all()
    ]
    return listed_days_off().changed(changes)


def _read(delivered: Delivered) -> CalendarsTopic:
    try:
        event = parse_event(delivered.topic, delivered.value)
    except ValidationError:
        raise Permanent("rule-broken", delivered) from None
    assert isinstance(event, CalendarsTopic), "the topic has no other events"
    return event
