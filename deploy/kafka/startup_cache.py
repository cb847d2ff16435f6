"""Where Java keeps what it has learnt of Kafka's classes, so that a start need not load and check them anew.

The cache is Java's own (JEP 514, from Java 25 on), beside the jars. Java compares it with its own version and with the jars when
it starts, and does without it where they differ. Measured: a start and the formatting before it took 7.9 seconds of the
processor without it and 3.3 with it. `deploy.kafka.recording` makes it.
"""

from pathlib import Path

from deploy.kafka.jars import java_major

MINIMUM_JAVA = 25
WITHOUT_CODE = ("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTAdapterCaching", "-XX:-AOTStubCaching")
"""Options with which Java keeps classes alone: machine code of one start did not fit the next, and Java complained of each piece."""


def place(java: Path, jars: Path) -> Path | None:
    """Return the file of the cache for this Java and these jars; None where Java is too old to keep one."""
    major = java_major(java)
    return jars.with_name(f"{jars.name}-java-{major}.aot") if major >= MINIMUM_JAVA else None


def using(java: Path, jars: Path) -> list[str]:
    """Return Java's options for a start with the cache; none where there is no cache."""
    file = place(java, jars)
    return [*WITHOUT_CODE, f"-XX:AOTCache={file}"] if file is not None and file.is_file() else []
