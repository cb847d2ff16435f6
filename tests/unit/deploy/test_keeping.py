"""A kept process: started again when it ended, left alone while it starts, ended only for a silence that it should not keep."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.keeping import Answer, Kept
from deploy.process import ManagedProcess, SingleProcess
from tests.support.wait import wait_until

ASLEEP = "import time; time.sleep(600)"


class Subject(SingleProcess):
    """A process that answers as the test says."""

    def __init__(self, folder: Path, code: str = ASLEEP) -> None:
        super().__init__(ManagedProcess("sample", [sys.executable, "-c", code], log=folder / "log"))
        self.answer: Answer = "alive"
        self.kills = self.asked = 0

    def probe(self) -> Answer:
        self.asked += 1
        return self.answer

    def kill(self) -> None:
        self.kills += 1
        super().kill()


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[Subject]:
    made = Subject(tmp_path)
    yield made
    made.process.kill()


def keep(subject: Subject, patience_seconds: float = 90.0) -> Kept:
    kept = Kept(
        "sample", subject, subject.process.log, threading.Event(),
        ask_seconds=0.05, patience_seconds=patience_seconds,
    )  # fmt: skip
    kept.start()
    return kept


def test_what_starts_for_long_is_waited_for_and_then_ready(subject: Subject) -> None:
    kept = keep(subject, patience_seconds=0.1)
    wait_until(lambda: kept.state == "starting")
    first = subject.pid
    # Asked many times over many times the patience, it answers never: a server that recovers.
    asked = subject.asked
    wait_until(lambda: subject.asked > asked + 5)
    subject.answer = "ready"
    wait_until(lambda: kept.ready)
    assert (subject.pid, subject.kills, kept.restarts) == (first, 0, 0)
    kept.stop()
    assert not subject.running


def test_what_is_killed_is_started_again_and_counted(subject: Subject) -> None:
    subject.answer = "ready"
    kept = keep(subject)
    wait_until(lambda: kept.ready)
    first = subject.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: kept.ready and subject.pid != first)
    assert kept.restarts == 1
    assert kept.entry().restarts == 1
    kept.stop()


def test_what_says_nothing_where_it_should_is_ended_and_given_longer_the_next_time(subject: Subject) -> None:
    subject.answer = "none"
    kept = keep(subject, patience_seconds=0.2)
    wait_until(lambda: subject.kills >= 2)
    assert kept.restarts >= 1
    kept.stop()


def test_what_ends_at_once_is_not_started_in_a_rush_and_its_last_words_are_kept(tmp_path: Path) -> None:
    subject = Subject(tmp_path, "import sys; print('no such port'); sys.exit(3)")
    kept = keep(subject)
    wait_until(lambda: kept.ends >= 3)
    assert "status 3" in kept.last_words
    assert "no such port" in kept.last_words
    kept.stop()
    wait_until(lambda: kept.state == "down")
    assert not subject.running
    assert kept.entry().pid == 0


def test_after_a_stop_nothing_is_started(subject: Subject) -> None:
    kept = keep(subject)
    wait_until(lambda: subject.running)
    kept.stop()
    ends = kept.ends
    assert not subject.running
    wait_until(lambda: not any(thread.name == "keep-sample" for thread in threading.enumerate()))
    assert (subject.running, kept.ends) == (False, ends)
