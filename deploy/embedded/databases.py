"""The databases of an embedded stack, read and filled by back-ups."""

from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.embedded.files import write_private
from deploy.embedded.layout import Layout
from deploy.embedded.secrets import load_secrets
from deploy.embedded.state import SERVICES, Stack, write_stack
from deploy.process import kill_tree

_PROGRAMS = ("initdb", "postgres")

# A database client is loaded only by what needs one: every command of the command line imports this package.


def postgres_program(name: str) -> Path:
    """Return the path of a program of the PostgreSQL that the wheel brings, such as ``pg_dump``."""
    from deploy.embedded.postgres import program

    return program(name)


def database_urls(data_dir: Path) -> dict[str, str]:
    """Return service → URL of its database as superuser, for the system user that started the stack."""
    from deploy.embedded.postgres import PostgresServer

    server = PostgresServer(Layout(data_dir).postgres)
    return {name: server.admin_url(name) for name in SERVICES}


def read_secrets(data_dir: Path) -> dict[str, bytes]:
    """Return name → content of every secret file of the stack."""
    return {path.name: path.read_bytes() for path in Layout(data_dir).secret_files()}


def fill_data_dir(
    data_dir: Path, province: str, secrets: dict[str, bytes], fill: Callable[[str, str], None]
) -> None:
    """Make a data directory from secrets and databases that `fill(service, superuser's URL)` fills, none of them migrated.

    Raises:
        ProcessFailedError: PostgreSQL did not start; whatever `fill` raises is passed on. The directory is then unfinished.
    """
    from deploy.embedded.postgres import PostgresServer

    data_dir.mkdir(parents=True, mode=0o700)
    layout = Layout(data_dir)
    layout.logs.mkdir(mode=0o700)
    for name, content in secrets.items():
        write_private(data_dir / Path(name).name, content.decode())
    own = load_secrets(layout.secrets)
    with PostgresServer(layout.postgres, log=layout.log("postgres")) as server:
        for service in SERVICES:
            server.ensure_service(service, own.services[service].database_password)
            fill(service, server.admin_url(service))
    write_stack(data_dir, Stack(province=province))


def end_servers(data_dir: Path) -> None:
    """End what an interrupted `fill_data_dir` left running there: PostgreSQL, or the program that was making its files.

    They are found by their command lines, since no process id is stored while the files are being made.
    """
    place = str(Layout(data_dir).postgres)
    for process in psutil.process_iter():
        try:
            ours = process.name() in _PROGRAMS and place in process.cmdline()
        except psutil.Error:
            continue
        if ours:
            kill_tree(process.pid)
