"""The start of a stack, step by step, in a thread beside the supervisor's: servers, databases, services."""

import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import httpx
import psycopg

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.children import HttpProcess
from deploy.embedded.choice import usual_broker
from deploy.embedded.issuer import Issuer
from deploy.embedded.keeping import Keepable, Kept
from deploy.embedded.layout import (
    GATEWAY_PROCESS,
    SERVICE_PROCESSES,
    Layout,
    Options,
    ServiceProcess,
    gateway_environment,
    hashing_environment,
    issuer_command,
    service_command,
    service_environment,
)
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.saying import say
from deploy.embedded.secrets import load_secrets, load_signing_key
from deploy.embedded.state import GATEWAY, SERVICES, Broker, Stack
from deploy.kafka import KafkaServer, KafkaUnavailableError
from deploy.key_server import KEYS_PATH
from deploy.ports import LOOPBACK
from deploy.process import ProcessFailedError

_TICK_SECONDS = 0.05
_MIGRATION_SECONDS = 600.0
_ENDS_ALLOWED = 3
_POSTGRES_ASK_SECONDS = 5.0

Environment = Callable[[ServiceProcess], dict[str, str]]
"""The environment of a process."""


class BrokerServer(Keepable, Protocol):
    """A broker with an address for the services."""

    @property
    def bootstrap(self) -> str: ...


class StoppedError(Exception):
    """Somebody asked the stack to stop while it was starting."""


class Start:
    """One start of a stack, in a thread of its own: `failure` says why it failed, `done` that it succeeded.

    Servers are kept from their first moment on, so that what dies during the start is started again as at any other time.
    """

    def __init__(self, layout: Layout, stack: Stack, client: httpx.Client, changed: threading.Event) -> None:
        self.layout = layout
        self.stack = stack
        self.kept: dict[str, Kept] = {}
        self.failure: Exception | None = None
        self.done = False
        self._client = client
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="start", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """Stop the start and restart nothing; return when no step runs any more (or after 10 s)."""
        self._stopping.set()
        for kept in list(self.kept.values()):
            kept.release()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def choose_broker(self) -> Broker:
        """Return the broker that was asked for or ran here before; without either, choose one for good."""
        if self.stack.broker is None:
            self._step("looking for Apache Kafka")
            self.stack.broker, why = usual_broker()
            say(f"the broker is {self.stack.broker}: {why}")
        return self.stack.broker

    def make_broker(self, chosen: Broker) -> BrokerServer:
        """Return the broker of the stack, not started."""
        ports, log = self.stack.ports, self.layout.log("broker")
        if chosen == "kafka":
            return KafkaServer(self.layout.kafka, ports["kafka"], ports["kafka_controller"], log=log)
        return EmbeddedBroker(ports["kafka"], log)

    def _run(self) -> None:
        try:
            self._go()
            self.done = True
        except StoppedError:
            pass
        except (ProcessFailedError, KafkaUnavailableError, OSError, psycopg.Error) as failure:
            self.failure = failure
        except Exception as failure:  # noqa: BLE001  whatever it was, the main thread ends the stack with it
            traceback.print_exception(failure)
            self.failure = failure
        self._changed.set()

    def _go(self) -> None:
        chosen = self.choose_broker()
        ports = self.stack.ports
        self._start_issuer(ports["jwks"])
        self._step("starting PostgreSQL and the broker")
        postgres = PostgresServer(self.layout.postgres, log=self.layout.log("postgres"))
        broker = self.make_broker(chosen)
        self._keep("postgres", postgres, ask_seconds=_POSTGRES_ASK_SECONDS, hasty=False)
        self._keep("broker", broker)
        for name in ("postgres", "broker"):
            self._await(self.kept[name])
        self.stack.kafka_bootstrap = broker.bootstrap
        # Every service must find its tables in the new form, so all migrations end before any service starts.
        environment = self._prepare_databases(postgres, chosen, broker.bootstrap)
        self._step("starting the services")
        for spec in (*SERVICE_PROCESSES, *((GATEWAY_PROCESS,) if Options().pages else ())):
            port = ports[spec.port_name]
            process = service_command(
                spec.name, spec.service, spec.roles, self.layout, partial(environment, spec)
            )
            self._keep(spec.name, HttpProcess(process, f"http://{LOOPBACK}:{port}", self._client))

    def _start_issuer(self, port: int) -> None:
        """Start the issuer in a process of its own: it outlives a supervisor that is killed."""
        Issuer(self.layout.issuer_key)  # makes the key: whoever finds the stack may issue tokens at once
        url = f"http://{LOOPBACK}:{port}"
        client = f"http://{LOOPBACK}:{self.stack.ports['gateway']}"
        process = issuer_command(self.layout, port, client)
        self.stack.jwks_url = f"{url}{KEYS_PATH}"
        self._keep("issuer", HttpProcess(process, url, self._client))

    def _prepare_databases(self, postgres: PostgresServer, chosen: Broker, bootstrap: str) -> Environment:
        """Make roles and databases and migrate them; begin again where PostgreSQL died meanwhile."""
        kept = self.kept["postgres"]
        while True:
            restarts = kept.restarts
            try:
                environment = self._environment(postgres, chosen, bootstrap)
                self._step("bringing the databases up to date")
                self._migrate_all(environment)
            except (ProcessFailedError, psycopg.Error):
                # PostgreSQL's end is noticed within a tick; only a fault of the migration itself ends the start.
                if kept.ready and kept.restarts == restarts and postgres.answers():
                    raise
                self._await(kept)
            else:
                return environment

    def _environment(self, postgres: PostgresServer, chosen: Broker, bootstrap: str) -> Environment:
        secrets = load_secrets(self.layout.secrets)
        signing_key = load_signing_key(self.layout.signing_key, self.layout.signing_public_key)
        audit_keys = {name: load_signing_key(*self.layout.audit_key(name)) for name in SERVICES}
        urls = {
            name: postgres.ensure_service(name, secrets.services[name].database_password) for name in SERVICES
        }
        urls[GATEWAY] = postgres.ensure_service(GATEWAY, secrets.gateway.database_password)

        def environment(process: ServiceProcess) -> dict[str, str]:
            ports, service = self.stack.ports, process.service
            if process.roles == "hash":
                # Read anew at each start: a rotation of the linkage secret changes it while the stack runs.
                return hashing_environment(load_secrets(self.layout.secrets), ports[process.port_name])
            if service == GATEWAY:
                return gateway_environment(secrets, urls[GATEWAY], ports, self.stack.jwks_url or "")
            return service_environment(
                service,
                secrets=secrets,
                database_url=urls[service],
                broker=chosen,
                kafka_bootstrap=bootstrap,
                jwks_url=self.stack.jwks_url or "",
                http_port=ports[process.port_name],
                hashing_port=ports["hashing"],
                signing_key=signing_key,
                audit_key=audit_keys[service],
                backup_note=self.layout.last_backup,
            )

        return environment

    def _migrate_all(self, environment: Environment) -> None:
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            for done in [
                pool.submit(self._migrate, migration, environment(migration))
                for migration in (
                    ServiceProcess(f"{name}-migrate", name, "migrate", name) for name in SERVICES
                )
            ]:
                done.result()

    def _migrate(self, process: ServiceProcess, environment: dict[str, str]) -> None:
        command = service_command(process.name, process.service, process.roles, self.layout, environment)
        command.start()
        deadline = time.monotonic() + _MIGRATION_SECONDS
        while command.running:
            if time.monotonic() > deadline:
                command.kill()
            if self._stopping.wait(_TICK_SECONDS):
                command.kill()
                raise StoppedError
        if command.returncode != 0:
            raise ProcessFailedError(f"{command.name} {command.last_words()}")

    def _keep(self, name: str, subject: Keepable, *, ask_seconds: float = 1.0, hasty: bool = True) -> None:
        self._go_on()
        kept = Kept(name, subject, self.layout.log(name), self._changed, ask_seconds=ask_seconds, hasty=hasty)
        self.kept = self.kept | {name: kept}  # replaced whole: the supervisor reads it meanwhile
        kept.start()

    def _await(self, kept: Kept) -> None:
        """Return when it serves, without a time limit; ProcessFailedError when it ended too many times."""
        while not kept.ready:
            if kept.ends >= _ENDS_ALLOWED:
                raise ProcessFailedError(f"{kept.name}: {kept.last_words}")
            if self._stopping.wait(_TICK_SECONDS):
                raise StoppedError

    def _step(self, text: str) -> None:
        self._go_on()
        say(text)
        self.stack.step = text
        self._changed.set()

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise StoppedError
