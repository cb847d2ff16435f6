"""One supervised process: ready or named, stopped within its budget, killed with all it started."""

import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.process import ManagedProcess, ProcessFailedError, is_alive, kill_tree

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def python(tmp_path: Path, code: str, **options: Any) -> ManagedProcess:
    return ManagedProcess("sample", [sys.executable, "-c", code], log=tmp_path / "log", **options)


def wait_for_output(process: ManagedProcess) -> str:
    process.wait_ready(lambda: process.log.read_text().endswith("\n"), 20)
    return process.log.read_text()


def test_it_stops_when_asked(tmp_path: Path) -> None:
    process = python(tmp_path, "import time; print('up', flush=True); time.sleep(600)")
    process.start()
    wait_for_output(process)
    assert process.running
    assert process.stop()
    assert process.returncode == -signal.SIGTERM


def test_what_ignores_the_request_is_killed_with_its_children(tmp_path: Path) -> None:
    process = python(tmp_path, STUBBORN, stop_seconds=0.3)
    process.start()
    child = psutil.Process(int(wait_for_output(process)))
    began = time.monotonic()
    assert not process.stop()
    assert time.monotonic() - began < 5
    assert not process.running
    assert not is_alive(child)


def test_a_process_that_ends_before_it_is_ready_shows_its_last_words(tmp_path: Path) -> None:
    process = python(tmp_path, "import sys; print('no such port'); sys.exit(3)")
    process.start()
    with pytest.raises(ProcessFailedError, match=r"ended with status 3.*no such port"):
        process.wait_ready(lambda: False, 20)


def test_a_process_that_is_never_ready_is_named(tmp_path: Path) -> None:
    process = python(tmp_path, "import time; time.sleep(600)")
    process.start()
    try:
        with pytest.raises(ProcessFailedError, match="sample not ready"):
            process.wait_ready(lambda: False, 0.2)
    finally:
        process.kill()


def test_its_output_is_appended_over_restarts(tmp_path: Path) -> None:
    process = python(tmp_path, "print('again', flush=True)")
    for lines in (1, 2):
        process.start()
        with pytest.raises(ProcessFailedError):
            process.wait_ready(lambda: False, 20)
        assert process.log.read_text() == "again\n" * lines


def test_a_stranger_is_killed_by_its_id_and_a_gone_one_is_no_error(tmp_path: Path) -> None:
    process = python(tmp_path, "import time; time.sleep(600)")
    process.start()
    assert process.pid is not None
    kill_tree(process.pid)
    assert not process.running
    kill_tree(process.pid)
