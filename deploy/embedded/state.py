"""The state of a stack: its data directory, and `stack.json` in it, which says what runs where."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import platformdirs
import psutil
from pydantic import BaseModel, Field, ValidationError

from deploy.embedded.files import write_private
from deploy.process import is_alive
from texts import message

SERVICES = ("registry", "treatment", "incidents", "reporting")
GATEWAY = "gateway"
"""The process that serves the pages' door; its database is its own, and holds sessions only."""
CLIENT_ID = "khopso-gateway"
"""The gateway's name at the issuer."""
PERSON_SERVICES = ("registry", "treatment", "incidents")
"""Those whose forms hold identity: they alone may ask the hashing process."""
ISSUER = "khopso-local"
AUDIENCE = "khopso"
Broker = Literal["embedded", "kafka"]
Phase = Literal["starting", "running", "stopping", "stopped", "failed"]
ProcessState = Literal["down", "starting", "ready", "silent"]
"""It does not run; it runs and has not served yet; it serves; it runs, has served, and does not now."""


def default_data_dir() -> Path:
    """Return where the stack lives when nobody says otherwise: under the user's data directory."""
    return Path(platformdirs.user_data_dir("khopso"))


class ProcessEntry(BaseModel):
    """One process of the stack. `started` is its creation time (seconds since 1970), so a reused pid is seen.

    `since`: when it came into its state. Of a process that is down, `pid` and `started` are 0.
    """

    pid: int
    started: float
    log: str
    restarts: int = 0
    state: ProcessState = "starting"
    since: float = 0.0

    @property
    def ready(self) -> bool:
        """Return True when it served when it was last asked."""
        return self.state == "ready"

    def alive(self) -> psutil.Process | None:
        """Return the running process with this pid if it is still the same one; None otherwise."""
        return find_process(self.pid, self.started) if self.pid else None


class Stack(BaseModel):
    """The content of `stack.json`. Ports and broker outlive the processes: the next start uses them again.

    `broker` is None until the first start has chosen one. `province` is the area uid of the province whose data the directory holds, blank before the first start.
    """

    version: int = 1
    phase: Phase = "stopped"
    step: str = ""
    error: str | None = None
    broker: Broker | None = None
    province: str = ""
    supervisor: ProcessEntry | None = None
    processes: dict[str, ProcessEntry] = Field(default_factory=dict)
    ports: dict[str, int] = Field(default_factory=dict)
    urls: dict[str, str] = Field(default_factory=dict)
    pages_url: str | None = None
    kafka_bootstrap: str | None = None
    jwks_url: str | None = None
    issuer: str = ISSUER
    audience: str = AUDIENCE
    issuer_key: str | None = None
    logs: str | None = None

    def serves(self, area_uid: str) -> bool:
        """Return whether the directory holds the data of that province, or of none yet."""
        return self.province in ("", area_uid)

    @property
    def supervised(self) -> bool:
        """Return True while the supervisor that wrote this runs."""
        return self.supervisor is not None and self.supervisor.alive() is not None


class DamagedStateError(ValueError):
    """``stack.json`` cannot be understood; ``text`` says what to do."""

    def __init__(self, path: Path, faults: int) -> None:
        self.text = message("stack.damaged", path=path, faults=faults)
        super().__init__(str(self.text))


def stack_file(data_dir: Path) -> Path:
    return data_dir / "stack.json"


def read_stack(data_dir: Path) -> Stack:
    """Return the stack of a data directory; a stopped one where nothing was ever started.

    Raises:
        DamagedStateError: `stack.json` is there but cannot be understood.
    """
    path = stack_file(data_dir)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Stack()
    try:
        return Stack.model_validate_json(text)
    except ValidationError as invalid:
        raise DamagedStateError(path, invalid.error_count()) from None


def write_stack(data_dir: Path, stack: Stack) -> None:
    write_private(stack_file(data_dir), stack.model_dump_json(indent=2) + "\n")


def find_process(pid: int, started: float) -> psutil.Process | None:
    """Return the running process with that pid and creation time (within a second), None when it is gone."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < 1.0
    except psutil.NoSuchProcess:
        return None
    return process if same and is_alive(process) else None


def entry_of(pid: int, log: Path) -> ProcessEntry:
    """Return the entry of a running process; psutil.NoSuchProcess when it has gone already."""
    return ProcessEntry(pid=pid, started=psutil.Process(pid).create_time(), log=str(log))


class AlreadyLockedError(RuntimeError):
    """Another supervisor holds the data directory."""


@contextlib.contextmanager
def hold_lock(data_dir: Path) -> Iterator[IO[str]]:
    """Hold the data directory for this process; AlreadyLockedError when another one does."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "supervisor.lock").open("w") as lock:
        try:
            # The kernel drops this lock however its process dies: no stale lock can block the next start.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyLockedError(str(data_dir)) from None
        yield lock
