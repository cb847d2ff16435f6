"""Wait until everything that was accepted is in the figures. The services report their progress; the broker is not asked."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.topics import FACT_TOPICS, LINKAGE_TOPICS
from deploy.embedded import SERVICES
from khopso.api import Getter
from khopso.failure import Exit, FailureError
from khopso.language import rendered
from texts import Message, message

_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """A partition in one epoch of its log, and the last offset that was sent into it."""

    topic: str
    partition: str
    epoch: str | None
    last_offset: int


@dataclass(frozen=True, slots=True)
class Waited:
    """The seconds that it took, and the number of dead letters (which waiting does not bring into the figures)."""

    seconds: float
    dead_letters: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """Return the JSON answer of `khopso wait`."""
        return {"current": True, "seconds": round(self.seconds, 3), "dead_letters": dict(self.dead_letters)}


def unsent(progress: Mapping[str, Any]) -> int:
    """Return events that the service has committed and its relay not yet sent."""
    return int(progress["outbox"]["unsent"])


def sent_marks(progress: Mapping[str, Any], topics: Iterable[str]) -> list[Mark]:
    """Return how far the service has sent, in the topics of interest."""
    outbox = progress["outbox"]
    epochs = outbox.get("incarnations") or {}
    wanted = set(topics)
    return [
        Mark(topic, str(partition), epochs.get(topic, {}).get(partition), int(last))
        for topic, partitions in outbox["sent"].items()
        if topic in wanted
        for partition, last in partitions.items()
        if last is not None
    ]


def behind(progress: Mapping[str, Any], marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks that the service has not applied yet; a position in another epoch of the log does not count."""
    applied = progress["applied"]
    epochs = progress.get("applied_incarnations") or {}
    return [
        mark
        for mark in marks
        if int(applied.get(mark.topic, {}).get(mark.partition, 0)) <= mark.last_offset
        or epochs.get(mark.topic, {}).get(mark.partition, mark.epoch) != mark.epoch
    ]


class Waiting:
    """Waits in three steps: all rows are sent; the registry has read them and sent its links; reporting has read all."""

    def __init__(self, api: Getter, timeout_seconds: float, note: Callable[[str], None]) -> None:
        self._api = api
        self._started = time.monotonic()
        self._deadline = self._started + timeout_seconds
        self._timeout = timeout_seconds
        self._note = note

    def run(self) -> Waited:
        """Return when the figures are current; FailureError: 1 after the timeout, 3 when a service stays away."""
        if "outbox" not in self._progress("registry"):
            return self._by_instants()
        sent = {name: self._sent(name) for name in SERVICES}
        linkable = [mark for name in SERVICES for mark in sent_marks(sent[name], LINKAGE_TOPICS)]
        self._applied("registry", linkable)
        # From the rows of other services the registry makes links and sends them; the figures need these too.
        sent["registry"] = self._sent("registry")
        everything = [mark for name in SERVICES for mark in sent_marks(sent[name], FACT_TOPICS)]
        self._applied("reporting", everything)
        dead = {name: int(self._progress(name)["dead_letters"]) for name in SERVICES}
        return Waited(
            time.monotonic() - self._started, {name: count for name, count in dead.items() if count}
        )

    def _by_instants(self) -> Waited:
        """Wait in the same steps as somebody who is not told how many events there are, only how current each service is."""
        sent, applied = message("wait.sent_until"), message("wait.applied_until")
        for name in SERVICES:
            self._until(name, "sent_until", sent)
        self._until("registry", "applied_until", applied)
        self._until("registry", "sent_until", sent)
        self._until("reporting", "applied_until", applied)
        return Waited(time.monotonic() - self._started, {})

    def _until(self, service: str, step: str, waiting: Message) -> None:
        """Return when the service has sent, or applied, everything of before the first look, by its own clock."""
        answer = self._progress(service)
        since = datetime.fromisoformat(answer["at"])
        while answer[step] is None or datetime.fromisoformat(answer[step]) < since:
            self._pause(service, waiting)
            answer = self._progress(service)

    def _progress(self, service: str) -> Mapping[str, Any]:
        left = max(0.0, self._deadline - time.monotonic())
        answer: Mapping[str, Any] = self._api.get(service, "/v1/progress", patience_seconds=min(20.0, left))
        return answer

    def _sent(self, service: str) -> Mapping[str, Any]:
        """Return the progress as soon as everything is sent that was in the outbox at the first look.

        What is handed in meanwhile is not waited for: under steady hand-in there may be no moment without it.
        """
        progress = self._progress(service)
        newest = int(progress["outbox"]["newest"])
        while (oldest := progress["outbox"]["oldest_unsent"]) is not None and int(oldest) <= newest:
            self._pause(service, message("wait.not_sent", count=unsent(progress)))
            progress = self._progress(service)
        return progress

    def _applied(self, service: str, marks: list[Mark]) -> None:
        while True:
            late = behind(self._progress(service), marks)
            if not late:
                return
            topics = ", ".join(sorted({mark.topic for mark in late}))
            self._pause(service, message("wait.not_read", topics=topics))

    def _pause(self, service: str, waiting: Message) -> None:
        self._note(f"{service}: {rendered(waiting)}")
        if time.monotonic() > self._deadline:
            raise FailureError(
                Exit.REFUSED, "wait_timeout", seconds=f"{self._timeout:g}", service=service, waiting=waiting
            )
        time.sleep(_PAUSE_SECONDS)
