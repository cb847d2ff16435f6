"""One database into a file and back: the counts are those of the dump, and a role of its own suffices to load it elsewhere."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from deploy.backup import dump, is_empty, load, outbox_of
from deploy.embedded.postgres import PostgresServer
from deploy.ports import free_ports
from deploy.process import ProcessFailedError

_PASSWORD = "secret of /@: registry"
_NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
_OUTBOX = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid DEFAULT gen_random_uuid(), topic text,
    key text, subject text DEFAULT 'r', sequence bigint DEFAULT 1, payload bytea, recorded_at timestamptz, name text)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    # Not under pytest's own directory, which is closed to the user that PostgreSQL runs as.
    with (
        tempfile.TemporaryDirectory(prefix="khopso-dumps-") as name,
        PostgresServer(Path(name) / "pg") as running,
    ):
        yield running


@pytest.fixture(scope="module")
def filled(server: PostgresServer) -> str:
    """A database of a service with two tables in two schemas."""
    url = server.ensure_service("registry", _PASSWORD)
    with psycopg.connect(url) as connection:
        connection.execute(_OUTBOX)
        connection.execute("CREATE SCHEMA g1")
        connection.execute("CREATE TABLE g1.cell (value int)")
        connection.execute("INSERT INTO outbox (name) VALUES ('Nguyễn Văn Mẫu'), ('b')")
    return url


def test_what_is_dumped_comes_back_with_its_owner_its_counts_and_its_next_number(
    server: PostgresServer, filled: str, tmp_path: Path
) -> None:
    file = tmp_path / "registry.dump"
    contents = dump(filled, file, _NOW)
    assert contents.rows == {"g1.cell": 0, "public.outbox": 2}
    assert file.stat().st_mode & 0o077 == 0
    mine = server.ensure_service("registry", _PASSWORD, "again")
    assert load(server.admin_url("again"), file) == contents.rows
    with psycopg.connect(mine) as connection:
        added = connection.execute("INSERT INTO outbox (name) VALUES ('c') RETURNING id").fetchone()
        kept = connection.execute("SELECT name FROM outbox WHERE id = 1").fetchone()
    assert (added, kept) == ((3,), ("Nguyễn Văn Mẫu",))


def test_a_role_that_is_no_superuser_loads_a_dump_into_its_own_empty_database(
    server: PostgresServer, filled: str, tmp_path: Path
) -> None:
    file = tmp_path / "registry.dump"
    contents = dump(filled, file, _NOW)
    other = server.ensure_service("elsewhere", _PASSWORD)
    assert is_empty(other)
    assert load(other, file, owners=False) == contents.rows
    assert not is_empty(other)


def test_a_damaged_dump_is_an_error_that_shows_no_password(
    server: PostgresServer, filled: str, tmp_path: Path
) -> None:
    file = tmp_path / "registry.dump"
    dump(filled, file, _NOW)
    file.write_bytes(file.read_bytes()[:200])
    url = server.ensure_service("damaged", _PASSWORD)
    with pytest.raises(ProcessFailedError, match="pg_restore") as failed:
        load(url, file, owners=False)
    assert _PASSWORD not in str(failed.value)


def test_a_server_that_is_away_is_an_error_that_shows_no_password(tmp_path: Path) -> None:
    url = f"postgresql://registry:{quote(_PASSWORD, safe='')}@127.0.0.1:{free_ports(1)[0]}/registry"
    for ask in (lambda: dump(url, tmp_path / "registry.dump", _NOW), lambda: is_empty(url)):
        with pytest.raises(ProcessFailedError, match="OperationalError") as failed:
            ask()
        assert _PASSWORD not in str(failed.value)
    assert not (tmp_path / "registry.dump").exists()


def test_the_events_of_an_outbox_are_told_apart_by_id_content_and_time_of_record(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.ensure_service("events", _PASSWORD)
    add = "INSERT INTO outbox (topic, payload, recorded_at) VALUES (%s, %s, %s)"
    with psycopg.connect(url) as connection:
        connection.execute(_OUTBOX)
        connection.execute(add, ["incidents.fires", b"1", _NOW])
        connection.execute(add, ["incidents.fires", b"2", _NOW + timedelta(seconds=1)])
        connection.execute(add, ["incidents.fires.dlq", b"3", _NOW])
    held = dump(url, tmp_path / "events.dump", _NOW).outbox
    assert (held.last, list(held.topics)) == (2, ["incidents.fires"])
    assert (held.of("incidents.fires").count, held.of("incidents.fires").before) == (2, 1)
    with psycopg.connect(url) as connection:
        connection.execute(add, ["incidents.fires", b"4", _NOW])
        connection.execute("UPDATE outbox SET name = 'sent'")
    # Up to the last position nothing has changed, whatever came since.
    assert outbox_of(url, _NOW, held.last) == held
    assert outbox_of(url, _NOW).of("incidents.fires").count == 3
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE outbox SET payload = 'x' WHERE id = 1")
    changed = outbox_of(url, _NOW, held.last).of("incidents.fires")
    assert changed.ids == held.of("incidents.fires").ids
    assert changed.content != held.of("incidents.fires").content
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE outbox SET event_id = gen_random_uuid() WHERE id = 1")
    assert outbox_of(url, _NOW, held.last).of("incidents.fires").ids != held.of("incidents.fires").ids
