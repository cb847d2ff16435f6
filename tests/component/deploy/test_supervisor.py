"""The supervisor stays awake while something starts: what dies meanwhile comes back, SIGTERM is heard, status tells the truth.

Real PostgreSQL under a real supervisor; the broker is a process that runs and does not serve yet.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deploy.embedded import bring_down, read_stack
from deploy.embedded.state import ProcessEntry, ProcessState
from deploy.process import ManagedProcess
from khopso.cli import run
from tests.support.wait import wait_until

_SECONDS = 60.0


@dataclass(frozen=True)
class Starting:
    """A stack whose broker has not come up yet."""

    data_dir: Path
    supervisor: ManagedProcess

    def entry(self, name: str) -> ProcessEntry | None:
        """What the supervisor has written down about a process."""
        return read_stack(self.data_dir).processes.get(name)

    def await_state(self, name: str, state: ProcessState, other_than: int = 0) -> ProcessEntry:
        """The entry of a process once it is in that state, under another pid where one is given."""

        def found() -> ProcessEntry | None:
            entry = self.entry(name)
            here = entry is not None and entry.state == state and entry.pid not in (0, other_than)
            return entry if here else None

        entry = wait_until(found, deadline=_SECONDS, message=f"{name} {state}")
        assert entry is not None
        return entry

    def status(self) -> Any:
        """`khopso status --json`, which must end with status 3: not everything is ready."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["status", "--data-dir", str(self.data_dir), "--json"])
        assert code == 3, err.getvalue()
        return json.loads(out.getvalue())

    def left(self) -> list[psutil.Process]:
        """Processes on this machine that belong to the data directory."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if str(self.data_dir) in " ".join(process.cmdline()) and process.pid != os.getpid():
                    found.append(process)
        return found


@contextlib.contextmanager
def supervised(*arguments: str) -> Iterator[Starting]:
    """A stack under a supervisor of its own."""
    # Not under pytest's own directory: its path is too long for a socket, and it is closed to PostgreSQL's user.
    folder = Path(tempfile.mkdtemp(prefix="khopso-supervisor-"))
    supervisor = ManagedProcess(
        "supervisor",
        [sys.executable, "-m", "tests.support.stack.slow_broker", folder, *arguments],
        log=folder / "logs" / "supervisor.log",
    )
    supervisor.start()
    try:
        yield Starting(folder, supervisor)
    finally:
        supervisor.stop(seconds=60)
        bring_down(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def starting() -> Iterator[Starting]:
    with supervised() as stack:
        stack.await_state("postgres", "ready")
        stack.await_state("broker", "starting")
        stack.await_state("issuer", "ready")
        yield stack


def test_postgresql_is_back_while_the_broker_still_starts(starting: Starting) -> None:
    broker = starting.await_state("broker", "starting")
    before = starting.await_state("postgres", "ready")
    os.kill(before.pid, signal.SIGKILL)
    after = starting.await_state("postgres", "ready", other_than=before.pid)
    assert after.restarts == 1
    # Nobody has ended the broker for being slow.
    assert starting.await_state("broker", "starting") == broker


def test_status_tells_of_a_death_at_once_and_of_the_return(starting: Starting) -> None:
    before = starting.await_state("broker", "starting")
    # Frozen, the supervisor cannot write down what happens: what it wrote says that the broker runs.
    starting.supervisor.suspend()
    try:
        os.kill(before.pid, signal.SIGKILL)
        shown = wait_until(
            lambda: found if (found := starting.status()["processes"]["broker"])["pid"] is None else None
        )
        assert shown is not None
        assert (shown["state"], shown["ready"]) == ("down", False)
    finally:
        starting.supervisor.resume()
    after = starting.await_state("broker", "starting", other_than=before.pid)
    shown = starting.status()["processes"]["broker"]
    assert (shown["pid"], shown["state"], shown["restarts"]) == (after.pid, "starting", 1)
    assert starting.status()["processes"]["postgres"]["state"] == "ready"


def test_a_server_that_runs_and_does_not_answer_is_not_called_ready(starting: Starting) -> None:
    postgres = starting.await_state("postgres", "ready")
    os.kill(postgres.pid, signal.SIGSTOP)
    try:
        shown = starting.status()["processes"]["postgres"]
        assert (shown["pid"], shown["state"]) == (postgres.pid, "silent")
    finally:
        os.kill(postgres.pid, signal.SIGCONT)


def test_sigterm_during_a_start_ends_it_within_seconds_and_leaves_nothing(starting: Starting) -> None:
    began = time.monotonic()
    assert starting.supervisor.stop(seconds=30)
    assert time.monotonic() - began < 30
    assert starting.supervisor.returncode == 0
    stack = read_stack(starting.data_dir)
    assert (stack.phase, stack.processes) == ("stopped", {})
    assert starting.left() == []


def test_the_issuers_keys_are_there_after_the_supervisor_is_killed(starting: Starting) -> None:
    url = read_stack(starting.data_dir).jwks_url
    assert url is not None
    starting.supervisor.kill_alone()
    keys = httpx.get(url, trust_env=False).json()["keys"]
    assert [key["kty"] for key in keys] == ["EC"]
    shown = starting.status()
    assert shown["state"] == "unsupervised"
    assert shown["processes"]["issuer"]["ready"]
    assert bring_down(starting.data_dir)
    assert starting.left() == []


@pytest.mark.timeout(240)
def test_a_start_goes_on_when_postgresql_dies_while_the_databases_are_brought_up_to_date() -> None:
    with supervised("ready") as stack:
        wait_until(
            lambda: read_stack(stack.data_dir).step == "bringing the databases up to date", deadline=120
        )
        before = stack.entry("postgres")
        assert before is not None
        os.kill(before.pid, signal.SIGKILL)
        after = stack.await_state("postgres", "ready", other_than=before.pid)
        assert after.restarts == 1
        # Migrated after all: otherwise no service would have been started.
        wait_until(lambda: stack.entry("reporting-consume"), deadline=120)
        assert read_stack(stack.data_dir).error is None


def test_limits_of_log_files_that_are_none_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHOPSO_LOG_FILE_BYTES", "many")
    assert run(["up", "--data-dir", str(tmp_path / "stack"), "--json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["rule"] == "stack_failed"
    assert "KHOPSO_LOG_FILE_BYTES: Input should be a valid integer" in error["message"]["en"]
