"""One service process of a stack under test: started again when it dies, killed and frozen at will."""

import threading
import time
from collections.abc import Callable
from typing import Any

from deploy.ports import LOOPBACK
from deploy.process import ManagedProcess
from tests.support.asking import status_of

_BACKOFF_SECONDS = 0.3


class DeadlineError(AssertionError):
    """Something that had to become true did not in time."""


def wait_for(condition: Callable[[], Any], deadline: float, what: str) -> Any:
    """The first truthy result of `condition`, asked every 20 ms; DeadlineError with its last result otherwise."""
    end = time.monotonic() + deadline
    while not (result := condition()):
        if time.monotonic() > end:
            raise DeadlineError(f"not within {deadline:.0f} s: {what} (last: {result!r})")
        time.sleep(0.02)
    return result


class Part:
    """One service process: started again when it dies, as long as it is wanted."""

    def __init__(self, service: str, role: str, process: ManagedProcess, port: int) -> None:
        self.service = service
        self.role = role
        self.process = process
        self.url = f"http://{LOOPBACK}:{port}"
        self.wanted = False
        self.starts = 0
        self._guard = threading.Lock()
        self._not_before = 0.0

    def start(self) -> None:
        with self._guard:
            self.wanted = True
            self._start()

    def keep_running(self) -> None:
        """Start it again when it died and its back-off is over."""
        with self._guard:
            if not self.wanted or self.process.running:
                return
            now = time.monotonic()
            if not self._not_before:
                self._not_before = now + _BACKOFF_SECONDS
            elif now >= self._not_before:
                self._start()

    def kill(self) -> None:
        """`kill -9`; it comes back by itself."""
        with self._guard:
            self.process.kill()

    def end(self) -> None:
        """Take it out of service until `start`."""
        with self._guard:
            self.wanted = False
            self.process.stop()

    def ready(self) -> bool:
        """Whether /ready says so."""
        return self.readiness() == 200

    def readiness(self) -> int:
        """The status code of /ready, 0 when nobody answers."""
        return status_of(f"{self.url}/ready")

    def log_text(self) -> str:
        return self.process.log.read_text("utf-8", "replace") if self.process.log.exists() else ""

    def _start(self) -> None:
        self._not_before = 0.0
        self.starts += 1
        self.process.start()
