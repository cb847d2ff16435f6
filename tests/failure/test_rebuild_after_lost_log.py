"""A log is lost while the services that could fill it again are away, and a rebuild is asked for in that moment."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from contracts.topics import FACT_TOPICS, TOPICS
from deploy.embedded.broker import EmbeddedBroker
from services.chassis.kafka.log_epochs import mark, provision
from services.chassis.runtime import system_clock
from tests.failure.trial import Trial
from tests.support.closings import ACCEPTED
from tests.support.platform import settings_for
from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

OTHERS = ("registry", "treatment", "incidents")
_WATCHED_SECONDS = 6.0


def official(province: Province) -> dict[str, str]:
    """Headers of who may close."""
    return {"authorization": f"Bearer {province.issuer.mint('committee:30', 'official', '30')}"}


def close(province: Province) -> str:
    """The id of a closing of the year."""
    order = {"calendar": "civil", "period": "2023", "figures": "health", "accept_missing": ACCEPTED}
    answer = province.client.post(
        f"{province.url('reporting')}/v1/closings", json=order, headers=official(province), timeout=120
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def replay(province: Province, closing: str) -> dict[str, Any]:
    answer = province.client.get(
        f"{province.url('reporting')}/v1/closings/{closing}/replay", headers=official(province), timeout=120
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def away(province: Province) -> Iterator[None]:
    """The services that own the logs are frozen during the block."""
    parts = [part for service in OTHERS for part in province.of(service)]
    for part in parts:
        part.process.suspend()
    try:
        yield
    finally:
        for part in parts:
            part.process.resume()


def begin_logs(province: Province) -> None:
    """New logs with nothing in them but their first record, as a relay leaves them that dies at once."""
    settings = settings_for("postgresql://nobody@127.0.0.1:1/none", province.broker.bootstrap, "embedded")
    topics = [TOPICS[name] for name in FACT_TOPICS if TOPICS[name].owner != "reporting"]

    async def begin() -> None:
        await provision(settings, topics, "test")
        async with AIOKafkaProducer(bootstrap_servers=province.broker.bootstrap) as producer:
            for topic in topics:
                for partition in range(topic.partitions):
                    await mark(producer, (topic.name, partition), "test", system_clock)

    asyncio.run(begin())


def at_the_beginning(province: Province, generation: int) -> bool:
    """Whether a generation's consumer has read the first record of every new log, and nothing else."""
    ((partitions, furthest),) = province.sql(
        "reporting",
        "SELECT count(*), max(next_offset) FROM position WHERE consumer = %s AND topic NOT LIKE 'reporting.%%'",
        f"reporting-g{generation}",
    )
    wanted = sum(TOPICS[name].partitions for name in FACT_TOPICS if TOPICS[name].owner != "reporting")
    return (partitions, furthest) == (wanted, 1)


def generation(province: Province) -> int:
    ((number,),) = province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
    return int(number)


def test_a_rebuild_in_a_lost_log_serves_no_less_than_was_there(forgetful: Trial) -> None:
    province = forgetful.province
    broker = province.broker
    assert isinstance(broker, EmbeddedBroker)
    forgetful.catch_up()
    province.settled()
    closing = close(province)
    before, old = province.figures(broad=False), generation(province)
    with away(province):
        broker.restart()
        begin_logs(province)
        wait_for(lambda: at_the_beginning(province, old), 60, "the live generation begins the new logs")
        asked = province.post("reporting", "/v1/rebuild?wait_seconds=0")
        assert asked["number"] == old + 1
        wait_for(
            lambda: at_the_beginning(province, old + 1), 60, "the new generation is as far as the live one"
        )
        # Both are at the end of logs that hold nothing: only what is in the tables tells them apart.
        until = time.monotonic() + _WATCHED_SECONDS
        while time.monotonic() < until:
            assert province.figures(broad=False) == before
            assert generation(province) == old
        # No log will hold it as long as the services are away: it is taken from the old generation.
        wait_for(lambda: generation(province) == old + 1, 90, "the new generation takes over")
        assert province.figures(broad=False) == before
        assert replay(province, closing)["equal"]
    forgetful.log_complete()
    forgetful.check()
    assert replay(province, closing)["equal"]
