"""The daemon behind `khopso up`: starts a stack, restarts what dies, stops it in order.

`python -m deploy.embedded.supervisor --data-dir DIR [--broker embedded|kafka]`; SIGTERM stops the stack.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import httpx
import psutil

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.children import Child, end_processes, say
from deploy.embedded.choice import usual_broker
from deploy.embedded.issuer import Issuer, JwksServer
from deploy.embedded.layout import (
    SERVICE_PROCESSES,
    Layout,
    choose_ports,
    service_command,
    service_environment,
)
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.secrets import load_secrets, load_signing_key
from deploy.embedded.state import (
    SERVICES,
    AlreadyLockedError,
    Broker,
    Phase,
    entry_of,
    hold_lock,
    read_stack,
    write_stack,
)
from deploy.kafka import KafkaServer, KafkaUnavailableError
from deploy.ports import LOOPBACK
from deploy.process import ProcessFailedError
from reference import province

_TICK_SECONDS = 0.2
_READY_EVERY_SECONDS = 1.0
_MIGRATION_SECONDS = 120.0
_LOG_LIMIT_BYTES = 20_000_000


class Startable(Protocol):
    """A server of the stack that the services stand on."""

    @property
    def running(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class _StopRequested(Exception):  # noqa: N818 - not an error
    """Somebody asked the stack to stop while it was starting."""


class Supervisor:
    """One stack in one data directory."""

    def __init__(self, data_dir: Path, broker: Broker | None) -> None:
        self.layout = Layout(data_dir)
        self.stack = read_stack(data_dir)
        if broker is not None:
            self.stack.broker = broker
        self._stop = threading.Event()
        self._servers: dict[str, Startable] = {}
        self._children: list[Child] = []
        self._jwks: JwksServer | None = None
        # Calls go to the loopback address only; a proxy from the environment would get in the way.
        self._client = httpx.Client(timeout=2.0, trust_env=False)
        self._next_check = 0.0

    def request_stop(self) -> None:
        self._stop.set()

    def run(self) -> int:
        """Start, watch until asked to stop, stop. 0 after an orderly stop, 1 when the start failed.

        Whatever happens, nothing that was started stays behind.
        """
        phase: Phase = "failed"
        try:
            self._start()
            self._watch()
            phase = "stopped"
        except _StopRequested:
            phase = "stopped"
        except (ProcessFailedError, KafkaUnavailableError, OSError) as failure:
            say(f"failed: {failure}")
            self.stack.error = str(failure)
        finally:
            self._shut_down(phase)
        return 0 if phase == "stopped" else 1

    def _start(self) -> None:
        # A killed supervisor's services may still hold the ports and the broker's data.
        self._end_leftovers()
        self.layout.logs.mkdir(parents=True, exist_ok=True)
        self._trim_logs()
        self._announce_start()
        chosen = self._choose_broker()
        secrets = load_secrets(self.layout.secrets)
        signing_key = load_signing_key(self.layout.signing_key, self.layout.signing_public_key)
        audit_keys = {name: load_signing_key(*self.layout.audit_key(name)) for name in SERVICES}
        ports = self.stack.ports
        self._jwks = JwksServer(Issuer(self.layout.issuer_key), ports["jwks"])
        self._jwks.start()
        self.stack.jwks_url = self._jwks.url

        self._step("starting PostgreSQL and the broker")
        postgres = PostgresServer(self.layout.postgres, log=self.layout.log("postgres"))
        broker = self._make_broker(chosen)
        self._servers = {"postgres": postgres, "broker": broker}
        with ThreadPoolExecutor(len(self._servers)) as pool:
            for done in [pool.submit(server.start) for server in self._servers.values()]:
                done.result()
        self.stack.kafka_bootstrap = broker.bootstrap
        urls = {
            name: postgres.ensure_service(name, secrets.services[name].database_password) for name in SERVICES
        }

        def environment(service: str, port: int) -> dict[str, str]:
            return service_environment(
                service,
                secrets=secrets,
                database_url=urls[service],
                broker=chosen,
                kafka_bootstrap=broker.bootstrap,
                jwks_url=self.stack.jwks_url or "",
                http_port=port,
                signing_key=signing_key,
                audit_key=audit_keys[service],
            )

        # Every service must find its tables in the new form, so all migrations end before any service starts.
        self._step("bringing the databases up to date")
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            migrations = [
                pool.submit(self._migrate, name, environment(name, ports[name])) for name in SERVICES
            ]
            for migration in migrations:
                migration.result()
        self._step("starting the services")
        for spec in SERVICE_PROCESSES:
            port = ports[spec.port_name]
            process = service_command(
                spec.name, spec.service, spec.roles, self.layout, environment(spec.service, port)
            )
            child = Child(spec, process, port)
            self._children.append(child)
            child.start()
        self._publish()

    def _announce_start(self) -> None:
        stack = self.stack
        stack.phase, stack.error, stack.processes = "starting", None, {}
        stack.supervisor = entry_of(os.getpid(), self.layout.log("supervisor"))
        stack.province = province().area_uid
        stack.ports = choose_ports(stack.ports)
        stack.urls = {name: f"http://{LOOPBACK}:{stack.ports[name]}" for name in SERVICES}
        stack.issuer_key = str(self.layout.issuer_key)
        stack.logs = str(self.layout.logs)
        self._step("starting")

    def _choose_broker(self) -> Broker:
        """Return the broker that was asked for or ran here before; without either, choose one for good."""
        if self.stack.broker is None:
            self._step("looking for Apache Kafka")
            self.stack.broker, why = usual_broker()
            say(f"the broker is {self.stack.broker}: {why}")
        return self.stack.broker

    def _make_broker(self, chosen: Broker) -> EmbeddedBroker | KafkaServer:
        ports, log = self.stack.ports, self.layout.log("broker")
        if chosen == "kafka":
            return KafkaServer(self.layout.kafka, ports["kafka"], ports["kafka_controller"], log=log)
        return EmbeddedBroker(ports["kafka"], log)

    def _migrate(self, service: str, environment: dict[str, str]) -> None:
        command = service_command(f"{service}-migrate", service, "migrate", self.layout, environment)
        command.start()
        deadline = time.monotonic() + _MIGRATION_SECONDS
        while command.running:
            if self._stop.is_set() or time.monotonic() > deadline:
                command.kill()
                raise ProcessFailedError(f"the migration of {service} did not end: {command.log_tail()}")
            time.sleep(0.02)
        if command.returncode != 0:
            raise ProcessFailedError(
                f"the migration of {service} failed ({command.returncode}): {command.log_tail()}"
            )

    def _watch(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            changed = self._keep_servers()
            for child in self._children:
                changed |= child.keep_running()
            if time.monotonic() >= self._next_check:
                self._next_check = time.monotonic() + _READY_EVERY_SECONDS
                for child in self._children:
                    changed |= child.check(self._client)
                # During a start people wait for it, so readiness is asked for more often.
                if self.stack.phase == "starting":
                    self._next_check = time.monotonic() + _TICK_SECONDS
                    changed |= self._note_running()
            if changed:
                self._publish()

    def _note_running(self) -> bool:
        if not all(child.ready for child in self._children):
            return False
        self.stack.phase, self.stack.step = "running", ""
        say("running")
        return True

    def _keep_servers(self) -> bool:
        changed = False
        for name, server in self._servers.items():
            if server.running:
                continue
            changed = True
            say(f"{name} died: starting it again")
            try:
                server.start()
            except ProcessFailedError as failure:
                say(str(failure))
                # One that runs but never answered would count as running, and nobody would start it again.
                server.kill()
        return changed

    def _step(self, text: str) -> None:
        if self._stop.is_set():
            raise _StopRequested
        say(text)
        self.stack.step = text
        self._publish()

    def _publish(self) -> None:
        """Write down what runs, so that anybody can find it, or end it after a crash of this process."""
        entries = {}
        running: list[tuple[str, int | None, Path, int, bool]] = [
            (name, server.pid if server.running else None, self.layout.log(name), 0, True)
            for name, server in self._servers.items()
        ]
        running += [
            (child.spec.name, child.process.pid, child.process.log, child.restarts, child.ready)
            for child in self._children
            if child.process.running
        ]
        for name, pid, log, restarts, ready in running:
            if pid is None:
                continue
            try:
                entry = entry_of(pid, log, restarts)
            # It may have ended since it was asked for its pid; what is gone is not written down.
            except psutil.NoSuchProcess:
                continue
            entries[name] = entry.model_copy(update={"ready": ready})
        self.stack.processes = entries
        write_stack(self.layout.data_dir, self.stack)

    def _shut_down(self, phase: Phase) -> None:
        """Services first (they drain), then the broker, then PostgreSQL. Each has its own budget."""
        say("stopping")
        self.stack.phase, self.stack.step = "stopping", "stopping"
        self._publish()
        # Services still write while they drain, so what they write to must go after them.
        self._in_parallel([child.process.stop for child in self._children])
        for name in ("broker", "postgres"):
            if name in self._servers:
                self._servers[name].stop()
        if self._jwks is not None:
            self._jwks.stop()
        self._client.close()
        stack = self.stack
        stack.phase, stack.step, stack.supervisor, stack.processes = phase, "", None, {}
        write_stack(self.layout.data_dir, stack)
        say(phase)

    def _in_parallel(self, actions: list[Callable[[], object]]) -> None:
        if actions:
            with ThreadPoolExecutor(len(actions)) as pool:
                for done in [pool.submit(action) for action in actions]:
                    done.result()

    def _end_leftovers(self) -> None:
        """End what a supervisor that was killed left running (PostgreSQL clears up after itself)."""
        left = [
            process
            for name, entry in self.stack.processes.items()
            if name != "postgres" and (process := entry.alive()) is not None
        ]
        end_processes(left, seconds=15.0)

    def _trim_logs(self) -> None:
        for log in self.layout.logs.glob("*.log"):
            # The supervisor's own log is open in this process: renamed, it would go on growing under the old name.
            if log.name != "supervisor.log" and log.stat().st_size > _LOG_LIMIT_BYTES:
                log.replace(log.with_suffix(".log.1"))


def main() -> int:
    """Entry point of the daemon."""
    parser = argparse.ArgumentParser(prog="deploy.embedded.supervisor")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--broker", choices=["embedded", "kafka"])
    given = parser.parse_args()
    # Logs and keys in the data directory are for its owner alone.
    os.umask(0o077)
    data_dir = given.data_dir.absolute()
    try:
        with hold_lock(data_dir):
            supervisor = Supervisor(data_dir, given.broker)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: supervisor.request_stop())
            return supervisor.run()
    except AlreadyLockedError:
        say("another supervisor runs this data directory")
        return 0


if __name__ == "__main__":
    sys.exit(main())
