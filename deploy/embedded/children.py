"""The supervised processes that answer over HTTP (services, public keys), and how leftover processes are ended."""

import time

import httpx
import psutil

from deploy.embedded.keeping import Answer
from deploy.process import ManagedProcess, SingleProcess, is_alive


class HttpProcess(SingleProcess):
    """One process with `/ready` and `/live` at `url`."""

    def __init__(self, process: ManagedProcess, url: str, client: httpx.Client) -> None:
        super().__init__(process)
        self.url = url
        self._client = client

    def probe(self) -> Answer:
        """Ask `/ready` and, when that fails, `/live`."""
        # A service can be alive and not ready (it waits for its database); ending it then would only delay it.
        if answers(self._client, f"{self.url}/ready"):
            return "ready"
        return "alive" if answers(self._client, f"{self.url}/live") else "none"


def answers(client: httpx.Client, url: str) -> bool:
    """Return True when the address answers 200 now."""
    try:
        return client.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def end_processes(processes: list[psutil.Process], seconds: float) -> None:
    """Send SIGTERM, and SIGKILL to the processes that still run after `seconds`."""
    for process in processes:
        if is_alive(process):
            process.terminate()
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in processes:
        if is_alive(process):
            process.kill()
