"""Who may write and read what on Apache Kafka: each service its topics, a unit its submissions, everybody else nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NoError, TopicAuthorizationFailedError
from aiokafka.protocol.fetch import FetchRequest
from faststream.kafka.security import parse_security
from pydantic import SecretStr

from contracts.topics import OUTCOMES, SERVICES, TOPICS, UNITS, owned_by, receivers, senders
from deploy.kafka import KafkaServer
from deploy.kafka.access_admin import apply
from deploy.kafka.access_settings import AccessSettings, UnitClient
from deploy.ports import LOOPBACK, free_ports
from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicLike, dead_letter_topic
from services.chassis.kafka.log_epochs import provision
from services.chassis.kafka.relay import Relay
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.runtime import ServiceSettings
from tests.support.fixtures import Broker
from tests.support.platform import PACKAGE, settings_for
from tests.support.rig import TYPE, accept, applied_at_least, consumer_of, event, scalar, working
from tests.support.stack.lanes import running_kafka
from tests.support.wait import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
UNIT = "clinic-04"
STRANGER = "stranger"
NAMES = (*SERVICES, UNIT, STRANGER)
ALL = [*TOPICS, *(topic.dlq for topic in TOPICS.values() if receivers(topic.name) != (UNITS,))]


def password(name: str) -> str:
    """The password of a principal."""
    return f"{name}-password"


class Guarded:
    """Apache Kafka with the settings of docker-compose.yml: deny by default; only addresses and folders are others."""

    def __init__(self, folder: Path) -> None:
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
        given = compose["services"]["kafka"]["environment"]
        clients_port, local_port, controller_port = free_ports(3)
        places = {
            "://:9092": f"://{LOOPBACK}:{clients_port}",
            "kafka:9092": f"{LOOPBACK}:{clients_port}",
            "127.0.0.1:9094": f"{LOOPBACK}:{local_port}",
            "127.0.0.1:9093": f"{LOOPBACK}:{controller_port}",
        }
        settings = {}
        for variable, value in given.items():
            for there, here in places.items():
                value = value.replace(there, here)
            settings[_property(variable)] = value
        del settings["log.dirs"]
        self.local, self.bootstrap = f"{LOOPBACK}:{local_port}", f"{LOOPBACK}:{clients_port}"
        self.server = KafkaServer(folder / "data", local_port, controller_port, settings=settings)


def _property(variable: str) -> str:
    """The broker's property that a variable of the container stands for, by the rules of its image."""
    name = variable.removeprefix("KAFKA_").lower()
    return name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The broker that docker-compose.yml describes."""
    made = Guarded(tmp_path_factory.mktemp("guarded"))
    with running_kafka(made.server):
        yield made


@pytest.fixture
async def rights(guarded: Guarded) -> AccessSettings:
    """Users and rights are on the broker."""
    wanted = AccessSettings(
        bootstrap=guarded.local,
        passwords={service: SecretStr(password(service)) for service in SERVICES},
        units={
            UNIT: UnitClient(password=SecretStr(password(UNIT)), services=["treatment"]),
            STRANGER: UnitClient(password=SecretStr(password(STRANGER)), services=[]),
        },
    )
    await apply(wanted)
    return wanted


def settings_as(guarded: Guarded, name: str) -> ServiceSettings:
    """The settings of a client that signs in under a name."""
    found: ServiceSettings = settings_for("postgresql://u:p@h/db", guarded.bootstrap, **way_in(name))
    return found


def way_in(name: str) -> dict[str, Any]:
    return {
        "kafka_security_protocol": "SASL_PLAINTEXT",
        "kafka_username": name,
        "kafka_password": password(name),
    }


async def test_the_rights_are_enough_for_every_service_to_do_its_work(
    platforms: Callable[..., Platform],
    new_database: Callable[[str], str],
    guarded: Guarded,
    rights: AccessSettings,
) -> None:
    broker = Broker(guarded.server, "kafka")
    topics = {service: kept_by(service) for service in SERVICES}
    bootstrap = guarded.bootstrap
    made = {}
    for service in SERVICES:
        url = new_database("access")
        migrations.upgrade(settings_for(url), PACKAGE)
        made[service] = platforms(url, broker, kafka_bootstrap=bootstrap, **way_in(service))
    relays = [Relay(made[service], topics[service]) for service in SERVICES]
    # Given the relay of each service under its own name, and the person index and the facts as consumers
    facts = TOPICS["registry.records"]
    readers = [
        consumer_of(made["registry"], facts, name="registry-person-index"),
        consumer_of(made["reporting"], facts, name="reporting-g1"),
    ]
    async with working(*(relay.run for relay in relays), *(reader.run for reader in readers)):
        for service in SERVICES:
            wanted = sum(topic.partitions for topic in topics[service])
            await eventually(partial(logs_of, made[service], wanted), deadline=90)
        # When registry hands a record on
        await accept(made["registry"], [event("registry.records", "s", 1, kind=TYPE)])
        # Then both consumers apply it
        for service in ("registry", "reporting"):
            await eventually(partial(applied_at_least, made[service], 1), deadline=60)


async def logs_of(platform: Platform, wanted: int) -> bool:
    return bool(await scalar(platform, "SELECT count(*) FROM relay_log") == wanted)


def kept_by(service: str) -> list[TopicLike]:
    """The topics of a service's relay."""
    read = [topic.name for topic in TOPICS.values() if service in receivers(topic.name)]
    return [*owned_by(service), *map(dead_letter_topic, read)]


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_writes_to_a_topic_that_is_not_his(
    guarded: Guarded, topics_there: None, name: str
) -> None:
    mine = set()
    async with producing(settings_as(guarded, name)) as producer:
        for topic in ALL:
            if await written(producer, topic):
                mine.add(topic)
    assert mine == may_write(name)


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_reads_a_topic_that_is_not_for_him(
    guarded: Guarded, topics_there: None, name: str
) -> None:
    seen = await readable(settings_as(guarded, name))
    # A service reads what it writes, too: the first record of a log tells whether it is still the same log.
    assert seen == may_read(name) | (may_write(name) if name in SERVICES else set())


async def test_a_right_that_is_no_longer_wanted_is_taken_away(
    guarded: Guarded, topics_there: None, rights: AccessSettings
) -> None:
    moved = rights.units[UNIT].model_copy(update={"services": ["incidents"]})
    without = await apply(rights.model_copy(update={"units": {UNIT: moved}}))
    async with producing(settings_as(guarded, UNIT)) as producer:
        assert not await written(producer, "submissions.treatment")
        assert await written(producer, "submissions.incidents")
    again = await apply(rights)
    assert (without.given, without.taken, again.given, again.taken) == (2, 2, 2, 2)
    assert (await apply(rights)).given == 0


async def test_whoever_has_no_name_is_not_let_in(guarded: Guarded) -> None:
    nameless = settings_for("postgresql://u:p@h/db", guarded.bootstrap)
    producer = clients.producer(nameless, "stranger")
    with pytest.raises(KafkaError):
        await asyncio.wait_for(producer.start(), 20)
    await producer.stop()


def may_write(name: str) -> set[str]:
    """By the contract: units to the submissions of their service, services to what they send and to dead letters."""
    if name == UNIT:
        return {"submissions.treatment"}
    if name not in SERVICES:
        return set()
    # A service marks the logs of its submissions topic, which it creates.
    own = {topic for topic in TOPICS if name in senders(topic) or TOPICS[topic].owner == name}
    return own | {TOPICS[topic].dlq for topic in TOPICS if name in receivers(topic)}


def may_read(name: str) -> set[str]:
    """By the contract: services what they consume, units what became of their submissions."""
    if name == UNIT:
        return {OUTCOMES}
    return {topic for topic in TOPICS if name in receivers(topic)}


@pytest.fixture
async def topics_there(guarded: Guarded, rights: AccessSettings) -> None:
    """Every topic exists, whichever test runs first."""
    settings = settings_for("postgresql://u:p@h/db", guarded.local)
    wanted: dict[str, TopicLike] = {topic.name: topic for service in SERVICES for topic in kept_by(service)}
    await provision(settings, list(wanted.values()), "test")


@asynccontextmanager
async def producing(settings: ServiceSettings) -> AsyncIterator[AIOKafkaProducer]:
    # Not an idempotent one: whoever may write nowhere gets no producer id, and is to be refused by the topics themselves.
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap, **signed_in(settings))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def signed_in(settings: ServiceSettings) -> dict[str, Any]:
    """How a client signs in."""
    found: dict[str, Any] = parse_security(clients.security(settings))
    return found


async def written(producer: AIOKafkaProducer, topic: str) -> bool:
    try:
        await asyncio.wait_for(producer.send_and_wait(topic, b"{}", partition=0), 20)
    except TopicAuthorizationFailedError:
        return False
    return True


async def readable(settings: ServiceSettings) -> set[str]:
    """The topics of all of which the broker gives this principal the first record, by one fetch of all of them.

    By the protocol itself: a consumer would ask again and again for what it is refused.
    """
    client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap, **signed_in(settings))
    await client.bootstrap()
    try:
        wanted = FetchRequest(100, 1, 1_000_000, 0, [(topic, [(0, 0, 1_000)]) for topic in ALL])
        answer = await asyncio.wait_for(client.send(client.get_random_node(), wanted), 20)
    finally:
        await client.close()
    codes = {topic: partitions[0][1] for topic, partitions in answer.topics}
    assert set(codes) == set(ALL)
    assert set(codes.values()) <= {NoError.errno, TopicAuthorizationFailedError.errno}
    return {topic for topic, code in codes.items() if code == NoError.errno}
