"""One supervised operating-system process: start, wait until ready, stop within a budget, kill."""

import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self, TypedDict

import psutil


class ProcessFailedError(RuntimeError):
    """A process ended or stayed silent where it should have become ready; the message has its last log lines."""


class Startable(ABC):
    """Something that runs from `start` to `stop`; as a context manager, for the length of a block."""

    @abstractmethod
    def start(self) -> None:
        """Start and return when it is ready."""

    @abstractmethod
    def stop(self) -> object:
        """Stop within its budget."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Child(Protocol):
    """What this module needs of a started process; `subprocess.Popen` is one."""

    @property
    def pid(self) -> int:
        """Return its number."""

    def poll(self) -> int | None:
        """Return its exit status once it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status when it ends; subprocess.TimeoutExpired after so many seconds."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal; nothing happens when it has ended."""


class ManagedProcess:
    """A child process in a session of its own, its output appended to a file.

    Not thread-safe: one owner starts and stops it. ``env`` may be a function, which is asked at each start.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
    ) -> None:
        self.name = name
        self.argv = [str(part) for part in argv]
        self.log = log
        self.stop_seconds = stop_seconds
        self.cwd = cwd
        self._env = env
        self._user = user
        self._stop_signal = stop_signal
        self._process: Child | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the last start, None before the first."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        """Exit status once it has ended (negative: the signal that ended it); None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it (nothing happens when it already runs)."""
        if self.running:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = self._launched(output, self._env() if callable(self._env) else self._env)

    def _launched(self, output: BinaryIO, environment: Mapping[str, str] | None) -> Child:
        return subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=self.cwd,
            # Ctrl-C in a terminal goes to a whole group of processes; children are stopped in order instead.
            start_new_session=True,
            **account(self._user),
        )

    def wait_ready(self, ready: Callable[[], bool], deadline_seconds: float) -> None:
        """Return once `ready()` holds; ProcessFailedError when the process ends first or the deadline passes."""
        deadline = time.monotonic() + deadline_seconds
        while not ready():
            if not self.running:
                raise ProcessFailedError(f"{self.name} {self.last_words()}")
            if time.monotonic() > deadline:
                raise ProcessFailedError(
                    f"{self.name} not ready in {deadline_seconds:.0f} s: {self.log_tail()}"
                )
            time.sleep(0.05)

    def stop(self, seconds: float | None = None) -> bool:
        """Ask it to stop, kill it when the budget (default: its own) runs out. True when it went by itself."""
        process = self._process
        if process is None or process.poll() is not None:
            return True
        process.send_signal(self._stop_signal)
        try:
            process.wait(self.stop_seconds if seconds is None else seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the process and everything it started; returns when they are gone."""
        if self._process is None:
            return
        family = _kill_family(self._process.pid)
        self._process.wait()
        _wait_gone(family)

    def kill_alone(self) -> None:
        """SIGKILL to the process, not to what it started, which goes on without it."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def suspend(self) -> None:
        """SIGSTOP: the process freezes but keeps its connections (a pause, a zombie to be)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT after `suspend`."""
        self._signal(signal.SIGCONT)

    def log_tail(self, lines: int = 8) -> str:
        """Return the last lines of its output, for messages to people."""
        if not self.log.exists():
            return "(no output)"
        text = self.log.read_bytes()[-8192:].decode("utf-8", "replace")
        return " | ".join(text.strip().splitlines()[-lines:]) or "(no output)"

    def last_words(self) -> str:
        """Return how it ended, with the last lines of its output."""
        return f"ended with status {self.returncode}: {self.log_tail()}"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


class SingleProcess:
    """A server that is one operating-system process, which can be launched, watched and ended.

    Subclasses add what is their own: how to see that it answers, an address, what is made ready before a launch.
    """

    def __init__(self, process: ManagedProcess) -> None:
        self.process = process

    @property
    def running(self) -> bool:
        return self.process.running

    @property
    def pid(self) -> int | None:
        return self.process.pid

    def launch(self) -> None:
        """Start it and return at once."""
        self.process.start()

    def last_words(self) -> str:
        """Return how it ended and the end of its log."""
        return self.process.last_words()

    def stop(self) -> None:
        """Stop it in good order, and kill it when its time limit is over."""
        self.process.stop()

    def kill(self) -> None:
        """Send SIGKILL to it and everything it started."""
        self.process.kill()


class Account(TypedDict, total=False):
    """The part of Popen's arguments that chooses whom a program runs as."""

    user: int
    group: int
    extra_groups: list[int]


def account(user: str | None) -> Account:
    """Arguments of Popen that run a program as `user`; none when `user` is None or we are not root."""
    if user is None or os.geteuid() != 0:
        return {}
    import pwd  # not on Windows

    entry = pwd.getpwnam(user)
    # Without this, the child would keep root's groups and the rights that come with them.
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def kill_tree(pid: int) -> None:
    """SIGKILL to a process that is not our child and to its descendants; returns when they are gone."""
    _wait_gone(_kill_family(pid))


def _kill_family(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        # Descendants are listed before anything is killed: afterwards nobody could say whose they were.
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    return family


def _wait_gone(family: list[psutil.Process], deadline_seconds: float = 10.0) -> None:
    deadline = time.monotonic() + deadline_seconds
    while any(is_alive(member) for member in family) and time.monotonic() < deadline:
        time.sleep(0.01)


def is_alive(process: psutil.Process) -> bool:
    """Return True while the process runs: one that ended but was not collected by its parent is gone."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
