"""The files of a stack, the ports that it uses and the environment in which its services run."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.embedded.secrets import StackSecrets
from deploy.embedded.state import AUDIENCE, CLIENT_ID, GATEWAY, ISSUER, PERSON_SERVICES, SERVICES, Broker
from deploy.ports import LOOPBACK, free_ports, is_free
from deploy.process import ManagedProcess
from reference import province

PORT_NAMES = (*SERVICES, "hashing", "reporting_consume", GATEWAY, "jwks", "kafka", "kafka_controller")
# 3 s of the graceful time are for a Kafka client to leave, 4 s for the relay; 3 s more to close (tests/architecture).
DRAIN_SECONDS, GRACEFUL_SECONDS, STOP_SECONDS = 5, 12, 16

_SECRET_FILES = ("secrets*.json", "*key*.json", "*key*.pem")


class Surroundings(BaseSettings):
    """What a child process needs of the machine, which province it serves, and where its traces go.

    Nothing else of the caller's environment reaches a service.
    """

    model_config = SettingsConfigDict(extra="ignore")

    path: str = Field(default="/usr/local/bin:/usr/bin:/bin")
    home: str = Field(default="/")
    khopso_otlp_endpoint: str | None = None

    def as_environment(self) -> dict[str, str]:
        traced = {"KHOPSO_OTLP_ENDPOINT": self.khopso_otlp_endpoint} if self.khopso_otlp_endpoint else {}
        return {
            "PATH": self.path,
            "HOME": self.home,
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "KHOPSO_PROVINCE": province().setting,
        } | traced


class Options(BaseSettings):
    """What a stack runs: `KHOPSO_PAGES`, whether the gateway and with it the pages (yes, if nothing is said)."""

    model_config = SettingsConfigDict(env_prefix="KHOPSO_", extra="ignore", frozen=True)

    pages: bool = True

    def as_environment(self) -> dict[str, str]:
        """Return the variables that make the same options."""
        return {"KHOPSO_PAGES": str(self.pages)}


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one data directory."""

    data_dir: Path

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def kafka(self) -> Path:
        return self.data_dir / "kafka"

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets.json"

    @property
    def issuer_key(self) -> Path:
        return self.data_dir / "issuer-key.json"

    @property
    def public_keys(self) -> Path:
        """Return the file of the issuer's public keys, which releases up to 0.3.0 made."""
        return self.data_dir / "issuer-keys.json"

    @property
    def signing_key(self) -> Path:
        return self.data_dir / "closing-key.pem"

    @property
    def signing_public_key(self) -> Path:
        return self.data_dir / "closing-key.pub.pem"

    @property
    def last_backup(self) -> Path:
        """Return where `khopso backup` notes the last one, for the services to say."""
        return self.data_dir / "last-backup.json"

    def audit_key(self, service: str) -> tuple[Path, Path]:
        """Return both halves of the key with which a service signs the heads of its audit."""
        return self.data_dir / f"audit-key-{service}.pem", self.data_dir / f"audit-key-{service}.pub.pem"

    def secret_files(self) -> list[Path]:
        """Return every file with a secret: without them nobody can read the databases, or parts of them."""
        found = {path for pattern in _SECRET_FILES for path in self.data_dir.glob(pattern)}
        return sorted(path for path in found if ".pub." not in path.name and path != self.public_keys)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def choose_ports(known: dict[str, int]) -> dict[str, int]:
    """Return a port for every name: the one it had before while that is free, else a new one."""
    kept = {name: port for name, port in known.items() if name in PORT_NAMES and is_free(port)}
    missing = [name for name in PORT_NAMES if name not in kept]
    return kept | dict(zip(missing, free_ports(len(missing), frozenset(kept.values())), strict=True))


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """One process of a service: which roles it plays and on which port it answers."""

    name: str
    service: str
    roles: str
    port_name: str


SERVICE_PROCESSES = (
    # The only process with the linkage secret; hand-ins with persons wait for it, so it starts first.
    ServiceProcess("hashing", "registry", "hash", "hashing"),
    ServiceProcess("registry", "registry", "all", "registry"),
    ServiceProcess("treatment", "treatment", "all", "treatment"),
    ServiceProcess("incidents", "incidents", "all", "incidents"),
    # Folding events must not slow down the answers, so the projector has a process of its own.
    ServiceProcess("reporting", "reporting", "api,relay", "reporting"),
    ServiceProcess("reporting-consume", "reporting", "consume", "reporting_consume"),
)
# It migrates its own database: nobody else waits for that, and one process less has to start.
GATEWAY_PROCESS = ServiceProcess(GATEWAY, GATEWAY, "all", GATEWAY)


def service_environment(
    service: str,
    *,
    secrets: StackSecrets,
    database_url: str,
    broker: Broker,
    kafka_bootstrap: str,
    jwks_url: str,
    http_port: int,
    hashing_port: int,
    signing_key: str | None = None,
    audit_key: str | None = None,
    backup_note: Path | None = None,
) -> dict[str, str]:
    """Return the whole environment of one service process (names: services/chassis/runtime/settings.py).

    ``signing_key`` (the office's, PEM) reaches `reporting` alone: it is what closes periods. ``audit_key`` (PEM) is the
    service's own. ``backup_note`` is where the last back-up is noted.
    """
    own = secrets.services[service]
    # A service that does not close periods does not need the office's key, and cannot leak what it does not have.
    own_secrets = {"KHOPSO_SIGNING_KEY": signing_key} if signing_key and service == "reporting" else {}
    if audit_key:
        own_secrets["KHOPSO_AUDIT_SIGNING_KEY"] = audit_key
    if backup_note:
        own_secrets["KHOPSO_BACKUP_NOTE"] = str(backup_note)
    if service in PERSON_SERVICES:
        own_secrets["KHOPSO_HASHING_URL"] = f"http://{LOOPBACK}:{hashing_port}"
        own_secrets["KHOPSO_HASHING_KEY"] = secrets.hashing_keys[service]
    return (
        own_secrets
        | Surroundings().as_environment()
        | {
            "KHOPSO_SERVICE": service,
            "KHOPSO_DATABASE_URL": database_url,
            "KHOPSO_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "KHOPSO_KAFKA_FLAVOUR": broker,
            "KHOPSO_HTTP_HOST": LOOPBACK,
            "KHOPSO_HTTP_PORT": str(http_port),
            "KHOPSO_JWKS_URL": jwks_url,
            "KHOPSO_TOKEN_ISSUER": ISSUER,
            "KHOPSO_TOKEN_AUDIENCE": AUDIENCE,
            "KHOPSO_DIGEST_KEY": own.digest_key,
            "KHOPSO_FIELD_KEYS": json.dumps(own.field_keys),
            "KHOPSO_FIELD_KEY_CURRENT": own.field_key_current,
            "KHOPSO_SUBMISSION_PRIVATE_KEY": own.submission_private_key,
        }
        | _time_to_stop()
    )


def hashing_environment(secrets: StackSecrets, http_port: int) -> dict[str, str]:
    """Return the whole environment of the hashing process: the linkage secret and who may ask, nothing of any service."""
    return (
        Surroundings().as_environment()
        | {
            "KHOPSO_HTTP_HOST": LOOPBACK,
            "KHOPSO_HTTP_PORT": str(http_port),
            "KHOPSO_LINKAGE_SECRET": secrets.linkage_secret,
            "KHOPSO_LINKAGE_EPOCH": str(secrets.linkage_epoch),
            "KHOPSO_HASHING_KEYS": json.dumps(secrets.hashing_keys),
        }
        | ({"KHOPSO_LINKAGE_SECRET_NEXT": following} if (following := secrets.linkage_secret_next) else {})
        | _time_to_stop()
    )


def gateway_environment(
    secrets: StackSecrets, database_url: str, ports: Mapping[str, int], jwks_url: str
) -> dict[str, str]:
    """Return the whole environment of the gateway: no broker, no key of any service, nothing of the hashing process."""
    own = secrets.gateway
    return (
        Surroundings().as_environment()
        | {
            "KHOPSO_SERVICE": GATEWAY,
            "KHOPSO_DATABASE_URL": database_url,
            "KHOPSO_HTTP_HOST": LOOPBACK,
            "KHOPSO_HTTP_PORT": str(ports[GATEWAY]),
            "KHOPSO_FIELD_KEYS": json.dumps(own.field_keys),
            "KHOPSO_FIELD_KEY_CURRENT": own.field_key_current,
            "KHOPSO_JWKS_URL": jwks_url,
            "KHOPSO_TOKEN_ISSUER": ISSUER,
            "KHOPSO_TOKEN_AUDIENCE": AUDIENCE,
            "KHOPSO_PUBLIC_URL": f"http://{LOOPBACK}:{ports[GATEWAY]}",
            "KHOPSO_OIDC_ISSUER": f"http://{LOOPBACK}:{ports['jwks']}",
            "KHOPSO_OIDC_CLIENT_ID": CLIENT_ID,
        }
        | {f"KHOPSO_{name.upper()}_URL": f"http://{LOOPBACK}:{ports[name]}" for name in SERVICES}
        | _time_to_stop()
    )


def _time_to_stop() -> dict[str, str]:
    return {
        "KHOPSO_DRAIN_SECONDS": str(DRAIN_SECONDS),
        "KHOPSO_GRACEFUL_SECONDS": str(GRACEFUL_SECONDS),
        "KHOPSO_STOP_GRACE_SECONDS": str(STOP_SECONDS),
    }


def issuer_command(layout: Layout, port: int, client: str) -> ManagedProcess:
    """Return the process of the token issuer; ``client`` is the address of the gateway, where people sign in."""
    return ManagedProcess(
        "issuer",
        [sys.executable, "-m", "deploy.embedded.issuing", layout.issuer_key, str(port), client],
        log=layout.log("issuer"),
        env=Surroundings().as_environment(),
        cwd=layout.data_dir,
        stop_seconds=2.0,
    )


def service_command(
    name: str,
    service: str,
    roles: str,
    layout: Layout,
    environment: Mapping[str, str] | Callable[[], Mapping[str, str]],
    kind: type[ManagedProcess] = ManagedProcess,
) -> ManagedProcess:
    """Return the process `python -m services.<service> <roles>`, with its log in the data directory."""
    return kind(
        name,
        [sys.executable, "-m", f"services.{service}", roles],
        log=layout.log(name),
        env=environment,
        cwd=layout.data_dir,
        stop_seconds=STOP_SECONDS,
    )
