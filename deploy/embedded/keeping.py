"""Keeping a process of the stack running: a thread for each, so that a slow start does not delay other restarts."""

import contextlib
import threading
import time
from pathlib import Path
from typing import Literal, Protocol

import psutil

from deploy.embedded.saying import say
from deploy.embedded.state import ProcessEntry, ProcessState, entry_of
from deploy.kafka import KafkaUnavailableError
from deploy.process import ProcessFailedError

Answer = Literal["ready", "alive", "none"]
"""It serves; it runs but does not serve yet or now; it says nothing where it should."""

_TICK_SECONDS = 0.2
_HEALTHY_AFTER_SECONDS = 30.0
_BACKOFF_MAX_SECONDS = 15.0
_PATIENCE_SECONDS = 90.0
_PATIENCE_MAX_SECONDS = 900.0


class Keepable(Protocol):
    """One process that can be started again."""

    @property
    def running(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    def launch(self) -> None:
        """Start it and return at once; ProcessFailedError where it cannot be started."""

    def probe(self) -> Answer:
        """Ask it now. ``none`` only where silence means that it hangs: a server that recovers is ``alive``."""

    def last_words(self) -> str:
        """Return how it ended and the end of its log."""

    def stop(self) -> object:
        """Stop it in good order, within its budget."""

    def kill(self) -> None:
        """End it at once."""


class Kept:
    """One process kept running until `stop`.

    It is started again whenever it ended, after a pause that grows to 15 s. A running process is ended only after 90 s
    without an answer (`Answer` ``none``), each time after twice as long, up to 15 minutes: on a busy machine a start
    may be slow, and a process killed for that has to begin anew. `changed` is set at every change of its state. `hasty`:
    a process that has not served yet holds no data, so it need not be stopped in good order.
    """

    def __init__(
        self,
        name: str,
        subject: Keepable,
        log: Path,
        changed: threading.Event,
        *,
        ask_seconds: float = 1.0,
        patience_seconds: float = _PATIENCE_SECONDS,
        hasty: bool = True,
    ) -> None:
        self.name = name
        self.subject = subject
        self.log = log
        self.state: ProcessState = "down"
        self.since = time.time()
        self.restarts = 0
        self.ends = 0
        """How often it ended since it last was healthy."""
        self.last_words = ""
        self._changed = changed
        self._ask_seconds = ask_seconds
        self._hasty = hasty
        self._first_patience = self._patience = patience_seconds
        self._over = threading.Event()
        self._launching = threading.Lock()
        self._launched: float | None = None
        self._end_noted = True
        self._answered = False
        self._not_before = self._ask_at = self._heard = 0.0

    def start(self) -> None:
        """Start the process and keep it running, in a daemon thread."""
        threading.Thread(target=self._keep, name=f"keep-{self.name}", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Return True when it served when it was last asked."""
        return self.state == "ready"

    def entry(self) -> ProcessEntry:
        """Return its entry for ``stack.json``."""
        about = {"state": self.state, "since": self.since, "restarts": self.restarts}
        pid = self.subject.pid if self.subject.running else None
        if pid is not None:
            # It may have ended since it was asked for its pid.
            with contextlib.suppress(psutil.NoSuchProcess):
                return entry_of(pid, self.log).model_copy(update=about)
        return ProcessEntry(pid=0, started=0.0, log=str(self.log)).model_copy(
            update=about | {"state": "down"}
        )

    def release(self) -> None:
        """Stop restarting it."""
        self._over.set()

    def stop(self) -> None:
        """Stop restarting it, and stop it."""
        self.release()
        # What is being launched now would run on if it were stopped before it ran.
        with self._launching:
            if self._hasty and not self._answered:
                self.subject.kill()
            else:
                self.subject.stop()

    def _keep(self) -> None:
        while not self._over.is_set():
            try:
                if self.subject.running:
                    self._look()
                else:
                    self._bring_back()
            except Exception as fault:  # noqa: BLE001  a thread that ended would leave its process without anybody
                if not self._over.is_set():
                    say(f"{self.name}: {fault!r}")
            self._over.wait(_TICK_SECONDS)

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._ask_at:
            return
        answer = self.subject.probe()
        now = time.monotonic()
        # During a start people wait for it, so it is asked at every tick.
        self._ask_at = now + (self._ask_seconds if answer == "ready" else 0.0)
        if answer != "none":
            self._heard = now
        if answer == "ready":
            self._answered, self._patience = True, self._first_patience
            # It was healthy for a while: its next fault must not wait as long as one in a row of faults.
            if self._launched is not None and now - self._launched > _HEALTHY_AFTER_SECONDS:
                self.ends = 0
            self._note("ready")
            return
        self._note("silent" if self._answered else "starting")
        if now - self._heard > self._patience:
            say(f"{self.name} has not answered for {self._patience:.0f} s: ending it")
            self._patience = min(2 * self._patience, _PATIENCE_MAX_SECONDS)
            self.subject.kill()

    def _bring_back(self) -> None:
        now = time.monotonic()
        # The end is counted and said once; this method is called again many times before the pause is over.
        if not self._end_noted:
            self._note_end(self.subject.last_words())
        if now < self._not_before:
            return
        with self._launching:
            if self._over.is_set():
                return
            self.restarts += self._launched is not None
            self._launched = self._heard = now
            self._answered, self._end_noted, self._ask_at = False, False, 0.0
            try:
                self.subject.launch()
            except (ProcessFailedError, KafkaUnavailableError, OSError) as failure:
                self._note_end(str(failure))
                return
        self._heard = time.monotonic()
        self._note("starting")

    def _note_end(self, words: str) -> None:
        self._end_noted = True
        # The first end in a row is mended at once; only what ends again and again waits.
        self._not_before = time.monotonic() + (
            min(_BACKOFF_MAX_SECONDS, 0.25 * 2**self.ends) if self.ends else 0.0
        )
        self.ends += 1
        self.last_words = words
        if not self._over.is_set():
            say(f"{self.name}: {words}")
        self._note("down")

    def _note(self, state: ProcessState) -> None:
        if state != self.state:
            self.state, self.since = state, time.time()
        elif state != "down":
            return
        self._changed.set()
