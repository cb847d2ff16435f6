"""Kafka starts with Java's cache where there is one, and without a word where there is none."""

from pathlib import Path

import pytest

from deploy.kafka import recording, startup_cache

JAVA = Path("/usr/bin/java")


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of jars beside which a cache may be kept."""
    folder = tmp_path / "kafka-0123"
    folder.mkdir()
    monkeypatch.setattr(recording, "resolve_java", lambda: JAVA)
    monkeypatch.setattr(recording, "resolve_jars", lambda: folder)
    java_is(25, monkeypatch)
    return folder


def java_is(major: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_cache, "java_major", lambda _java: major)


def test_without_a_cache_java_gets_no_option(jars: Path) -> None:
    assert startup_cache.using(JAVA, jars) == []


def test_a_cache_beside_the_jars_is_used(jars: Path) -> None:
    file = startup_cache.place(JAVA, jars)
    assert file is not None
    assert file.parent == jars.parent
    file.touch()
    assert f"-XX:AOTCache={file}" in startup_cache.using(JAVA, jars)


def test_another_java_has_a_cache_of_its_own(jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    former = startup_cache.place(JAVA, jars)
    java_is(26, monkeypatch)
    assert startup_cache.place(JAVA, jars) not in (None, former)


def test_a_java_that_keeps_no_cache_neither_uses_nor_records_one(
    jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java_is(21, monkeypatch)
    assert startup_cache.using(JAVA, jars) == []
    assert recording.record() is None
    assert list(jars.parent.iterdir()) == [jars]


def test_a_cache_that_is_there_is_kept(jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = startup_cache.place(JAVA, jars)
    assert file is not None
    file.write_bytes(b"kept")
    # No Kafka could start from an empty folder.
    assert recording.record() == file
    assert file.read_bytes() == b"kept"
