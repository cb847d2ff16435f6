"""The brokers: what Apache Kafka keeps over kills and the embedded one forgets."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.broker import EmbeddedBroker
from deploy.kafka import KafkaCluster, KafkaServer
from deploy.ports import free_ports
from tests.support.stack.lanes import need_kafka
from tests.support.wait import eventually

TOPIC = "sample"


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="khopso-broker-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def create(bootstrap: str, copies: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 1, copies)])
    finally:
        await admin.close()


async def send(bootstrap: str, value: bytes, *, idempotent: bool = True) -> int:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=idempotent)
    await producer.start()
    try:
        return int((await producer.send_and_wait(TOPIC, value, partition=0)).offset)
    finally:
        await producer.stop()


async def read(bootstrap: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        partition = TopicPartition(TOPIC, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        values: list[bytes] = []
        while len(values) < count:
            values += [
                record.value
                for records in (await consumer.getmany(timeout_ms=500)).values()
                for record in records
            ]
        return values
    finally:
        await consumer.stop()


@pytest.mark.kafka
@pytest.mark.timeout(240)
async def test_kafka_keeps_its_log_over_kill_and_restart_and_loses_it_when_wiped(place: Path) -> None:
    need_kafka()
    port, controller_port = free_ports(2)
    with KafkaServer(place / "kafka", port, controller_port) as server:
        await create(server.bootstrap)
        assert await send(server.bootstrap, b"before the kill") == 0
        server.kill()
        server.start()
        assert await send(server.bootstrap, b"after the kill") == 1
        server.restart()
        assert await read(server.bootstrap, 2) == [b"before the kill", b"after the kill"]
        # A start-up cache that Java refused would be slow without a word.
        assert "[aot" not in (place / "kafka" / "kafka.log").read_text(encoding="utf-8")
        server.stop()
        server.wipe()
        server.start()
        await create(server.bootstrap)
        assert await send(server.bootstrap, b"another log") == 0


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_three_nodes_go_on_without_one_and_take_it_back(place: Path) -> None:
    need_kafka()
    with KafkaCluster(place) as cluster:
        await create(cluster.bootstrap, copies=3)
        assert await send(cluster.bootstrap, b"one") == 0
        cluster.nodes[0].kill()
        others = ",".join(node.bootstrap for node in cluster.nodes[1:])
        await eventually(lambda: send(others, b"two"), deadline=60)
        cluster.nodes[0].start()
        assert (await read(cluster.bootstrap, 2))[:2] == [b"one", b"two"]


@pytest.mark.embedded
async def test_the_embedded_broker_forgets_and_keeps_its_port(place: Path) -> None:
    with EmbeddedBroker(free_ports(1)[0], place / "broker.log") as broker:
        await create(broker.bootstrap)
        assert await send(broker.bootstrap, b"soon forgotten", idempotent=False) == 0
        port, pid = broker.port, broker.pid
        broker.restart()
        assert (broker.port, broker.pid != pid) == (port, True)
        await create(broker.bootstrap)
        assert await send(broker.bootstrap, b"first again", idempotent=False) == 0
