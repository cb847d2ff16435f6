"""One database into a file and back, with `pg_dump` and `pg_restore`; what was in it."""

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from deploy.backup.connecting import connected
from deploy.backup.events import Outbox, read_outbox
from deploy.embedded import postgres_program
from deploy.process import ProcessFailedError

ORDER = ("reporting", "registry", "treatment", "incidents")
"""The databases in the order in which they are dumped: whoever reads another's events comes before it.

So each dump of a reader is older than that of whom it reads: what the reader lacks is in the outbox of the other, from which
the empty log is filled, and is folded then. The other way round it would hold events that their own service does not know
(docs/adr/0020-order-of-a-backup.md).
"""

_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""


KEPT_TABLES = frozenset({"record", "record_version", "outbox", "audit", "closing", "disclosure_release"})
"""Tables from which the system never deletes a row: whoever has fewer than a back-up has lost some."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was in a database at one instant: rows of each table, as `schema.table`, and the events of its outbox."""

    at: datetime
    rows: dict[str, int]
    outbox: Outbox


def dump(url: str, file: Path, known_at: datetime) -> Contents:
    """Write the database into `file` (mode 0600) and return what is in it; ProcessFailedError where it cannot be.

    Rows and events are counted in the snapshot that the dump is made of, so the counts are those of the dump, whoever
    writes meanwhile. Events recorded up to `known_at` are counted apart.
    """
    with connected(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        found = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert found is not None
        contents = Contents(datetime.now(UTC), _count(connection), read_outbox(connection, known_at))
        file.touch(mode=0o600)
        _run("pg_dump", url, "--format=custom", f"--snapshot={found[0]}", f"--file={file}")
    return contents


def load(url: str, file: Path, *, owners: bool = True) -> dict[str, int]:
    """Fill an empty database from `file` and return the rows of each table in it then.

    `owners`: give each table to the role that had it, which must exist and which only a superuser may do.
    """
    mine = () if owners else ("--no-owner", "--no-privileges")
    _run("pg_restore", url, "--exit-on-error", "--jobs=2", *mine, str(file))
    with connected(url) as connection:
        connection.execute("ANALYZE")
        return _count(connection)


def count_rows(url: str) -> dict[str, int]:
    """Return the rows of each table of a database; ProcessFailedError where it cannot be reached."""
    with connected(url) as connection:
        return _count(connection)


def is_empty(url: str) -> bool:
    """Return True when the database has no table; ProcessFailedError where it cannot be reached."""
    with connected(url) as connection:
        return connection.execute(_TABLES).fetchone() is None


def _count(connection: psycopg.Connection) -> dict[str, int]:
    tables = connection.execute(_TABLES).fetchall()
    rows = {}
    for schema, table in tables:
        counted = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        ).fetchone()
        assert counted is not None
        rows[f"{schema}.{table}"] = int(counted[0])
    return rows


def _run(name: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on a database; its password goes by the environment, where others do not see it."""
    parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items() if value is not None}
    password = parts.pop("password", "")
    database = conninfo.make_conninfo("", **parts)
    done = subprocess.run(
        [postgres_program(name), "--no-password", f"--dbname={database}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"} | ({"PGPASSWORD": password} if password else {}),
    )
    if done.returncode != 0:
        raise ProcessFailedError(f"{name} ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
