"""`khopso logs`: the last lines of the processes, and every new one over a rotation."""

import json
from pathlib import Path

import pytest

from deploy.embedded.rotation import LogLimits, rotate
from khopso.cli import run
from khopso.commands.logs import Follower, last_lines


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A data directory with the logs of two processes."""
    (tmp_path / "logs").mkdir()
    for name in ("broker", "registry"):
        (tmp_path / "logs" / f"{name}.log").write_text("".join(f"{name} {n}\n" for n in range(1, 6)))
    return tmp_path


def test_all_processes_are_shown_with_their_names(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["logs", "--lines", "2", "--data-dir", str(stack)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "broker   | broker 4",
        "broker   | broker 5",
        "registry | registry 4",
        "registry | registry 5",
    ]


def test_one_process_as_json(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["logs", "registry", "--lines", "1", "--data-dir", str(stack), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"logs": {"registry": ["registry 5"]}}


def test_a_name_without_a_log_is_refused_with_those_that_have_one(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["logs", "registri", "--data-dir", str(stack), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["rule"] == "no_such_log"
    assert "broker, registry" in error["message"]["en"]


def test_a_directory_without_logs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["logs", "--data-dir", str(tmp_path), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["rule"] == "no_logs"


def test_lines_before_a_rotation_are_among_the_last(stack: Path) -> None:
    log = stack / "logs" / "registry.log"
    log.write_text("x" * 2_000 + "\nbefore\n")
    rotate(stack / "logs", LogLimits(log_file_bytes=1_000, log_files=1))
    log.write_text("after\n")
    assert last_lines(log, 2) == ["before", "after"]


def test_a_follower_gets_each_line_once_over_a_rotation(stack: Path) -> None:
    log = stack / "logs" / "registry.log"
    follower = Follower(log)
    assert follower.new_lines() == []
    with log.open("a") as out:
        out.write("one\ntw")
        out.flush()
        assert follower.new_lines() == ["one"]
        out.write("o\n" + "x" * 2_000 + "\n")
        out.flush()
        assert follower.new_lines() == ["two", "x" * 2_000]
        rotate(stack / "logs", LogLimits(log_file_bytes=1_000, log_files=1))
        out.write("three\n")
        out.flush()
        assert follower.new_lines() == ["three"]
