"""The projection that everybody writes first: one FastStream message, one SQLModel session, one commit.

It does the same work as reporting's, event by event: the version, the record's facts and spells anew, the position.
Run as ``python -m tests.bench.naive BOOTSTRAP DATABASE_URL TOPIC…``.
"""

import asyncio
import logging
import sys
from datetime import date, datetime
from typing import Any

from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from sqlalchemy import Column, DateTime
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.catalogue import ADAPTERS

_STARTS = ("status_from", "enrolled_on", "admitted_on")
_ENDS = ("status_to", "ended_on")


class NaiveVersion(SQLModel, table=True):
    """A version of a record."""

    __tablename__ = "naive_version"

    event_id: str = Field(primary_key=True)
    record: str = Field(index=True)
    sequence: int
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    occurred_on: date
    content: str


class NaiveSpell(SQLModel, table=True):
    """A state, or something that happened (then it ends on the day it begins)."""

    __tablename__ = "naive_spell"

    id: int | None = Field(default=None, primary_key=True)
    record: str = Field(index=True)
    form: str
    commune: str | None
    person: str | None
    valid_from: date
    valid_to: date | None
    known_from: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    known_to: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class NaivePosition(SQLModel, table=True):
    """How far a partition is applied."""

    __tablename__ = "naive_position"

    place: str = Field(primary_key=True)
    next_offset: int


def spells(versions: list[tuple[NaiveVersion, Any]]) -> list[NaiveSpell]:
    """The record's rows, each known until the next version."""
    rows = []
    for (version, data), following in zip(versions, [*versions[1:], None], strict=True):
        content = data.model_dump()
        person = content.get("person")
        rows.append(
            NaiveSpell(
                record=version.record,
                form=content["form"],
                commune=content.get("commune"),
                person=str(person["ref"]) if person else None,
                valid_from=next((content[name] for name in _STARTS if name in content), version.occurred_on),
                valid_to=next((content[name] for name in _ENDS if content.get(name)), None),
                known_from=version.recorded_at,
                known_to=following[0].recorded_at if following else None,
            )
        )
    return rows


async def main(bootstrap: str, database_url: str, topics: list[str]) -> None:
    """Consume for ever."""
    engine = create_async_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    tables = [SQLModel.metadata.tables[f"naive_{name}"] for name in ("version", "spell", "position")]
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
    broker = KafkaBroker(bootstrap, logger=None, graceful_timeout=None)

    @broker.subscriber(*topics, group_id="naive-projection", auto_offset_reset="earliest")
    async def apply(body: bytes, message: KafkaMessage) -> None:
        if b"khopso.log.started" in body:
            return
        raw: Any = message.raw_message
        event = ADAPTERS[raw.topic].validate_json(body)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            if await session.get(NaiveVersion, str(event.id)) is None:
                session.add(
                    NaiveVersion(
                        event_id=str(event.id),
                        record=event.subject,
                        sequence=event.sequence,
                        recorded_at=event.recordedtime,
                        occurred_on=event.occurredon,
                        content=body.decode(),
                    )
                )
                of_record = select(NaiveVersion).where(NaiveVersion.record == event.subject)
                found = (await session.exec(of_record.order_by(col(NaiveVersion.sequence)))).all()
                known = [(one, ADAPTERS[raw.topic].validate_json(one.content).data) for one in found]
                await session.exec(delete(NaiveSpell).where(col(NaiveSpell.record) == event.subject))
                session.add_all(spells(known))
            place = f"{raw.topic}/{raw.partition}"
            position = await session.get(NaivePosition, place)
            if position is None:
                session.add(NaivePosition(place=place, next_offset=raw.offset + 1))
            else:
                position.next_offset = raw.offset + 1
            await session.commit()

    await FastStream(broker, logger=logging.getLogger("naive")).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
