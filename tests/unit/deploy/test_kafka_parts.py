"""What Apache Kafka needs, and that its absence is told in one sentence."""

import hashlib
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
from deploy.kafka.runtime import new_cluster_id
from deploy.ports import free_ports


def properties(server: KafkaServer) -> dict[str, str]:
    return dict(line.split("=", 1) for line in server._properties().splitlines())


def test_without_maven_it_says_so_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(KafkaUnavailableError, match=r"^[^.]*Maven[^.]*\.$"):
        jars.resolve_jars(tmp_path)
    assert not list(tmp_path.glob("kafka-*"))


class Maven:
    """Stands for Maven: copies these files where it is told to, and counts how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], status: int = 0) -> None:
        self.runs: list[list[str]] = []
        self._status, self._files = status, files
        monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/mvn")
        monkeypatch.setattr(subprocess, "run", self._run)

    def _run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.runs.append(command)
        for name, content in self._files.items():
            (Path(command[-1].split("=", 1)[1]) / f"{name}.jar").write_bytes(content)
        said = "[ERROR] Could not transfer artifact\n" if self._status else ""
        return subprocess.CompletedProcess(command, self._status, said, "")


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory for jars of which two are pinned."""
    pins = tmp_path / "pins"
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}.jar\n" for name, content in JARS.items())
    pins.write_text("".join(lines), encoding="ascii")
    monkeypatch.setattr(jars, "PINS", pins)
    return tmp_path / "cache"


JARS = {"kafka": b"PK kafka", "scala": b"PK scala"}


def test_a_failed_download_leaves_nothing_half_filled(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Maven(monkeypatch, {"half": b"PK"}, status=1)
    with pytest.raises(KafkaUnavailableError, match="Could not transfer artifact"):
        jars.resolve_jars(pinned)
    assert [path.name for path in pinned.iterdir()] == ["kafka.lock"]


def test_jars_are_fetched_once(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = Maven(monkeypatch, JARS)
    first = jars.resolve_jars(pinned)
    assert jars.resolve_jars(pinned) == first
    assert {path.name for path in first.iterdir()} == {"kafka.jar", "scala.jar"}
    assert len(maven.runs) == 1
    assert str(jars.POM) in maven.runs[0]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {**JARS, "scala": b"PK scala, changed"},
            r"scala\.jar is not the file that was pinned \(SHA-256 [0-9a-f]{64}, ",
        ),
        ({"kafka": b"PK kafka"}, r"missing: scala\.jar; unknown: none"),
        ({**JARS, "more": b"PK"}, r"missing: none; unknown: more\.jar"),
        ({}, r"missing: kafka\.jar, scala\.jar"),
    ],
)
def test_jars_that_were_not_pinned_are_refused_and_not_kept(
    pinned: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], said: str
) -> None:
    Maven(monkeypatch, files)
    with pytest.raises(KafkaUnavailableError, match=said):
        jars.resolve_jars(pinned)
    assert [path.name for path in pinned.iterdir()] == ["kafka.lock"]


def test_a_change_of_pins_asks_for_the_jars_again(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = Maven(monkeypatch, JARS)
    before = jars.resolve_jars(pinned)
    lines = jars.PINS.read_text(encoding="ascii").splitlines(keepends=True)
    jars.PINS.write_text("".join(reversed(lines)), encoding="ascii")
    assert jars.resolve_jars(pinned) != before
    assert len(maven.runs) == 2


def test_pins_are_written_from_what_maven_brings(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Maven(monkeypatch, {**JARS, "more": b"PK more"})
    jars.pin()
    assert set(jars.read_pins()) == {"kafka.jar", "more.jar", "scala.jar"}
    jars.resolve_jars(pinned)


def test_the_committed_pins_are_those_of_the_poms_versions() -> None:
    version = ElementTree.parse(jars.POM).getroot().findtext(".//{*}kafka.version")
    pins = jars.read_pins()
    assert {f"kafka_2.13-{version}.jar", f"kafka-clients-{version}.jar"} <= set(pins)
    assert all(len(digest) == 64 and int(digest, 16) for digest in pins.values())
    assert len(pins) > 40


def test_an_old_java_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "java_major", lambda _java: 11)
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


def test_no_cluster_id_looks_like_an_option_to_kafkas_own_tools() -> None:
    made = [new_cluster_id() for _ in range(2_000)]
    assert {len(one) for one in made} == {22}
    assert not [one for one in made if one.startswith("-")]
