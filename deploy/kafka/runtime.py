"""Apache Kafka in KRaft mode from its jars: one node, or a cluster of them on the loopback address.

Used by `khopso up --broker kafka` and by the tests that need a real broker. The log is durable: a server started
again on the same directory has what it had.
"""

import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from deploy.kafka.probe import known_brokers
from deploy.kafka.startup_cache import using
from deploy.ports import LOOPBACK, free_ports
from deploy.process import ManagedProcess, SingleProcess, Startable

# One office's load never pays back what Java's second compiler and its parallel collector cost at every start.
_FRUGAL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

_LOG4J = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.kafka.name = org.apache.kafka
logger.kafka.level = error
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


def new_cluster_id() -> str:
    """Return a random cluster id in Kafka's own form: 22 base64url characters, the first of them no dash.

    One in 64 would begin with a dash, which Kafka's own tools then take for an option.
    """
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return made


class KafkaServer(SingleProcess, Startable):
    """One broker and controller on the loopback address.

    `voters` maps node id to controller port for every node of the cluster; alone by default. `settings` override
    the ones below; `users` (name: password) are known by SCRAM-SHA-512 from the first start on; `java_options` are
    those of the server's own Java. Times in seconds.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int,
        controller_port: int,
        node_id: int = 1,
        voters: Mapping[int, int] | None = None,
        *,
        cluster_id: str | None = None,
        heap_mib: int = 512,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        java_options: Sequence[str] = (),
        stop_seconds: float = 20.0,
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.port = port
        self.controller_port = controller_port
        self.node_id = node_id
        self.voters = dict(voters or {node_id: controller_port})
        self._wanted_cluster_id = cluster_id
        self._heap_mib = heap_mib
        self._settings = dict(settings or {})
        self._users = dict(users or {})
        self._java_options = list(java_options)
        # Its command is known at the launch: java and the jars are looked up only by whoever runs it.
        super().__init__(
            ManagedProcess(
                f"kafka-{node_id}",
                [],
                log=log or self.data_dir / "kafka.log",
                env=self._environment(),
                stop_seconds=stop_seconds,
            )
        )

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def start(self, deadline_seconds: float = 90.0, *, wait: bool = True) -> None:
        """Format the log on first use, start, and (with `wait`) return when it serves; ProcessFailedError otherwise."""
        self.launch()
        if wait:
            self.wait_ready(deadline_seconds)

    def launch(self) -> None:
        """Format the log on first use, start, and return without waiting for it."""
        if self.running:
            return
        java, jars = resolve_java(), resolve_jars()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        (self.data_dir / "log4j2.properties").write_text(_LOG4J)
        properties = self.data_dir / "server.properties"
        properties.write_text(self._properties())
        if not (self.data_dir / "log" / "meta.properties").exists():
            self._format(java, jars, properties)
        options = [f"-Xmx{self._heap_mib}m", "-Xms64m", "-XX:+ExitOnOutOfMemoryError", *self._java_options]
        self.process.argv = self._java(java, jars, options, ["kafka.Kafka", str(properties)])
        super().launch()

    def probe(self) -> Literal["ready", "alive"]:
        """Return whether it serves now. Reading a long log takes time, so without an answer it counts as alive."""
        return "ready" if self._serves() else "alive"

    def wait_ready(self, deadline_seconds: float = 90.0) -> None:
        """Return when the broker lists as many brokers as the cluster has a majority of."""
        self.process.wait_ready(self._serves, deadline_seconds)

    def restart(self) -> None:
        """Stop when running, start on the same log."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Delete the log of a stopped server: it starts again with an empty log."""
        if self.running:
            raise RuntimeError("stop the server before wiping its log")
        shutil.rmtree(self.data_dir / "log", ignore_errors=True)

    def _serves(self) -> bool:
        return known_brokers(self.port) >= len(self.voters) // 2 + 1

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self.data_dir)}

    def _java(self, java: Path, jars: Path, options: Sequence[str], main: Sequence[str]) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.data_dir / 'log4j2.properties'}"
        return [str(java), *_FRUGAL, *using(java, jars), *options, logging, "-cp", f"{jars}/*", *main]

    def _format(self, java: Path, jars: Path, properties: Path) -> None:
        cluster = self._wanted_cluster_id or new_cluster_id()
        main = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        for name, password in self._users.items():
            main += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        command = self._java(java, jars, ["-Xmx128m"], main)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, env=self._environment()
        )
        if done.returncode != 0:
            raise KafkaUnavailableError(
                f"Kafka could not format {self.data_dir}: {(done.stderr or done.stdout).strip()}"
            )

    def _properties(self) -> str:
        copies = min(3, len(self.voters))
        # One less than all copies: a cluster goes on writing while one of its nodes is down.
        in_sync = max(1, copies - 1)
        settings = {
            "process.roles": "broker,controller",
            "node.id": self.node_id,
            "controller.quorum.voters": ",".join(
                f"{n}@{LOOPBACK}:{p}" for n, p in sorted(self.voters.items())
            ),
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self.data_dir / "log",
            # A misspelt topic must fail, not appear.
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "transaction.state.log.num.partitions": 8,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            # A group of a few local consumers is complete at once; three seconds of waiting have no use.
            "group.initial.rebalance.delay.ms": 100,
            # The page cache survives a killed broker; at most one second of it is lost with the machine's power.
            "log.flush.interval.ms": 1000,
            "log.flush.scheduler.interval.ms": 1000,
            # Registers are read again from the first event when a service is rebuilt: no event may expire.
            "log.retention.ms": -1,
            # A broker killed and started again must not wait nine seconds for its old registration to expire.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "message.max.bytes": 10_485_760,
            "replica.fetch.max.bytes": 10_485_760,
            "controlled.shutdown.enable": "true" if len(self.voters) > 1 else "false",
        } | self._settings
        return "".join(f"{name}={value}\n" for name, value in settings.items())


class KafkaCluster(Startable):
    """Several nodes on loopback, for faults that need a majority to survive (three by default)."""

    def __init__(self, data_dir: Path, nodes: int = 3, *, heap_mib: int = 256) -> None:
        ports = free_ports(2 * nodes)
        voters = {n + 1: ports[nodes + n] for n in range(nodes)}
        cluster_id = new_cluster_id()
        self.nodes = [
            KafkaServer(
                Path(data_dir) / f"node-{n + 1}",
                ports[n],
                ports[nodes + n],
                n + 1,
                voters,
                cluster_id=cluster_id,
                heap_mib=heap_mib,
            )
            for n in range(nodes)
        ]

    @property
    def bootstrap(self) -> str:
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self, deadline_seconds: float = 120.0) -> None:
        for node in self.nodes:
            # No node is ready before a majority runs: waiting for the first one here would never end.
            node.start(wait=False)
        for node in self.nodes:
            node.wait_ready(deadline_seconds)

    def stop(self) -> None:
        """Stop all nodes; the last ones are killed, since without a majority they cannot leave in good order."""
        for node in self.nodes[: len(self.nodes) // 2]:
            node.stop()
        for node in self.nodes:
            node.kill()
