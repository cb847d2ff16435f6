"""The daemon behind `khopso up`: starts a stack, restarts what dies, stops it in order.

`python -m deploy.embedded.supervisor --data-dir DIR [--broker embedded|kafka]`; SIGTERM stops the stack, also one that is
still starting.
"""

import argparse
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from deploy.embedded.children import end_processes
from deploy.embedded.keeping import Kept
from deploy.embedded.layout import Layout, Options, choose_ports
from deploy.embedded.rotation import LogLimits, rotate
from deploy.embedded.saying import say
from deploy.embedded.starting import Start
from deploy.embedded.state import (
    GATEWAY,
    SERVICES,
    AlreadyLockedError,
    Broker,
    Phase,
    entry_of,
    hold_lock,
    read_stack,
    write_stack,
)
from deploy.ports import LOOPBACK
from reference import province

_TICK_SECONDS = 0.2
_ROTATE_EVERY_SECONDS = 5.0
_SERVERS = ("issuer", "broker", "postgres")
"""What the services stand on, in the order of stopping."""


class Supervisor:
    """One stack in one data directory."""

    def __init__(self, data_dir: Path, broker: Broker | None) -> None:
        self.layout = Layout(data_dir)
        self.stack = read_stack(data_dir)
        if broker is not None:
            self.stack.broker = broker
        # A plain flag: an event's lock, taken by a signal's handler, could be one that the main thread holds.
        self._stop = False
        self._changed = threading.Event()
        # Calls go to the loopback address only; a proxy from the environment would get in the way.
        self._client = httpx.Client(timeout=2.0, trust_env=False)
        self._limits = LogLimits()
        self._rotate_at = 0.0
        self.start = self.make_start()

    def make_start(self) -> Start:
        """Return the start that this supervisor makes."""
        return Start(self.layout, self.stack, self._client, self._changed)

    def request_stop(self) -> None:
        """Have the stack stopped; called by a signal's handler."""
        self._stop = True

    def run(self) -> int:
        """Start, watch until asked to stop, stop. 0 after an orderly stop, 1 when the start failed.

        Whatever happens, no process that was started keeps running.
        """
        phase: Phase = "failed"
        try:
            self._prepare()
            self.start.begin()
            self._watch()
            if self.start.failure is None:
                phase = "stopped"
            else:
                say(f"failed: {self.start.failure}")
                self.stack.error = str(self.start.failure)
        finally:
            self._shut_down(phase)
        return 0 if phase == "stopped" else 1

    def _prepare(self) -> None:
        """End what a killed supervisor left, and write down that this one runs the stack."""
        # Its services may still hold the ports and the broker's data. PostgreSQL clears up after itself.
        left = [
            process
            for name, entry in self.stack.processes.items()
            if name != "postgres" and (process := entry.alive()) is not None
        ]
        end_processes(left, seconds=15.0)
        self.layout.logs.mkdir(parents=True, exist_ok=True)
        stack = self.stack
        stack.phase, stack.error, stack.step, stack.processes = "starting", None, "starting", {}
        stack.supervisor = entry_of(os.getpid(), self.layout.log("supervisor"))
        stack.province = province().area_uid
        stack.ports = choose_ports(stack.ports)
        stack.urls = {name: f"http://{LOOPBACK}:{stack.ports[name]}" for name in SERVICES}
        stack.pages_url = f"http://{LOOPBACK}:{stack.ports[GATEWAY]}" if Options().pages else None
        stack.issuer_key = str(self.layout.issuer_key)
        stack.logs = str(self.layout.logs)
        say("starting")
        self._publish()

    def _watch(self) -> None:
        """Write each change to ``stack.json`` until asked to stop or the start has failed; never wait for a process."""
        while not self._stop and self.start.failure is None:
            if self._changed.wait(_TICK_SECONDS):
                self._changed.clear()
                self._note_running()
                self._publish()
            if time.monotonic() >= self._rotate_at:
                self._rotate_at = time.monotonic() + _ROTATE_EVERY_SECONDS
                rotate(self.layout.logs, self._limits)

    def _note_running(self) -> None:
        begun = self.stack.phase == "starting" and self.start.done
        if begun and all(kept.ready for kept in self.start.kept.values()):
            self.stack.phase, self.stack.step = "running", ""
            say("running")

    def _publish(self) -> None:
        """Write to ``stack.json`` what runs, so that others can find it, or end it after a crash of this process."""
        self.stack.processes = {name: kept.entry() for name, kept in self.start.kept.items()}
        write_stack(self.layout.data_dir, self.stack)

    def _shut_down(self, phase: Phase) -> None:
        """Stop services first (they finish requests), then key server, broker and PostgreSQL, each within its limit."""
        say("stopping")
        self.stack.phase, self.stack.step = "stopping", "stopping"
        self._publish()
        self._end_helpers()
        self.start.end()
        # Services still write while they drain, so what they write to must go after them.
        kept = self.start.kept
        services = [each for name, each in kept.items() if name not in _SERVERS]
        with ThreadPoolExecutor(max(1, len(services))) as pool:
            list(pool.map(Kept.stop, services))
        for name in _SERVERS:
            if name in kept:
                kept[name].stop()
        self._client.close()
        stack = self.stack
        stack.phase, stack.step, stack.supervisor, stack.processes = phase, "", None, {}
        write_stack(self.layout.data_dir, stack)
        say(phase)

    def _end_helpers(self) -> None:
        """End the child processes of a step of the start (initdb, migration, Maven): a stop must not wait for them."""
        kept = {each.subject.pid for each in self.start.kept.values()}
        for child in psutil.Process().children():
            if child.pid not in kept:
                for process in (*child.children(recursive=True), child):
                    process.kill()


def main() -> int:
    """Run the daemon; return the exit status."""
    parser = argparse.ArgumentParser(prog="deploy.embedded.supervisor")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--broker", choices=["embedded", "kafka"])
    given = parser.parse_args()
    return supervise(Supervisor, given.data_dir, given.broker)


def supervise(kind: type[Supervisor], data_dir: Path, broker: Broker | None) -> int:
    """Run a supervisor of the data directory until a signal ends it; return the exit status."""
    # Logs and keys in the data directory are for its owner alone.
    os.umask(0o077)
    data_dir = data_dir.absolute()
    try:
        with hold_lock(data_dir):
            supervisor = kind(data_dir, broker)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: supervisor.request_stop())
            return supervisor.run()
    except AlreadyLockedError:
        say("another supervisor runs this data directory")
        return 0


if __name__ == "__main__":
    sys.exit(main())
