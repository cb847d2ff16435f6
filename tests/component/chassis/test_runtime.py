"""A service process: starts, becomes ready, works, goes down in good order, and fails loudly."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.issuer import Issuer
from deploy.embedded.state import AUDIENCE, ISSUER
from deploy.key_server import KeyServer
from deploy.ports import free_ports
from tests.support.asking import status_of
from tests.support.fixtures import Broker
from tests.support.platform import environment_of, settings_for
from tests.support.wait import wait_until

FIRE = {"incident_no": "C-1", "commune_code": "10513", "alarm_at": "05/03/2023 08:15", "place": "dwelling"}
ROOT = Path(__file__).parents[3]


class Stack:
    """What one service process needs, and ways to start it."""

    def __init__(self, url: str, broker: Broker, folder: Path) -> None:
        self.issuer = Issuer(folder / "issuer.json")
        jwks_port, self.port = free_ports(2)
        self.jwks = KeyServer(self.issuer.public_jwks(), jwks_port)
        self.jwks.start()
        settings = settings_for(
            url,
            broker.bootstrap,
            broker.flavour,
            service="incidents",
            http_port=self.port,
            jwks_url=self.jwks.url,
            token_issuer=ISSUER,
            token_audience=AUDIENCE,
        )
        self.environment = {"PATH": os.environ["PATH"]} | environment_of(settings)

    def run(self, *roles: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*roles),
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def running(self, *roles: str, **changes: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            self._command(*roles), env=self.environment | changes, cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()

    def client(self) -> httpx.Client:
        token = self.issuer.mint(unit="police:30", area="30", role="clerk")
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {token}"}
        )

    def answers(self, path: str, status: int = 200) -> bool:
        return status_of(f"http://127.0.0.1:{self.port}{path}") == status

    @staticmethod
    def _command(*roles: str) -> list[str]:
        return [sys.executable, "-m", "services.incidents", *roles]


@pytest.fixture
def stack(new_database: Callable[[str], str], embedded_broker: Broker, tmp_path: Path) -> Iterator[Stack]:
    made = Stack(new_database("incidents"), embedded_broker, tmp_path)
    yield made
    made.jwks.stop()


@pytest.mark.embedded
@pytest.mark.slow
def test_a_process_waits_for_its_migrations_then_works_and_stops_in_good_order(stack: Stack) -> None:
    with stack.running("all") as process, stack.client() as client:
        wait_until(lambda: stack.answers("/live"), deadline=40)
        waiting = client.get("/ready").json()["waiting_for"]
        assert "migrations" in waiting
        assert stack.run("migrate").returncode == 0
        wait_until(lambda: stack.answers("/ready"), deadline=30)

        assert client.post("/v1/forms/fires", json=FIRE, params={"unit": "police:10513"}).status_code == 201
        operator = {"Authorization": f"Bearer {stack.issuer.mint(unit='committee:30', role='operator')}"}
        progress: Callable[[], Any] = lambda: client.get("/v1/progress", headers=operator).json()  # noqa: E731
        wait_until(lambda: progress()["outbox"]["unsent"] == 0 and progress()["outbox"]["sent"], deadline=20)

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert '"event": "stopped"' in process.stderr.read()


@pytest.mark.embedded
@pytest.mark.slow
def test_a_process_that_only_consumes_serves_health_and_metrics_and_no_register(stack: Stack) -> None:
    assert stack.run("migrate").returncode == 0
    with stack.running("relay,consume"), stack.client() as client:
        wait_until(lambda: stack.answers("/ready"), deadline=40)
        assert client.get("/v1/forms").status_code == 404
        assert "khopso_relay_active 1.0" in client.get("/metrics").text


@pytest.mark.embedded
@pytest.mark.slow
def test_what_waits_is_measured_while_the_broker_is_away(stack: Stack) -> None:
    assert stack.run("migrate").returncode == 0
    nowhere = {"KHOPSO_KAFKA_BOOTSTRAP": f"127.0.0.1:{free_ports(1)[0]}"}
    with stack.running("api,relay", **nowhere), stack.client() as client:
        wait_until(lambda: stack.answers("/ready"), deadline=40)
        assert client.post("/v1/forms/fires", json=FIRE, params={"unit": "police:10513"}).status_code == 201
        wait_until(lambda: "khopso_outbox_unsent_events 1.0" in client.get("/metrics").text, deadline=20)

        def age() -> float:
            (line,) = [
                line
                for line in client.get("/metrics").text.splitlines()
                if line.startswith("khopso_outbox_oldest_unsent_age_seconds ")
            ]
            return float(line.split()[1])

        before = age()
        wait_until(lambda: age() > before, deadline=10)


@pytest.mark.embedded
def test_wrong_roles_are_wrong_use(stack: Stack) -> None:
    for roles in (["nonsense"], [], ["migrate", "api"]):
        assert stack.run(*roles).returncode == 2


@pytest.mark.embedded
@pytest.mark.slow
def test_a_port_that_is_taken_ends_the_process_with_a_failure(stack: Stack) -> None:
    async def taken() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", stack.port)
        async with server:
            done = await asyncio.to_thread(stack.run, "api")
        assert done.returncode != 0

    asyncio.run(taken())
