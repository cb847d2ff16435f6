"""A rotation of the linkage secret, step by step over all services (ADR 28). Killed at any point, it goes on when it is begun again."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from contracts.topics import LINKAGE_TOPICS, owned_by
from deploy.embedded import SERVICES, LinkageSecrets
from khopso.api import Api
from khopso.failure import AnsweredError, Exit, FailureError
from khopso.language import spoken
from khopso.waiting import Waiting

_STATE, _ROTATE = "/v1/keys/linkage", "/v1/keys/linkage/rotate"
_SERVICE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 20.0
_PASSING = frozenset({"linkage_unsent", "linkage_tokens_left"})
"""Refusals that end by themselves: events are on their way."""


class LinkageRotation:
    """``secrets`` are those of the embedded stack; None elsewhere, where an operator sets them.

    ``abandon``: tokens that no event tells again get a name without a key. ``patience_seconds`` for all that waits for events.
    """

    def __init__(
        self,
        api: Api,
        secrets: LinkageSecrets | None,
        note: Callable[[str], None],
        *,
        abandon: bool = False,
        patience_seconds: float = 3_600.0,
    ) -> None:
        self._api = api
        self._secrets = secrets
        self._note = note
        self._abandon = abandon
        self._patience = patience_seconds
        self.abandoned = self.letters = self.rows = 0
        self.persons = [
            name for name in SERVICES if any(topic.name in LINKAGE_TOPICS for topic in owned_by(name))
        ]

    def run(self) -> int:
        """Go through a rotation, from wherever an earlier run has come; return the epoch in force.

        FailureError where it stops: what has to be done, and it can be run again.
        """
        states = self._states()
        if not self._is_ending(states):
            if all(state["step"] == "none" for state in states.values()) and self._secrets is not None:
                self._switch(self._secrets.begin)
            self._renew()
        self._end()
        return int(self._states()["registry"]["epoch"])

    def give_up(self) -> None:
        """End a rotation that has changed nothing yet."""
        if any(state["step"] not in ("none", "collecting", "checked") for state in self._states().values()):
            raise FailureError(Exit.REFUSED, "linkage_not_done")
        if self._secrets is not None:
            self._switch(self._secrets.give_up)
        for service in self.persons:
            self._to(service, "none")

    def _states(self) -> dict[str, Mapping[str, Any]]:
        return {name: self._api.get(name, _STATE, patience_seconds=_SERVICE_SECONDS) for name in self.persons}

    def _is_ending(self, states: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether every service has renewed its keys, or is in the next epoch already."""
        first = min(state["epoch"] for state in states.values())
        ending = [state["step"] == "done" or state["epoch"] > first for state in states.values()]
        return all(ending) and not self._held()

    def _held(self) -> bool:
        return bool(self._api.get("reporting", _STATE, patience_seconds=_SERVICE_SECONDS)["held"])

    def _renew(self) -> None:
        for service in self.persons:
            self._to(service, "checked")
        states = self._states()
        # What was handed in before is in the index and in the figures before the keys change.
        if states["registry"]["step"] == "checked":
            self._wait()
        if states["registry"]["step"] != "done":
            self._api.post("reporting", f"{_STATE}/hold", {}, patience_seconds=_SERVICE_SECONDS)
        for service in self.persons:
            self._to(service, "emptied")
        self._wait()
        for service in self.persons:
            self._to(service, "done")
        self._wait()
        if self._held():
            self._note(f"… {spoken('operations.rebuilding')}")
            self._api.post("reporting", f"{_STATE}/rebuild", {}, {"wait_seconds": "3000"})
        if self._held():
            raise FailureError(Exit.REFUSED, "linkage_rebuild_unfinished")

    def _end(self) -> None:
        # Here and not after the rebuild: a command that was killed between them must do it, too.
        forgotten = self._api.post("reporting", f"{_STATE}/forget", {}, patience_seconds=_SERVICE_SECONDS)
        self.letters += int(forgotten["letters"])
        if not forgotten["logs_forgot"]:
            raise FailureError(Exit.UNREACHABLE, "linkage_logs")
        if self._secrets is not None and self._secrets.rotating:
            self._switch(self._secrets.end)
        for service in self.persons:
            self._to(service, "none")

    def _to(self, service: str, step: str) -> None:
        """Have the service work until it has come to the step."""
        deadline = time.monotonic() + self._patience
        wanted = {"to": step, "abandon": self._abandon}
        while True:
            try:
                state = self._api.post(service, _ROTATE, wanted, patience_seconds=_SERVICE_SECONDS)
            except AnsweredError as refused:
                if refused.rule not in _PASSING or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
                continue
            self.rows += int(state["done"])
            self.abandoned += int(state["abandoned"])
            self._note(f"… {service}: {state['step']} {self.rows}")
            if state["step"] == step or (step != "none" and _ORDER[state["step"]] > _ORDER[step]):
                return

    def _wait(self) -> None:
        """Wait until everything sent is read, short times in a row: a log that was begun anew meanwhile is asked for anew."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                Waiting(self._api, _LOOK_SECONDS, self._note).run()
            except FailureError as failed:
                if failed.rule != "wait_timeout" or time.monotonic() > deadline:
                    raise
            else:
                return

    def _switch(self, change: Callable[[], bool]) -> None:
        if not change():
            raise FailureError(Exit.UNREACHABLE, "linkage_hashing_away")


_STEPS = ("none", "collecting", "checked", "rewriting", "rewritten", "emptied", "renamed", "done")
_ORDER = {step: place for place, step in enumerate(_STEPS)}
