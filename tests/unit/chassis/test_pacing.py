"""How often a subscriber asks for records while none come, on a clock that only sleeping moves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from services.chassis.kafka import pacing
from services.chassis.kafka.pacing import POLL_MS, Pacing


class EndOfTestError(Exception):
    """The clock has run as long as the test wants."""


@dataclass
class Client:
    """Stands for the Kafka client of a subscriber; notes for how long its partitions were paused."""

    now: Callable[[], float]
    paused: list[float] = field(default_factory=list)
    _since: float = 0.0

    def assignment(self) -> set[str]:
        return {"a", "b"}

    def pause(self, *partitions: str) -> None:
        assert set(partitions) == {"a", "b"}
        self._since = self.now()

    def resume(self, *partitions: str) -> None:
        assert set(partitions) == {"a", "b"}
        self.paused.append(self.now() - self._since)


@dataclass
class Subscriber:
    """Stands for a batch subscriber of FastStream."""

    consumer: Client
    batch_timeout_ms: int = POLL_MS


@dataclass
class Run:
    """A pacing on a clock of its own."""

    monkeypatch: pytest.MonkeyPatch
    seconds: float = 0.0
    until: float = 0.0

    def __post_init__(self) -> None:
        self.client = Client(lambda: self.seconds)
        self.subscriber = Subscriber(self.client)
        self.monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: self.seconds))
        self.monkeypatch.setattr(pacing, "asyncio", SimpleNamespace(sleep=self._sleep))

    async def _sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds > self.until:
            raise EndOfTestError

    async def keep(self, made: Pacing, seconds: float, *, behind: bool = False) -> None:
        self.until = self.seconds + seconds
        with pytest.raises(EndOfTestError):
            await made.keep(lambda: behind)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(monkeypatch)


def made(run: Run, **options: Any) -> Pacing:
    return Pacing(run.subscriber, **{"pausing": True, **options})


async def test_nothing_is_paused_in_the_first_second_without_records(run: Run) -> None:
    await run.keep(made(run), 0.99)
    assert run.client.paused == []
    assert run.subscriber.batch_timeout_ms == POLL_MS


async def test_pauses_grow_with_the_silence_up_to_less_than_half_a_second(run: Run) -> None:
    await run.keep(made(run), 60)
    assert run.client.paused[0] == pytest.approx(0.05)
    paused = [round(seconds, 6) for seconds in run.client.paused]
    assert sorted(paused) == paused
    assert max(run.client.paused) == pytest.approx(0.4)
    assert run.subscriber.batch_timeout_ms == 100


async def test_with_the_first_record_the_pace_is_that_of_a_busy_time_again(run: Run) -> None:
    pacing_ = made(run)
    await run.keep(pacing_, 60)
    run.client.paused.clear()
    pacing_.heard()
    assert run.subscriber.batch_timeout_ms == POLL_MS
    await run.keep(pacing_, 1.2)
    assert run.client.paused[0] == pytest.approx(0.05)


async def test_while_fetched_records_wait_nothing_is_paused_because_paused_partitions_hand_over_none(
    run: Run,
) -> None:
    await run.keep(made(run), 60, behind=True)
    assert run.client.paused == []


async def test_a_broker_that_holds_fetches_back_is_never_paused_only_polled_less_often(run: Run) -> None:
    await run.keep(made(run, pausing=False), 60)
    assert run.client.paused == []
    assert run.subscriber.batch_timeout_ms == 100
