"""A whole province on real parts for the fault tests: each role of each service is a process of its own.

`Province` starts PostgreSQL, a broker and twelve service processes, starts again what dies (as any supervisor
does), and lets a test kill, freeze and resume each of them. Its clients behave as real ones: who saw no answer
hands in the same rows again.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg

from contracts.forms import FORMS
from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.issuer import Issuer
from deploy.embedded.layout import Layout, hashing_environment, service_command, service_environment
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.secrets import load_secrets, load_signing_key
from deploy.embedded.state import SERVICES, Broker
from deploy.kafka.runtime import KafkaServer
from deploy.key_server import KeyServer
from deploy.ports import free_ports
from services.chassis.persistence import migrations
from tests.support.platform import settings_for
from tests.support.stack.currency import behind
from tests.support.stack.forked import ForkedProcess
from tests.support.stack.keeping import unit_of
from tests.support.stack.parts import DeadlineError, Part
from tests.support.stack.questions import canonical, name_of, questions

ROOT = Path(__file__).resolve().parents[3]
ROLES = ("api", "relay", "consume")
_SPARE_PORTS = 8  # for second processes of a role
OFFICIAL = ("committee:30", "official")
_RUNS = {"/v1/dlq": "operator", "/v1/consumers": "operator", "/v1/republish": "operator",
         "/v1/rebuild": "operator", "/v1/audit": "admin"}  # fmt: skip
"""Who looks after what, besides the official of the committee who asks about figures and closes periods."""


class Province:
    """One stack in one directory. ``split``: each role a process of its own, else one process per service.

    ``restore`` fills the empty database of a service, before it is migrated.
    """

    def __init__(
        self,
        data_dir: Path,
        broker: Broker = "kafka",
        *,
        split: bool = True,
        postgres_dir: Path | None = None,
        postgres_settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        restore: Callable[[str, str], None] = lambda service, url: None,
    ) -> None:
        self.layout = Layout(data_dir)
        self.flavour: Broker = broker
        self._split = split
        self._restore = restore
        # Services run in their data directory, so the project has to be found from there.
        self._extra = {
            "KHOPSO_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
            "KHOPSO_LEASE_SECONDS": "3",
            # A machine that runs two suites of stacks may keep a consumer from answering for long.
            "KHOPSO_CLOSING_WAIT_SECONDS": "45",
            # The stack's one token is as old as the stack.
            "KHOPSO_STEP_UP_SECONDS": "28800",
            "KHOPSO_PIN_SECONDS": "28800",
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        self.secrets = load_secrets(self.layout.secrets)
        self.issuer = Issuer(self.layout.issuer_key)
        ports = free_ports(4 + len(SERVICES) * len(ROLES) + _SPARE_PORTS)
        self.hashing_port = ports[3]
        self._ports = iter(ports[4:])
        self._jwks = KeyServer(self.issuer.public_jwks(), ports[0])
        self.postgres = PostgresServer(
            postgres_dir or self.layout.postgres, log=self.layout.log("postgres"), settings=postgres_settings
        )
        log = self.layout.log("broker")
        self.broker: KafkaServer | EmbeddedBroker = (
            KafkaServer(self.layout.kafka, ports[1], ports[2], log=log)
            if broker == "kafka"
            else EmbeddedBroker(ports[1], log)
        )
        self.parts: dict[tuple[str, str], Part] = {}
        self.database_urls: dict[str, str] = {}
        self.token = self.issuer.mint(*OFFICIAL, ttl_seconds=8 * 3600)
        self.client = httpx.Client(
            timeout=30, trust_env=False, headers={"authorization": f"Bearer {self.token}"}
        )
        self._over = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    # --- life ------------------------------------------------------------------------------------------------

    def start(self, deadline: float = 180.0) -> Self:
        """Start everything and return when every process is ready."""
        self.layout.logs.mkdir(parents=True, exist_ok=True)
        self._jwks.start()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda server: server.start(), (self.postgres, self.broker)))
        for name in SERVICES:
            password = self.secrets.services[name].database_password
            self.database_urls[name] = self.postgres.ensure_service(name, password)
            self._restore(name, self.database_urls[name])
            self._migrate(name)
        # Not one of registry's: a test that takes registry away still hands in persons to the others.
        self.parts["hashing", "hash"] = self._hashing_part()
        self.parts["hashing", "hash"].start()
        for service in SERVICES:
            for role in ROLES if self._split else ("all",):
                self.parts[service, role] = self.make_part(service, role)
                self.parts[service, role].start()
        self._watchdog.start()
        self.wait_ready(deadline)
        return self

    def make_part(self, service: str, role: str, name: str = "") -> Part:
        """A process of the service that is not started yet; ``name`` tells a second one of a role apart."""
        port = next(self._ports)
        name = name or f"{service}-{role}"
        return Part(
            service,
            role,
            service_command(
                name, service, role, self.layout, self._environment(service, port), ForkedProcess
            ),
            port,
        )

    def _hashing_part(self) -> Part:
        environment = {**hashing_environment(self.secrets, self.hashing_port), **self._extra}
        process = service_command("hashing", "registry", "hash", self.layout, environment, ForkedProcess)
        return Part("hashing", "hash", process, self.hashing_port)

    def wait_ready(self, deadline: float = 180.0) -> None:
        """Return when every wanted process is ready."""

        def unready() -> Iterator[str]:
            return (f"{key}: {part.process.log_tail(3)}" for key, part in self.parts.items()
                    if part.wanted and not part.ready())  # fmt: skip

        end = time.monotonic() + deadline
        # The first that is not ready is enough to know: asking all of them slows down those that are starting.
        while next(unready(), None) is not None:
            if time.monotonic() > end:
                raise DeadlineError(f"not ready within {deadline:.0f} s: {list(unready())}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop everything, the services first (frozen ones as well)."""
        for process in (self.broker.process, *(part.process for part in self.parts.values())):
            process.resume()
        self._over.set()
        if self._watchdog.is_alive():
            self._watchdog.join()
        with ThreadPoolExecutor(max(1, len(self.parts))) as pool:
            list(pool.map(lambda part: part.end(), self.parts.values()))
        self.broker.kill()
        self.postgres.stop()
        self._jwks.stop()
        self.client.close()

    @contextmanager
    def awake(self) -> Iterator[Self]:
        """Let a stack that is frozen most of the time run during the block: an idle one still costs the machine."""
        processes = [self.broker.process, *(part.process for part in self.parts.values())]
        for process in processes:
            process.resume()
        try:
            yield self
        finally:
            for process in processes:
                process.suspend()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def part(self, service: str, role: str) -> Part:
        """The process that plays a role."""
        return self.parts[service, role if self._split or service == "hashing" else "all"]

    def of(self, service: str) -> list[Part]:
        """Every process of a service."""
        return [part for part in self.parts.values() if part.service == service]

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return self.broker.bootstrap

    # --- clients ---------------------------------------------------------------------------------------------

    def url(self, service: str) -> str:
        return self.part(service, "api").url

    def get(
        self, service: str, path: str, params: Mapping[str, str] | None = None, deadline: float = 120.0
    ) -> Any:
        """The JSON answer to a GET, asked again while the service is away."""
        return self._ask("GET", f"{self.url(service)}{path}", deadline, params=params).json()

    def post(self, service: str, path: str, body: object = None, deadline: float = 120.0) -> Any:
        """The JSON answer to a POST, sent again while the service is away (so only for idempotent ones)."""
        return self._ask("POST", f"{self.url(service)}{path}", deadline, json=body).json()

    def hand_in(
        self,
        form: str,
        rows: Sequence[Mapping[str, object]],
        *,
        deadline: float = 180.0,
        refusals: bool = False,
    ) -> dict[str, Any]:
        """Hand in rows, each by a clerk of its unit: a batch again when no answer came. Refused rows are an error."""
        parts: dict[str, list[dict[str, object]]] = {}
        for number, values in enumerate(rows, 2):
            parts.setdefault(unit_of(form, values), []).append({"row": number, "values": values})
        whole: dict[str, Any] = {}
        for unit, numbered in parts.items():
            url = f"{self.url(owner_of(form))}/v1/forms/{form}/records"
            answer = self._ask(
                "POST", url, deadline, json={"rows": numbered}, headers=self.clerk(unit)
            ).json()
            if answer["refused"] and not refusals:
                raise AssertionError(f"{form} by {unit}: {answer['refused'][:5]}")
            # Numbers of rows and lists of faults of the parts; the form is the same in each.
            whole = {
                name: whole[name] + part if whole and name != "form" else part
                for name, part in answer.items()
            }
        return whole

    def clerk(self, unit: str) -> dict[str, str]:
        """The headers of a clerk of the unit, who states a purpose."""
        return {
            "authorization": f"Bearer {self.issuer.mint(unit, 'clerk')}",
            "khopso-purpose": "inspection",
        }

    def _ask(self, method: str, url: str, deadline: float, **arguments: Any) -> httpx.Response:
        end = time.monotonic() + deadline
        path = url.removeprefix("http://").partition("/")[2]
        role = next((role for start, role in _RUNS.items() if f"/{path}".startswith(start)), None)
        if role is not None:
            token = self.issuer.mint("committee:30", role)
            arguments = {"headers": {"authorization": f"Bearer {token}"}, **arguments}
        while True:
            try:
                answer = self.client.request(method, url, **arguments)
                if answer.status_code not in (502, 503, 504):
                    break
                reason = answer.text
            except httpx.TransportError as away:
                reason = repr(away)
            if time.monotonic() > end:
                raise DeadlineError(f"{method} {url}: no answer within {deadline:.0f} s ({reason})")
            time.sleep(0.05)
        if answer.status_code >= 400:
            raise AssertionError(f"{method} {url}: {answer.status_code} {answer.text[:600]}")
        return answer

    # --- state -----------------------------------------------------------------------------------------------

    def progress(self, service: str) -> dict[str, Any]:
        """The service's /v1/progress."""
        answer: dict[str, Any] = self.get(service, "/v1/progress")
        return answer

    def settled(self, deadline: float = 180.0) -> None:
        """Return when everything accepted so far is in the figures."""
        end, seconds = time.monotonic() + deadline, 0.05
        while found := behind(self.progress):
            if time.monotonic() > end:
                raise DeadlineError(f"not settled within {deadline:.0f} s: {found[:6]}")
            time.sleep(seconds)
            # Asked often, the services would have less of the processor for what is awaited.
            seconds = min(seconds * 1.5, 0.4)

    def figures(self, *, broad: bool) -> bytes:
        """Canonical JSON of a fixed set of figures."""
        return canonical(
            {
                name_of(code, params): self.get("reporting", f"/v1/figures/{code}", params)
                for code, params in questions(broad)
            }
        )

    def sql(self, database: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a query as superuser, for checks from the outside."""
        with psycopg.connect(self.postgres.admin_url(database), autocommit=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def logs(self) -> dict[str, str]:
        """Everything that the processes of this stack have written, by name."""
        return {
            path.stem: path.read_text("utf-8", "replace") for path in sorted(self.layout.logs.glob("*.log"))
        }

    # --- inside ----------------------------------------------------------------------------------------------

    def _environment(self, service: str, port: int) -> dict[str, str]:
        return {
            **service_environment(
                service,
                secrets=self.secrets,
                database_url=self.database_urls[service],
                broker=self.flavour,
                kafka_bootstrap=self.broker.bootstrap,
                jwks_url=self._jwks.url,
                http_port=port,
                hashing_port=self.hashing_port,
                signing_key=load_signing_key(self.layout.signing_key, self.layout.signing_public_key),
            ),
            **self._extra,
        }

    def _migrate(self, service: str) -> None:
        # As the role ``migrate`` does it, without a process of its own, whose imports cost twenty times as much.
        settings = settings_for(self.database_urls[service], service=service)
        migrations.upgrade(settings, f"services.{service}")

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            for part in list(self.parts.values()):
                part.keep_running()


def owner_of(form: str) -> str:
    """The service that owns a form."""
    return FORMS[form].service
