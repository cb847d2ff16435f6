"""A broker that wants TLS and a user name gets both from every client: relay, topics, log watch, consumer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.log_epochs import LogUnreachableError, LogWatch
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.platform import settings_for
from tests.support.rig import accept, applied_at_least, consumer_of, effects, history, relay_of, working
from tests.support.secured_kafka import PASSWORD, USER, SecuredKafka
from tests.support.stack.lanes import running_kafka
from tests.support.wait import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """Apache Kafka with a listener for each protocol."""
    made = SecuredKafka(tmp_path_factory.mktemp("secured"))
    with running_kafka(made.server):
        yield made


def way_in(secured: SecuredKafka, protocol: str, **changes: Any) -> dict[str, Any]:
    """The settings with which a service reaches a listener."""
    given: dict[str, Any] = {"kafka_security_protocol": protocol}
    if "SASL" in protocol:
        given |= {"kafka_username": USER, "kafka_password": PASSWORD}
    if protocol.endswith("SSL"):
        given["kafka_ca_file"] = secured.ca_file
    return given | changes


@pytest.mark.parametrize("protocol", ["SSL", "SASL_PLAINTEXT", "SASL_SSL"])
async def test_events_flow_through_a_listener_that_wants_to_be_spoken_to_securely(
    platforms: Callable[..., Platform],
    database_url: str,
    secured: SecuredKafka,
    topic: TopicSpec,
    protocol: str,
) -> None:
    broker = Broker(secured.server, "kafka")
    way = way_in(secured, protocol, kafka_bootstrap=secured.bootstrap(protocol))
    platform = platforms(database_url, broker, **way)
    consumer = consumer_of(platform, topic)
    async with working(relay_of(platform, topic).run, consumer.run):
        expected = await accept(platform, history(topic.name, subjects=3, length=5))
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=40)
    assert sorted(one[0] for one in await effects(platform)) == sorted(expected)


@pytest.mark.parametrize(
    ("protocol", "name", "wrong"),
    [
        ("SASL_SSL", "kafka_password", "not-the-password"),
        ("SASL_PLAINTEXT", "kafka_username", "nobody"),
        ("SASL_SSL", "kafka_ca_file", None),
        ("SSL", "kafka_ca_file", None),
    ],
)
async def test_a_wrong_password_name_or_authority_gets_no_connection(
    secured: SecuredKafka, protocol: str, name: str, wrong: str | None
) -> None:
    way = way_in(secured, protocol, **{name: wrong or secured.other_ca_file})
    settings = settings_for("postgresql://u:p@h/db", secured.bootstrap(protocol), **way)
    async with LogWatch(settings, "stranger") as watch:
        with pytest.raises(LogUnreachableError):
            await watch.read([("any", 0)])
    producer = clients.producer(settings, "stranger")
    with pytest.raises(KafkaError):
        await producer.start()
    await producer.stop()
