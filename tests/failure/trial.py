"""A disturbed province beside an undisturbed one: both get the same slices, both must give the same figures."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import orjson

from contracts.topics import FACT_TOPICS
from deploy.embedded.state import SERVICES
from tests.failure.ledger import Verdict, check_log, judge
from tests.support.stack.harness import Province, owner_of
from tests.support.stack.keeping import unit_of
from tests.support.stack.log import read
from tests.support.stack.parts import DeadlineError
from tests.support.stack.questions import differences
from tests.support.stack.registers import Registers
from tests.support.stack.submissions import Sender
from tests.support.stack.truth import Values

SEED = 138
Fault = Callable[[], object]
# Links are kept by their latest version alone; the figures tell whether they are right.
_RECORD_TOPICS = tuple(topic for topic in FACT_TOPICS if topic != "registry.persons")


class Reference:
    """The undisturbed run, grown only as far as somebody asks; its answers are kept."""

    def __init__(self, province: Province, registers: Registers) -> None:
        self.province = province
        self.registers = registers
        self.slices = 0
        self._answers: dict[tuple[int, bool], bytes] = {}

    def figures(self, slices: int, *, broad: bool) -> bytes:
        """The figures after the first ``slices`` slices."""
        known = self._answers.get((slices, broad))
        if known is not None:
            return known
        if slices < self.slices:
            raise ValueError(f"the undisturbed run has {self.slices} slices already, asked for {slices}")
        with self.province.awake():
            while self.slices < slices:
                for batch in self.registers.slice(self.slices):
                    self.province.hand_in(batch.form, batch.rows)
                self.slices += 1
            self.province.settled()
            answer = self._answers[slices, broad] = self.province.figures(broad=broad)
        self._check_truth(slices, answer)
        return answer

    def knows(self, slices: int, *, broad: bool) -> bool:
        """Whether the figures after so many slices have been asked before."""
        return (slices, broad) in self._answers

    def _check_truth(self, slices: int, answer: bytes) -> None:
        """The undisturbed run itself is right: equal to what the generator counted."""
        answers = orjson.loads(answer)
        for code, true in self.registers.truth(slices).items():
            for question, found in answers.items():
                if question.split(" ")[0] == code and "known_at=" not in question:
                    assert found["value"] == true, (
                        f"undisturbed run: {question} is {found['value']}, truly {true}"
                    )


@dataclass(slots=True)
class Trial:
    """One disturbed province in step with the reference."""

    province: Province
    reference: Reference
    registers: Registers
    slices: int = 0
    _sent: int = 0
    faults: list[str] = field(default_factory=list)

    def random(self, what: object) -> Random:
        """A seeded source of its own for each test."""
        return Random(f"{SEED}:{what}")

    def batches(self) -> int:
        """How many batches the next slice has."""
        return len(self.registers.slice(self.slices))

    def hand_in_next(
        self,
        faults: Mapping[int, Fault] | None = None,
        *,
        rng: Random | None = None,
        only: Callable[[str], bool] | None = None,
        over_kafka: Iterable[str] = (),
    ) -> None:
        """Hand in the next slice; while batch n is on its way, ``faults[n]`` strikes within 30 ms.

        ``only`` picks the services that get theirs now; the others' batches come when they are called for again
        (`hand_in_rest`). ``over_kafka`` names services that get theirs as submissions.
        """
        rng = rng or self.random(self.slices)
        strikes = []
        sender, waiting = Sender(self.province), []
        for number, batch in enumerate(self.registers.slice(self.slices)):
            if faults and number in faults:
                strike = threading.Timer(rng.random() * 0.03, faults[number])
                strike.start()
                strikes.append(strike)
            owner = owner_of(batch.form)
            if only is not None and not only(owner):
                continue
            if owner in over_kafka:
                by_unit: dict[str, list[Values]] = {}
                for row in batch.rows:
                    by_unit.setdefault(unit_of(batch.form, row), []).append(row)
                for rows in by_unit.values():
                    self._sent += 1
                    waiting.append(f"{SEED}-{self._sent}")
                    sender.send(sender.record(waiting[-1], batch.form, rows))
            else:
                self.province.hand_in(batch.form, batch.rows)
        for strike in strikes:
            strike.join()
        for name, events in sender.outcomes(waiting).items() if waiting else ():
            assert len(events) == 1, f"{name} has {len(events)} outcomes"
            assert not events[0]["data"]["refused"], events[0]["data"]
        if only is None:
            self.slices += 1

    def hand_in_rest(self, only: Callable[[str], bool]) -> None:
        """The batches of the current slice that `hand_in_next` left out."""
        for batch in self.registers.slice(self.slices):
            if only(owner_of(batch.form)):
                self.province.hand_in(batch.form, batch.rows)
        self.slices += 1

    def catch_up(self) -> None:
        """Hand in as many slices as the undisturbed run has, at least one."""
        while self.slices < max(1, self.reference.slices):
            self.hand_in_next()

    def check(self, *, broad: bool = False, deadline: float = 180.0) -> None:
        """Nothing lost, nothing double, and the figures are those of the undisturbed run, byte for byte."""
        while self.slices < self.reference.slices and not self.reference.knows(self.slices, broad=broad):
            self.hand_in_next()  # another trial has taken the undisturbed run further
        self.province.settled(deadline)
        verdict = self.ledger()
        assert verdict.clean, f"{verdict}: {verdict.lost[:3]} {verdict.doubled[:3]} {verdict.foreign[:3]}"
        expected = self.reference.figures(self.slices, broad=broad)
        actual = self.province.figures(broad=broad)
        assert actual == expected, "\n".join(differences(expected, actual))

    def ledger(self) -> Verdict:
        """Events of records that the services wrote, against those that reporting holds."""
        accepted = [event for service in SERVICES for event, _, _ in self._outbox(service, _RECORD_TOPICS)]
        ((live,),) = self.province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
        applied = self.province.sql("reporting", f"SELECT event_id::text FROM g{int(live)}.version")
        return judge(accepted, [event for (event,) in applied])

    def _outbox(self, service: str, topics: Sequence[str]) -> list[tuple[str, str, int]]:
        query = "SELECT event_id::text, subject, sequence FROM outbox WHERE topic = ANY(%s) ORDER BY id"
        return [
            (event, subject, sequence)
            for event, subject, sequence in self.province.sql(service, query, list(topics))
        ]

    def log_complete(self, deadline: float = 120.0) -> None:
        """Return when the log holds every event of every outbox, each subject's in order."""
        outbox = [row for service in SERVICES for row in self._outbox(service, FACT_TOPICS)]

        def broken() -> tuple[str, ...]:
            # A log that is being started anew may be read half old, half new: what counts is how it ends.
            faults = check_log(
                outbox, read(self.province.broker.bootstrap, FACT_TOPICS, self.province.flavour)
            )
            return (*faults.disordered, *(f"{event} is missing" for event in faults.missing))

        end = time.monotonic() + deadline
        while found := broken():
            if time.monotonic() > end:
                raise DeadlineError(f"log not complete and in order within {deadline:.0f} s: {found[:5]}")
