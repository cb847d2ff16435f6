"""Reporting on a broker of the test's own: what is published, folded and counted."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from contracts.topics import FACT_TOPICS, TOPICS
from deploy.embedded.broker import EmbeddedBroker
from deploy.ports import free_ports
from services.chassis.kafka.clients import dead_letter_topic
from services.chassis.kafka.delivery import Delivered
from services.chassis.persistence import outbox
from services.chassis.persistence.outbox import OutboxEvent
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.chassis.runtime.ids import uuid7
from services.reporting.facts import generations
from services.reporting.figures import snapshot
from services.reporting.figures.answering import canonical
from services.reporting.figures.questions import parse_question
from tests.support.reporting import NOW, Log, person, reporting_settings, value

A = {"commune": "10513@2008"}
RELAYED = [topic for name in FACT_TOPICS for topic in (TOPICS[name], dead_letter_topic(name))]


@contextmanager
def own_broker(folder: Path) -> Iterator[EmbeddedBroker]:
    """A broker whose log is the test's own."""
    with EmbeddedBroker(free_ports(1)[0], folder / "broker.log") as broker:
        yield broker


@asynccontextmanager
async def connected_to(broker: EmbeddedBroker, database_url: str) -> AsyncIterator[Platform]:
    """A platform on a database and a broker."""
    made = Platform.of(
        reporting_settings(
            database_url,
            kafka_bootstrap=broker.bootstrap,
            kafka_flavour="embedded",
            drain_seconds=2,
            graceful_seconds=8,
            stop_grace_seconds=12,
        )
    )
    yield made
    await made.close()


@asynccontextmanager
async def running(platform: Platform, *parts: Any) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stop)) for part in parts]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def publish(platform: Platform, messages: Sequence[Delivered]) -> None:
    async with platform.uow() as session:
        await outbox.append(
            session,
            [
                OutboxEvent(uuid7(), m.topic, str(number), "subject", 1, m.value, NOW)
                for number, m in enumerate(messages)
            ],
        )


async def generation(platform: Platform) -> int:
    async with platform.uow() as session:
        return await generations.live(await raw(session))


async def scalar(platform: Platform, query: str) -> object:
    async with platform.uow() as session:
        return await session.scalar(text(query))


async def answers(platform: Platform) -> list[bytes]:
    found = []
    for by in ("area", "commune", "sex", "presence"):
        question = parse_question("registry.users", {"as_of": "2023-06-01", "by": by}, NOW)
        found.append(canonical((await snapshot.ask(platform.uow, question, NOW))[0]))
    return found


def users(log: Log, count: int, start: int = 0) -> list[Delivered]:
    before = len(log.messages)
    for number in range(start, start + count):
        given: dict[str, Any] = {
            "person": person(f"p{number}"),
            **A,
            "status": "user",
            "status_from": date(2023, 1, 1),
        }
        log.write("registry", f"r{number}", presence="community", **given)
    return log.messages[before:]


async def users_counted(platform: Platform, expected: int) -> bool:
    return bool(await value(platform, "registry.users", as_of="2023-06-01") == expected)


async def schema_gone(platform: Platform, name: str) -> bool:
    return await scalar(platform, f"SELECT to_regnamespace('{name}')") is None


async def is_live(platform: Platform, number: int) -> bool:
    return await generation(platform) == number
