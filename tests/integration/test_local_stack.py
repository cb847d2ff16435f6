"""The embedded stack as its user sees it: the `khopso` command alone, on both brokers, with processes killed under it."""

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from openpyxl import load_workbook

from deploy.embedded.layout import Layout
from deploy.embedded.secrets import load_secrets
from deploy.embedded.state import SERVICES, read_stack
from deploy.embedded.state import Stack as StackState
from khopso.cli import run
from tests.support.stack.lanes import need_kafka
from tests.support.wait import wait_until

HEADER = "Số vụ mâu thuẫn;Mã xã;Ngày phát hiện;Mức độ;Nguyên nhân;Số người liên quan;Tình trạng giải quyết\n"
UNIT = ("--unit", "police:10513")
CHILDREN = ("issuer", "hashing", "registry", "treatment", "incidents", "reporting", "reporting-consume")
PERIOD = ("--from", "01/01/2023", "--to", "31/12/2023")


@dataclass(frozen=True)
class Stack:
    """A data directory and the command line that talks to it."""

    data_dir: Path

    def run(self, *arguments: str | Path, code: int = 0) -> Any:
        """One command with --json, in this process; its document. The exit code must be `code`."""
        ended, out, err = self.ended(*arguments)
        assert ended == code, f"{arguments}: {ended}\n{out}\n{err}"
        return json.loads(out)

    def ended(self, *arguments: str | Path) -> tuple[int, str, str]:
        """One command with --json, in this process; its exit code and what it wrote."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([*map(str, arguments), "--data-dir", str(self.data_dir), "--json"])
        return code, out.getvalue(), err.getvalue()

    def run_program(self, *arguments: str) -> Any:
        """One command as a program of its own, as a user starts it."""
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "khopso",
                *map(str, arguments),
                "--data-dir",
                str(self.data_dir),
                "--json",
            ],
            capture_output=True,
            text=True,
            timeout=220,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def conflicts(self, numbers: Sequence[str], level: str = "1") -> Path:
        """A register file of conflicts found on 11 April 2023."""
        path = self.data_dir / "so-mau-thuan.csv"
        rows = [f"{number};10513;11/04/2023;{level};land;2;in_progress\n" for number in numbers]
        path.write_text(HEADER + "".join(rows), encoding="utf-8-sig")
        return path

    def hand_in(self, *numbers: str) -> Any:
        return self.run("import", "conflicts", self.conflicts(numbers), *UNIT)

    def detected(self) -> Any:
        """The figure, once everything handed in is in it."""
        self.run("wait", "--timeout", "120")
        return self.run("figure", "conflicts.detected", *PERIOD)["value"]

    def pids(self) -> dict[str, int]:
        return {name: entry.pid for name, entry in self.state.processes.items()}

    @property
    def state(self) -> StackState:
        """What the supervisor wrote down last."""
        return read_stack(self.data_dir)

    @property
    def ready(self) -> bool:
        entries = self.state.processes
        return len(entries) == len(CHILDREN) + 2 and all(entry.ready for entry in entries.values())

    def serves(self, name: str, other_than: int) -> bool:
        """Whether a process other than that one serves under the name."""
        entry = self.state.processes.get(name)
        return entry is not None and entry.ready and entry.pid != other_than

    def processes(self) -> list[psutil.Process]:
        """Every process on this machine that belongs to the data directory, seen from outside."""
        recorded = read_stack(self.data_dir)
        entries = [*recorded.processes.values(), *([recorded.supervisor] if recorded.supervisor else [])]
        found = {process.pid: process for entry in entries if (process := entry.alive()) is not None}
        for process in psutil.process_iter():
            try:
                if str(self.data_dir) in " ".join(process.cmdline()) and process.pid != os.getpid():
                    found[process.pid] = process
            except psutil.Error:
                continue
        return list(found.values())

    def kill(self, name: str) -> None:
        """`kill -9`, then wait until the supervisor has it back and everything is ready."""
        before = self.pids()[name]
        os.kill(before, signal.SIGKILL)

        def returned() -> bool:
            entry = self.state.processes.get(name)
            return self.ready and entry is not None and entry.pid != before

        wait_until(returned, deadline=90)


@contextlib.contextmanager
def listening_on(port: int) -> Iterator[None]:
    """Have the loopback port for the length of the block, once whoever had it has let go of it."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def bound() -> bool:
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                return False
            return True

        wait_until(bound)
        taken.listen()
        yield


def fresh_stack() -> Stack:
    # Not under pytest's own directory: its path is too long for a socket, and it is closed to PostgreSQL's user.
    return Stack(Path(tempfile.mkdtemp(prefix="khopso-stack-")))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("kafka", marks=pytest.mark.kafka),
    ],
)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    if request.param == "kafka":
        need_kafka()
    running = fresh_stack()
    try:
        document = running.run_program("up", "--wait", "--broker", request.param)
        assert (document["state"], document["started"], document["broker"]) == (
            "running",
            True,
            request.param,
        )
        yield running
    finally:
        running.run_program("down")
        shutil.rmtree(running.data_dir)


def test_a_second_up_finds_the_first(stack: Stack) -> None:
    before = stack.pids()
    again = stack.run("up", "--wait")
    assert again["started"] is False
    assert {name: entry["pid"] for name, entry in again["processes"].items()} == before
    assert set(before) == {"postgres", "broker", *CHILDREN}
    assert set(again["services"]) == set(SERVICES)


def test_the_linkage_secret_is_in_the_environment_of_one_process(stack: Stack) -> None:
    wait_until(lambda: stack.ready, deadline=60)
    secret = load_secrets(Layout(stack.data_dir).secrets).linkage_secret
    holders = [process.pid for process in stack.processes() if secret in str(process.environ())]
    assert holders == [stack.pids()["hashing"]]


def test_status_is_0_while_everything_is_ready(stack: Stack) -> None:
    wait_until(lambda: stack.ready, deadline=60)
    # The command asks every process anew: one that begins to read a partition may let it wait for a moment.
    wait_until(lambda: stack.ended("status")[0] == 0, deadline=60)
    assert stack.run("status")["state"] == "running"


def test_another_broker_is_not_switched_to_under_a_running_stack(stack: Stack) -> None:
    other = "kafka" if stack.state.broker == "embedded" else "embedded"
    assert stack.run("up", "--broker", other, code=1)["error"]["rule"] == "stack_other_broker"


def test_a_register_becomes_a_figure_and_handing_it_in_again_changes_nothing(stack: Stack) -> None:
    before = stack.detected()
    assert stack.hand_in("A-1", "A-2", "A-3")["accepted"] == 3
    assert stack.detected() == before + 3
    assert stack.hand_in("A-1", "A-2", "A-3")["unchanged"] == 3
    assert stack.detected() == before + 3


def test_refused_rows_come_back_in_a_workbook_and_the_good_ones_stay(stack: Stack) -> None:
    path = stack.conflicts(["B-1"])
    with path.open("a", encoding="utf-8") as file:
        file.write("B-2;99999;11/04/2023;7;quarrel;-1;in_progress\n")
    answer = stack.run("import", "conflicts", path, *UNIT, code=1)
    assert (answer["accepted"], answer["refused_rows"]) == (1, 1)
    assert {entry["field"] for entry in answer["refused"]} == {"commune_code", "level", "cause", "parties"}
    assert {entry["row"] for entry in answer["refused"]} == {3}
    sheet = load_workbook(answer["errors"]).active
    assert sheet is not None
    assert [cell.coordinate for cell in sheet[2] if cell.comment] == ["B2", "D2", "E2", "F2"]


def test_a_dry_run_writes_nothing(stack: Stack) -> None:
    before = stack.detected()
    assert stack.run("import", "conflicts", stack.conflicts(["C-1"]), *UNIT, "--dry-run")["accepted"] == 1
    assert stack.detected() == before
    assert stack.hand_in("C-1")["accepted"] == 1


def test_a_token_reaches_as_far_as_its_unit(stack: Stack) -> None:
    url = stack.state.urls["incidents"]
    row = {
        "conflict_no": "D-1", "commune_code": "10513", "detected_on": "11/04/2023", "level": 1,
        "cause": "land", "parties": 2, "status": "in_progress",
    }  # fmt: skip

    def post(token: str | None, unit: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(trust_env=False, headers=headers) as client:
            return client.post(f"{url}/v1/forms/conflicts", params={"unit": unit}, json=row).status_code

    token = stack.run("token", "--unit", "police:10513", "--role", "clerk", "--ttl", "60")["token"]
    assert post(token, "police:10513") == 201
    assert post(token, "police:10516") == 403
    assert post(None, "police:10513") == 401
    assert post(token[:-4] + "AAAA", "police:10513") == 401


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_is_killed_comes_back_and_nothing_is_lost(stack: Stack) -> None:
    expected = stack.detected()
    for number, name in enumerate([*CHILDREN, "broker", "postgres"]):
        stack.kill(name)
        assert stack.hand_in(f"K-{number}")["refused"] == []
        expected += 1
    assert stack.detected() == expected


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_dies_while_the_broker_is_away_is_back_before_it(stack: Stack) -> None:
    expected = stack.detected()
    before = stack.pids()
    # As long as somebody else has its port, the broker cannot come back.
    os.kill(before["broker"], signal.SIGKILL)
    with listening_on(stack.state.ports["kafka"]):
        for name in ("postgres", "incidents"):
            os.kill(before[name], signal.SIGKILL)
        wait_until(lambda: stack.serves("postgres", other_than=before["postgres"]), deadline=120)
        # A service that starts without a broker runs, but is not ready before there is one.
        wait_until(lambda: stack.pids()["incidents"] not in (0, before["incidents"]), deadline=60)
        assert stack.run("status", code=3)["processes"]["broker"]["ready"] is False
    wait_until(lambda: stack.ready, deadline=120)
    assert stack.state.processes["broker"].restarts > 0
    assert stack.hand_in("W-1")["accepted"] == 1
    assert stack.detected() == expected + 1


@pytest.mark.timeout(600)
def test_rebuild_and_republish_end_with_the_same_figures(stack: Stack) -> None:
    before = stack.detected()
    stack.run("rebuild", "reporting")
    assert stack.detected() == before
    assert stack.run("republish", "incidents")["events"] > 0
    assert stack.detected() == before
    assert stack.run("dlq", "list", "reporting")["dead_letters"] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("stack", [pytest.param("embedded", marks=pytest.mark.embedded)], indirect=True)
def test_two_stacks_side_by_side_a_killed_supervisor_and_nothing_left_behind(stack: Stack) -> None:
    other = fresh_stack()
    try:
        first = other.run_program("up", "--wait")
        assert not set(first["services"].values()) & set(stack.state.urls.values())
        other.hand_in("S-1", "S-2")
        assert other.detected() == 2
        left = other.pids()
        os.kill(first["supervisor_pid"], signal.SIGKILL)
        wait_until(lambda: not read_stack(other.data_dir).supervised, deadline=20)
        assert other.run("status", code=3)["state"] == "unsupervised"
        began = other.run_program("up", "--no-wait")
        assert (began["state"], began["started"]) == ("starting", True)
        second = other.run_program("up")
        assert (second["state"], second["started"]) == ("running", False)
        assert second["services"] == first["services"]
        assert not set(left.values()) & set(other.pids().values())
        assert other.detected() == 2
        os.kill(second["supervisor_pid"], signal.SIGKILL)
        wait_until(lambda: not read_stack(other.data_dir).supervised, deadline=20)
        assert other.run("down")["stopped"] is True
        assert other.processes() == []
        assert other.run("down")["stopped"] is False
        assert not list(other.data_dir.rglob(".s.PGSQL*"))
        assert stack.state.supervised
    finally:
        other.run("down")
        shutil.rmtree(other.data_dir)
