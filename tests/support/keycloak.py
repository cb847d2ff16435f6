"""Keycloak as an office runs it, on loopback: fetched by Maven, with the realm that this project ships."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import platformdirs

from deploy.kafka.jars import resolve_java
from tests.support.system_tools import require
from tests.support.wait import wait_until

ROOT = Path(__file__).parents[2]
REALM_FILE = ROOT / "deploy/keycloak/realm.json"
VERSION = "26.7.3"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
"""Of the distribution's archive, wherever Maven got it from."""
_FETCH_SECONDS, _BUILD_SECONDS, _START_SECONDS = 600, 300, 300
# The two compilations that Java does by default cost more than this short life brings in.
_JAVA = {"JAVA_OPTS_GC": "-XX:+UseSerialGC", "JAVA_OPTS_APPEND": "-Xmx400m -XX:TieredStopAtLevel=1"}


class KeycloakUnavailableError(RuntimeError):
    """Keycloak cannot be had on this machine; the message says in one sentence what is missing."""


def distribution() -> Path:
    """Return the folder of Keycloak in the user's cache directory, fetched and built on first use (160 MB, a minute).

    Raises:
        KeycloakUnavailableError: Maven cannot reach its repository, or brought something else than was pinned.
        KafkaUnavailableError: there is no Java.
    """
    cache = Path(platformdirs.user_cache_dir("khopso"))
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / f"keycloak-{VERSION}-{SHA256[:12]}"
    with (cache / "keycloak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            fresh = Path(tempfile.mkdtemp(prefix="keycloak-", dir=cache))
            try:
                _fetch(fresh)
                made = fresh / f"keycloak-{VERSION}"
                _run(made, ["build", "--db=dev-mem"], {}, made / "build.log")
                made.rename(target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return target


def realm(people: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the realm of this project with people in it."""
    found: dict[str, Any] = json.loads(REALM_FILE.read_text(encoding="utf-8"))
    return found | {"users": [*people]}


@contextmanager
def running(
    folder: Path, port: int, realm: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[str]:
    """Run Keycloak with a realm and nothing stored; yield the address of the realm."""
    home = _home_of(folder / "home", distribution())
    (home / "data/import/realm.json").write_text(json.dumps(realm), encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    words = ["start", "--optimized", "--import-realm", "--http-enabled=true", "--http-host=127.0.0.1"]
    words += [f"--http-port={port}", f"--hostname={address}", "--cache=local"]
    issuer = f"{address}/realms/{realm['realm']}"
    with (folder / "keycloak.log").open("w") as log:
        process = subprocess.Popen(
            _command(home, words), env=_surroundings(environment), stdout=log, stderr=log
        )
        try:
            wait_until(
                lambda: process.poll() is not None or _answers(issuer),
                deadline=_START_SECONDS,
                message="Keycloak answers",
            )
            assert process.poll() is None, (folder / "keycloak.log").read_text()[-2_000:]
            yield issuer
        finally:
            process.terminate()
            process.wait(60)


def _home_of(home: Path, made: Path) -> Path:
    """Return a home with data of its own, and everything else from the distribution; the script looks beside itself."""
    (home / "data/import").mkdir(parents=True)
    shutil.copytree(made / "bin", home / "bin")
    for name in ("lib", "conf", "providers", "themes"):
        (home / name).symlink_to(made / name)
    return home


def _fetch(folder: Path) -> None:
    goal = [
        "dependency:copy",
        f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip",
        f"-DoutputDirectory={folder}",
        "-Dmdep.stripVersion=true",
    ]
    # As for Kafka's jars: errors alone, no questions, no file whose checksum is not the repository's own.
    command = [require("mvn"), "-q", "-B", "-C", *goal]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_FETCH_SECONDS, cwd=folder, check=False
    )
    if done.returncode != 0:
        raise KeycloakUnavailableError(
            f"Maven could not fetch Keycloak {VERSION}: {done.stdout[:500].strip()}"
        )
    archive = folder / "keycloak-quarkus-dist.zip"
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise KeycloakUnavailableError(
            f"Keycloak {VERSION} is not the file that was pinned (SHA-256 {found})."
        )
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()


def _run(home: Path, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    with log.open("w") as written:
        done = subprocess.run(
            _command(home, words),
            env=_surroundings(environment),
            stdout=written,
            stderr=written,
            timeout=_BUILD_SECONDS,
            check=False,
        )
    assert done.returncode == 0, log.read_text()[-2_000:]


def _command(home: Path, words: Sequence[str]) -> list[str]:
    return ["bash", str(home / "bin/kc.sh"), *words]


def _surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **_JAVA, "JAVA_HOME": str(resolve_java().parents[1]), **environment}


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=5).is_success
    except httpx.TransportError:
        return False
