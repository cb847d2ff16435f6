"""Running suites as `make` and CI do: side by side or one at a time, and what failed once more, by name."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from tests.support import suite
from tests.support.suite import ROOT, command, failed, folder_of, has_room, run

MOODY = """
from pathlib import Path


def test_moody():
    seen = Path(__file__).with_name("seen")
    known = seen.exists()
    seen.touch()
    assert known


def test_steady():
    assert True
"""
STORY = """
from pathlib import Path

STEPS = []


def test_z_first_step():
    STEPS.append("first")
    seen = Path(__file__).with_name("begun")
    known = seen.exists()
    seen.touch()
    assert known


def test_a_second_step():
    assert STEPS == ["first"]
    seen = Path(__file__).with_name("gone on")
    known = seen.exists()
    seen.touch()
    assert known
"""
BROKEN = "def test_broken():\n    assert False\n"


@pytest.fixture
def surroundings() -> dict[str, str]:
    """What a suite runs in: one worker, and none of the variables of the run that this test belongs to."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KHOPSO_", "PYTEST_", "COV"))
    }
    return {**ours, "KHOPSO_WORKERS": "1"}


def project(tmp_path: Path, **files: str) -> Path:
    """A project with one suite."""
    folder = tmp_path / "tests" / "sample"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_suites_that_share_nothing_run_on_all_cores_and_stacks_one_test_at_a_time() -> None:
    assert "--numprocesses" in command(["unit", "architecture"], "unit", {})
    assert "--numprocesses" not in command(["failure"], "failure", {})
    words = command(["unit"], "unit", {"KHOPSO_WORKERS": "7"})
    assert words[words.index("--numprocesses") :] == [
        "--numprocesses",
        "7",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
    ]


def test_runs_side_by_side_do_not_share_what_they_note() -> None:
    caches = {
        word
        for title in ("failure", "delivery")
        for word in command([title], title, {})
        if "cache_dir" in word
    }
    assert len(caches) == 2


def test_branches_are_measured_where_that_is_asked_for() -> None:
    plugin = "tests.support.covering.plugin"
    assert plugin in command(["unit"], "unit", {"KHOPSO_COVERAGE": "1"})
    for other in ("failure", "property", "attack", "upgrade"):
        assert plugin not in command([other], other, {"KHOPSO_COVERAGE": "1"})
    assert plugin not in command(["unit"], "unit", {})


def test_what_passes_only_the_second_time_is_named(
    tmp_path: Path, surroundings: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, moody=MOODY)
    assert run(["sample"], "sample", {**surroundings, "KHOPSO_RERUN": "1"}, root) == 0
    line = "RERUN: tests/sample/test_moody.py::test_moody"
    assert (root / "build/reruns.txt").read_text(encoding="utf-8") == f"{line}\n"
    assert line in capfd.readouterr().out


def test_a_story_in_steps_runs_once_more_from_its_first_step_in_its_own_order(
    tmp_path: Path, surroundings: dict[str, str]
) -> None:
    root = project(tmp_path, story=STORY)
    assert run(["sample"], "sample story", {**surroundings, "KHOPSO_RERUN": "1"}, root) == 0


def stack_project(tmp_path: Path) -> Path:
    """A project with a suite of stacks of one moody test, which leaves out what no time is left for."""
    folder = tmp_path / "tests" / "delivery"
    folder.mkdir(parents=True)
    (folder / "test_moody.py").write_text(MOODY, encoding="utf-8")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.support.time_left"]', encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("seconds", "begun"), [(-1, False), (600, True)])
def test_a_test_of_stacks_that_is_not_begun_in_time_is_named(
    tmp_path: Path, surroundings: dict[str, str], seconds: int, begun: bool
) -> None:
    root = stack_project(tmp_path)
    late = {"KHOPSO_UNTIL": str(time.time() + seconds), "PYTHONPATH": str(ROOT)}
    status = run(["delivery"], "sample late", {**surroundings, **late}, root)
    note = root / "build/not-begun.txt"
    assert (status, note.exists()) == ((1, False) if begun else (0, True))
    if not begun:
        assert note.read_text(encoding="utf-8").splitlines() == [
            f"NOT BEGUN: tests/delivery/test_moody.py::{name}" for name in ("test_moody", "test_steady")
        ]
    for left in _folders("sample late"):
        shutil.rmtree(left, ignore_errors=True)


def test_what_fails_twice_fails_the_run_and_is_no_rerun(tmp_path: Path, surroundings: dict[str, str]) -> None:
    root = project(tmp_path, moody=MOODY, broken=BROKEN)
    assert run(["sample"], "sample failed", {**surroundings, "KHOPSO_RERUN": "1"}, root) == 1
    assert failed("sample failed", root) == ["tests/sample/test_broken.py::test_broken"]
    assert (root / "build/reruns.txt").read_text(encoding="utf-8").splitlines() == [
        "RERUN: tests/sample/test_moody.py::test_moody"
    ]
    (left,) = [place for place in _folders("sample failed") if place.exists()]
    shutil.rmtree(left)


def test_nothing_runs_twice_where_that_is_not_asked_for_and_what_failed_leaves_its_files(
    tmp_path: Path, surroundings: dict[str, str]
) -> None:
    root = project(tmp_path, moody=MOODY)
    assert run(["sample"], "sample left there", surroundings, root) == 1
    assert not (root / "build/reruns.txt").exists()
    (left,) = [place for place in _folders("sample left there") if place.exists()]
    shutil.rmtree(left)


def test_a_passing_suite_notes_nothing_and_leaves_no_files(
    tmp_path: Path, surroundings: dict[str, str]
) -> None:
    root = project(tmp_path, steady="def test_steady():\n    assert True\n")
    assert run(["sample"], "sample passed", {**surroundings, "KHOPSO_RERUN": "1"}, root) == 0
    assert not (root / "build/reruns.txt").exists()
    assert not any(place.exists() for place in _folders("sample passed"))


def test_runs_side_by_side_share_no_temporary_folder() -> None:
    made = [folder_of(f"sample {name}") for name in ("one", "other")]
    assert len(set(made)) == 2
    for folder in made:
        assert folder.is_dir()
        folder.rmdir()


def test_what_a_run_that_was_killed_left_goes_with_the_next(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", "from tests.support.suite import folder_of; print(folder_of('sample left'))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    left = Path(killed.stdout.strip())
    (left / "data").write_text("something", encoding="utf-8")
    own = folder_of("sample left")
    assert own.is_dir()
    assert folder_of("sample left") == own, "what the run itself has stays"
    assert not left.exists()
    own.rmdir()


def test_files_are_kept_in_memory_only_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "_ROOM_BYTES", 1)
    assert has_room(tmp_path)
    assert not has_room(tmp_path / "missing")
    # A run beside it may need as much again.
    free = min(shutil.disk_usage(tmp_path).free, psutil.virtual_memory().available)
    monkeypatch.setattr(suite, "_ROOM_BYTES", free * 2 // 3)
    assert has_room(tmp_path)
    (tmp_path / f"khopso-beside-{os.getppid()}").mkdir()
    assert not has_room(tmp_path)
    monkeypatch.setattr(suite, "_ROOM_BYTES", 2**60)
    assert not has_room(tmp_path)


def _folders(title: str) -> list[Path]:
    places = {Path("/dev/shm"), Path(tempfile.gettempdir())}
    return [place / f"khopso-{title}-{os.getpid()}" for place in places]
