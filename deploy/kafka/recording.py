"""Makes Java's start-up cache of Kafka: starts a server once, has Java note what it loads, and keeps that beside the jars."""

import shutil
import tempfile
from pathlib import Path

from deploy.kafka.jars import resolve_jars, resolve_java
from deploy.kafka.runtime import KafkaServer
from deploy.kafka.startup_cache import WITHOUT_CODE, place
from deploy.ports import free_ports

_STOP_SECONDS = 300.0
"""Java writes the cache when it ends: some 15 seconds of the processor."""


def record() -> Path | None:
    """Return the file of the cache, made if it is not there; None where this Java keeps none or could not write it.

    It appears in one rename, so that no start reads half of it.

    Raises:
        KafkaUnavailableError: Java or the jars cannot be had.
        ProcessFailedError: the server did not come up.
    """
    jars = resolve_jars()
    file = place(resolve_java(), jars)
    if file is None or file.is_file():
        return file
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=jars.parent) as folder:
        made = Path(folder) / "cache.aot"
        port, controller_port = free_ports(2)
        server = KafkaServer(
            Path(folder) / "data",
            port,
            controller_port,
            java_options=[*WITHOUT_CODE, f"-XX:AOTCacheOutput={made}"],
            stop_seconds=_STOP_SECONDS,
        )
        server.start()
        server.stop()
        if not made.is_file():
            return None
        shutil.move(made, file)
    return file
