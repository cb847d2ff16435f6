"""The embedded PostgreSQL: services shut off from each other, data that survives a kill, stale files cleared."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.compose_env import environment
from deploy.embedded.postgres import VERSION, PostgresServer
from deploy.embedded.state import SERVICES

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place() -> Iterator[Path]:
    # Not under pytest's own directory, which is closed to the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="khopso-pg-") as name:
        yield Path(name)


@pytest.fixture
def server(place: Path) -> Iterator[PostgresServer]:
    with PostgresServer(place / "pg") as running:
        yield running


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def refused(url: str) -> str:
    with pytest.raises(psycopg.OperationalError) as failure:
        psycopg.connect(url)
    return str(failure.value)


def test_each_service_reaches_its_own_database_and_no_other(server: PostgresServer) -> None:
    urls = {name: server.ensure_service(name, f"secret of {name} /@:") for name in SERVICES}
    for name, url in urls.items():
        assert fetch(url, "SELECT current_user, current_database()") == [(name, name)]
        for other in (*SERVICES, "postgres", "template1"):
            if other != name:
                assert "permission denied" in refused(
                    server.service_url(name, f"secret of {name} /@:", other)
                )
        assert "password authentication failed" in refused(server.service_url(name, "guessed"))
        assert fetch(
            url, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ) == [(False,)]


def test_a_password_can_be_changed_and_nothing_is_made_twice(server: PostgresServer) -> None:
    server.ensure_service("registry", "first")
    url = server.ensure_service("registry", "second")
    assert fetch(url, "SELECT 1") == [(1,)]
    refused(server.service_url("registry", "first"))


def test_it_listens_on_no_network_and_sorts_the_same_everywhere(server: PostgresServer) -> None:
    assert psutil.Process(server.pid).net_connections(kind="inet") == []
    found = fetch(
        server.admin_url(),
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('password_encryption'),"
        " current_setting('fsync'), (SELECT datlocprovider::text FROM pg_database WHERE datname = 'postgres')",
    )
    assert found == [(VERSION, "scram-sha-256", "on", "b")]


def test_what_was_committed_survives_a_kill(server: PostgresServer) -> None:
    url = server.ensure_service("registry", "secret")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (138)")
    server.kill()
    assert not server.running
    server.start()
    assert fetch(url, "SELECT value FROM kept") == [(138,)]


def test_a_server_whose_owner_died_is_taken_over(server: PostgresServer) -> None:
    url = server.ensure_service("registry", "secret")
    orphan = psutil.Process(server.pid)
    with PostgresServer(server.data_dir) as heir:
        assert not server.running
        assert heir.pid != orphan.pid
        assert fetch(url, "SELECT 1") == [(1,)]


def test_a_stale_pid_file_that_names_a_stranger_harms_nobody(place: Path) -> None:
    server = PostgresServer(place / "pg")
    server.start()
    server.stop()
    (server.data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data_dir}\n")
    with server:
        assert server.answers()
    assert not (server.data_dir / "postmaster.pid").exists()


def test_a_long_path_gets_a_short_socket(place: Path) -> None:
    deep = place / ("x" * 60) / ("y" * 60) / "pg"
    with PostgresServer(deep) as server:
        assert server.answers()
        assert server.socket_dir != server.data_dir
    assert not server.socket_dir.exists()


def test_the_script_of_the_container_makes_the_same_closed_databases(server: PostgresServer) -> None:
    values = environment()
    script = ROOT / "deploy/postgres/init-services.sh"
    variables = {name: value for name, value in values.items() if name.endswith("_DB_PASSWORD")} | {
        "PATH": f"{server.process.argv[0].rsplit('/', 1)[0]}:{os.defpath}",
        "PGHOST": str(server.socket_dir),
        "POSTGRES_USER": "postgres",
    }
    subprocess.run(["bash", str(script)], env=variables, check=True, capture_output=True, timeout=60)
    for name in SERVICES:
        password = values[f"{name.upper()}_DB_PASSWORD"]
        assert fetch(server.service_url(name, password), "SELECT current_user") == [(name,)]
        other = SERVICES[SERVICES.index(name) - 1]
        assert "permission denied" in refused(server.service_url(name, password, other))
    missing = subprocess.run(
        ["bash", str(script)],
        env=variables | {"REGISTRY_DB_PASSWORD": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert missing.returncode != 0
    assert "REGISTRY_DB_PASSWORD is not set" in missing.stderr
