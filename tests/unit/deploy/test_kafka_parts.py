"""What Apache Kafka needs, and that its absence is told in one sentence."""

import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from deploy.kafka import KafkaCluster, KafkaServer, KafkaUnavailableError, jars
from deploy.kafka.probe import known_brokers
from deploy.ports import free_ports


def properties(server: KafkaServer) -> dict[str, str]:
    return dict(line.split("=", 1) for line in server._properties().splitlines())


def test_without_maven_it_says_so_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(KafkaUnavailableError, match=r"^[^.]*Maven[^.]*\.$"):
        jars.resolve_jars(tmp_path)
    assert not list(tmp_path.glob("kafka-*"))


def test_a_failed_download_leaves_nothing_half_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        target = Path(command[-1].split("=", 1)[1])
        (target / "half.jar").write_bytes(b"PK")
        return subprocess.CompletedProcess(command, 1, "[ERROR] Could not transfer artifact\n", "")

    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/mvn")
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(KafkaUnavailableError, match="Could not transfer artifact"):
        jars.resolve_jars(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kafka.lock"]


def test_jars_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[list[str]] = []

    def fetch(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        runs.append(command)
        (Path(command[-1].split("=", 1)[1]) / "kafka.jar").write_bytes(b"PK")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/mvn")
    monkeypatch.setattr(subprocess, "run", fetch)
    first = jars.resolve_jars(tmp_path)
    assert jars.resolve_jars(tmp_path) == first
    assert (first / "kafka.jar").exists()
    assert len(runs) == 1
    assert str(jars.POM) in runs[0]


def test_an_old_java_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_java_major", lambda _java: 11)
    with pytest.raises(KafkaUnavailableError, match="Java 17 or newer"):
        jars.resolve_java()


def test_the_pom_names_the_broker_and_pins_every_version() -> None:
    space = "{http://maven.apache.org/POM/4.0.0}"
    root = ElementTree.parse(jars.POM).getroot()
    artifacts = {
        found.findtext(f"{space}artifactId"): found.findtext(f"{space}version")
        for found in root.iter(f"{space}dependency")
    }
    assert "kafka_2.13" in artifacts
    assert all(artifacts.values())


def test_a_single_server_creates_no_topics_by_itself_and_keeps_its_log() -> None:
    found = properties(KafkaServer(Path("/data"), 20000, 20001))
    assert found["auto.create.topics.enable"] == "false"
    assert found["log.retention.ms"] == "-1"
    assert found["min.insync.replicas"] == "1"
    assert found["controller.quorum.voters"] == "1@127.0.0.1:20001"


def test_three_nodes_agree_on_voters_and_survive_one(tmp_path: Path) -> None:
    cluster = KafkaCluster(tmp_path)
    found = [properties(node) for node in cluster.nodes]
    assert len({p["controller.quorum.voters"] for p in found}) == 1
    assert {p["node.id"] for p in found} == {"1", "2", "3"}
    assert {(p["default.replication.factor"], p["min.insync.replicas"]) for p in found} == {("3", "2")}
    assert len(cluster.bootstrap.split(",")) == 3


def test_a_port_where_nobody_answers_has_no_brokers() -> None:
    assert known_brokers(free_ports(1)[0], 0.5) == 0


@pytest.mark.parametrize("answer", [b"", struct.pack(">i", 2) + b"xx", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_port_where_something_else_answers_has_no_brokers(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert known_brokers(server.getsockname()[1], 1.0) == 0
        thread.join()
