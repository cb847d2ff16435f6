"""Log files of a running stack stay below their bound, and no line of a process that writes on is lost."""

import subprocess
import sys
from pathlib import Path
from typing import IO

from deploy.embedded.rotation import LogLimits, rotate
from tests.support.wait import wait_until

LIMITS = LogLimits(log_file_bytes=1_000, log_files=2)


def test_a_small_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x" * 1_000)
    rotate(tmp_path, LIMITS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]


def test_the_newest_are_kept_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    for letter in "abcd":
        log.write_text(letter * 1_001)
        rotate(tmp_path, LIMITS)
    found = {path.name: path.read_text()[:1] for path in tmp_path.iterdir()}
    assert found == {"a.log": "", "a.log.1": "d", "a.log.2": "c"}


def send(to: IO[str], line: str) -> None:
    to.write(f"{line}\n")
    to.flush()


def test_a_process_that_has_the_file_open_writes_on_at_its_new_beginning(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    code = "import sys\nfor line in sys.stdin: print(line.strip() * 600, flush=True)"
    with log.open("ab") as output:
        writer = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=output, text=True
        )
    assert writer.stdin is not None
    with writer:
        send(writer.stdin, "ab")
        wait_until(lambda: log.stat().st_size == 1_201)
        rotate(tmp_path, LIMITS)
        assert log.stat().st_size == 0
        send(writer.stdin, "cd")
        wait_until(lambda: log.stat().st_size == 1_201)
        writer.stdin.close()
    # Appended, not at the old place: the file has no hole of nulls before the new line.
    assert log.read_text() == "cd" * 600 + "\n"
    assert (tmp_path / "a.log.1").read_text() == "ab" * 600 + "\n"
