"""The consumer that everybody writes first, and that loses and doubles events: the control of these tests.

FastStream with its defaults (a message is acknowledged before it is handled), one SQLModel session and commit per
message, no memory of what was applied. Run as ``python -m tests.failure.naive BOOTSTRAP DATABASE_URL TOPIC…``.
"""

import asyncio
import json
import logging
import sys
from typing import Any

from faststream import FastStream
from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


class NaiveFact(SQLModel, table=True):
    """One applied event."""

    __tablename__ = "naive_fact"

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(index=True)
    topic_type: str
    subject: str
    sequence: int
    occurred_on: str
    content: str


async def main(bootstrap: str, database_url: str, topics: list[str]) -> None:
    """Consume for ever."""
    engine = create_async_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=[NaiveFact.__table__])  # type: ignore[attr-defined]
    broker = KafkaBroker(bootstrap, logger=None, graceful_timeout=None)

    @broker.subscriber(*topics, group_id="naive", auto_offset_reset="earliest")
    async def apply(body: bytes) -> None:
        event: dict[str, Any] = json.loads(body)
        if "sequence" not in event:
            return
        async with AsyncSession(engine) as session:
            session.add(
                NaiveFact(
                    event_id=event["id"],
                    topic_type=event["type"],
                    subject=event["subject"],
                    sequence=int(event["sequence"]),
                    occurred_on=event["occurredon"],
                    content=str(event["data"]),
                )
            )
            await session.commit()

    await FastStream(broker, logger=logging.getLogger("naive")).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
