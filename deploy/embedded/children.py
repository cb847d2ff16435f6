"""The service processes under the supervisor: starting again with back-off, asking after their health."""

import sys
import time

import httpx
import psutil

from deploy.embedded.layout import ServiceProcess
from deploy.ports import LOOPBACK
from deploy.process import ManagedProcess, is_alive

_HEALTHY_AFTER_SECONDS = 30.0
_BACKOFF_MAX_SECONDS = 15.0
_SILENT_LIMIT_SECONDS = 90.0


def say(text: str) -> None:
    """Write one line to the supervisor's log."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
    sys.stdout.flush()


class Child:
    """One service process: when it may start again and when it last answered."""

    def __init__(self, spec: ServiceProcess, process: ManagedProcess, port: int) -> None:
        self.spec = spec
        self.process = process
        self.url = f"http://{LOOPBACK}:{port}"
        self.restarts = 0
        self.ready = False
        self._failures = 0
        self._started = 0.0
        self._not_before = 0.0
        self._last_alive = 0.0

    def start(self) -> None:
        self._started = self._last_alive = time.monotonic()
        self.process.start()

    def keep_running(self) -> bool:
        """Start it again when it ended and its back-off is over; True when something changed."""
        now = time.monotonic()
        if self.process.running:
            # It was healthy for a while: its next fault must not wait as long as one in a row of faults.
            if now - self._started > _HEALTHY_AFTER_SECONDS:
                self._failures = 0
            return False
        self.ready = False
        # The end is counted and said once; this method is called again many times before the back-off is over.
        if self._not_before < self._started:
            self._not_before = now + min(_BACKOFF_MAX_SECONDS, 0.25 * 2**self._failures)
            self._failures += 1
            say(
                f"{self.process.name} ended with status {self.process.returncode}: {self.process.log_tail(3)}"
            )
        if now < self._not_before:
            return False
        self.restarts += 1
        self.start()
        return True

    def check(self, client: httpx.Client) -> bool:
        """Ask /ready and, when that fails, /live; True when readiness changed. Ends what stays silent."""
        before = self.ready
        self.ready = self.process.running and _answers(client, f"{self.url}/ready")
        now = time.monotonic()
        # A service can be alive and not ready (it waits for its database); ending it then would only delay it.
        if self.ready or _answers(client, f"{self.url}/live"):
            self._last_alive = now
        elif self.process.running and now - self._last_alive > _SILENT_LIMIT_SECONDS:
            say(f"{self.process.name} has not answered for {_SILENT_LIMIT_SECONDS:.0f} s: ending it")
            self.process.kill()
        return self.ready != before


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def end_processes(processes: list[psutil.Process], seconds: float) -> None:
    """SIGTERM, and SIGKILL to what is still there after `seconds`."""
    for process in processes:
        if is_alive(process):
            process.terminate()
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in processes:
        if is_alive(process):
            process.kill()
