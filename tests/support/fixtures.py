"""Fixtures shared by the suites: PostgreSQL, both brokers, databases of a test's own."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.postgres import PostgresServer
from deploy.kafka import KafkaServer
from deploy.ports import free_ports
from services.chassis.http import exporting
from services.chassis.persistence import migrations
from tests.support.databases import copy
from tests.support.platform import PACKAGE, settings_for
from tests.support.stack.lanes import running_kafka

_numbers = itertools.count(1)
# The page cache survives a killed server; only a machine without power would notice.
_TEST_POSTGRES = {"fsync": "off", "max_connections": "200", "shared_buffers": "64MB"}


@dataclass(frozen=True)
class Broker:
    """A broker that may be killed, started again with its log, and started again without it."""

    server: KafkaServer | EmbeddedBroker
    flavour: str

    @property
    def bootstrap(self) -> str:
        return self.server.bootstrap

    def kill(self) -> None:
        self.server.kill()

    def start(self) -> None:
        self.server.start()

    def lose_log(self) -> None:
        """Killed and back on the same port with nothing of what it had."""
        self.server.kill()
        if isinstance(self.server, KafkaServer):
            self.server.wipe()
        self.server.start()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """Where the spans of a test end (`tests.support.traces.recording`)."""
    return InMemorySpanExporter()


@pytest.fixture
def no_reading_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift how many people an office may look at in an hour: for tests of what is found; the limit has its own."""
    monkeypatch.setattr(exporting, "at_once", lambda *_: 1_000_000)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for the whole run."""
    with PostgresServer(tmp_path_factory.mktemp("postgres") / "data", settings=_TEST_POSTGRES) as server:
        yield server


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A server that the test may kill."""
    with PostgresServer(tmp_path / "postgres", settings=_TEST_POSTGRES) as server:
        yield server


@pytest.fixture
def new_database(postgres: PostgresServer) -> Iterator[Callable[[str], str]]:
    """Makes an empty database with a role of its own; returns its URL."""
    made: list[str] = []

    def make(name: str = "db") -> str:
        made.append(f"{name}_{next(_numbers)}")
        return postgres.ensure_service(made[-1], "secret")

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def service_template(postgres: PostgresServer) -> Callable[[str], str]:
    """The name of a migrated database of a service, and of its role; made when it is first asked for."""

    @cache
    def template_of(service: str) -> str:
        name = f"{service}_template"
        url = postgres.ensure_service(name, "secret")
        migrations.upgrade(settings_for(url, service=service), f"services.{service}")
        return name

    return template_of


@pytest.fixture
def migrated_database(
    postgres: PostgresServer, service_template: Callable[[str], str]
) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a service at its newest revision; returns its URL."""
    made: list[str] = []

    def make(service: str) -> str:
        made.append(f"{service}_{next(_numbers)}")
        template = service_template(service)
        copy(postgres, template, made[-1], template)
        return postgres.service_url(template, "secret", made[-1])

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def sample_template(postgres: PostgresServer) -> str:
    """The name of a migrated database of the sample service, to copy from."""
    url = postgres.ensure_service("sample", "secret", "sample_template")
    migrations.upgrade(settings_for(url), PACKAGE)
    return "sample_template"


@pytest.fixture
def database_url(postgres: PostgresServer, sample_template: str) -> Iterator[str]:
    """A database of the sample service, migrated."""
    name = f"sample_{next(_numbers)}"
    copy(postgres, sample_template, name, "sample")
    yield postgres.service_url("sample", "secret", name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The embedded broker, shared: tests use topics of their own."""
    with EmbeddedBroker(free_ports(1)[0], tmp_path_factory.mktemp("broker") / "log") as server:
        yield Broker(server, "embedded")


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka, shared: tests use topics of their own. Skips where it cannot be had."""
    yield from _kafka(tmp_path_factory.mktemp("kafka"))


def _kafka(folder: Path) -> Iterator[Broker]:
    port, controller_port = free_ports(2)
    server = KafkaServer(folder / "data", port, controller_port)
    with running_kafka(server):
        yield Broker(server, "kafka")


BROKERS = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each test on both brokers, shared."""
    found: Broker = request.getfixturevalue(f"{request.param}_broker")
    return found


@pytest.fixture(params=BROKERS)
def own_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """Each test on both brokers, one of its own that it may kill."""
    if request.param == "kafka":
        yield from _kafka(tmp_path)
        return
    with EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log") as server:
        yield Broker(server, "embedded")
