"""`khopso wait`: the order of its questions, and that it neither returns too early nor waits for ever."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from khopso.failure import Exit, FailureError
from khopso.waiting import Waiting

Progress = dict[str, Any]


def progress(
    *,
    unsent: int = 0,
    newest: int = 100,
    sent: Mapping[str, Mapping[str, int]] | None = None,
    applied: Mapping[str, Mapping[str, int]] | None = None,
    log: str = "log-1",
    dead: int = 0,
) -> Progress:
    def incarnations(of: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, str]]:
        return {topic: dict.fromkeys(partitions, log) for topic, partitions in of.items()}

    return {
        "outbox": {
            "unsent": unsent,
            "newest": newest,
            "oldest_unsent": newest - unsent + 1 if unsent else None,
            "sent": dict(sent or {}),
            "incarnations": incarnations(sent or {}),
        },
        "applied": dict(applied or {}),
        "applied_incarnations": incarnations(applied or {}),
        "dead_letters": dead,
    }


def _idle(_asked: int) -> Progress:
    return progress()


class World:
    """Services whose progress is a function of how many questions were asked before."""

    def __init__(self, **services: Callable[[int], Progress]) -> None:
        idle = dict.fromkeys(("registry", "treatment", "incidents", "reporting"), _idle)
        self._services: dict[str, Callable[[int], Progress]] = {**idle, **services}
        self.asked: list[str] = []

    def get(
        self,
        service: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        assert path == "/v1/progress"
        answer = self._services[service](self.asked.count(service))
        self.asked.append(service)
        return answer


def wait(world: World, timeout_seconds: float = 5.0) -> Any:
    notes: list[str] = []
    return Waiting(world, timeout_seconds, notes.append).run()


def test_a_system_at_rest_is_current_at_once() -> None:
    world = World()
    assert wait(world).document()["current"] is True
    assert world.asked.count("reporting") <= 3


def test_it_waits_for_unsent_events() -> None:
    world = World(treatment=lambda asked: progress(unsent=max(0, 3 - asked)))
    wait(world)
    assert world.asked.count("treatment") >= 4


def test_under_steady_hand_in_it_waits_for_what_was_accepted_before_and_no_longer() -> None:
    """At each look one event more has been handed in, and one has been sent: three always wait."""
    world = World(treatment=lambda asked: progress(unsent=3, newest=100 + asked))
    assert wait(world).document()["current"] is True
    assert 4 <= world.asked.count("treatment") <= 6


def test_reporting_must_be_past_the_last_offset_sent_in_every_partition() -> None:
    sent = {"incidents.fires": {"0": 4, "1": 9}}
    done = {"incidents.fires": {"0": 5, "1": 10}}
    late = {"incidents.fires": {"0": 5, "1": 9}}
    world = World(
        incidents=lambda _asked: progress(sent=sent),
        reporting=lambda asked: progress(applied=done if asked >= 3 else late),
    )
    wait(world)
    assert world.asked.count("reporting") >= 4


def test_links_made_from_what_was_handed_in_are_waited_for_too() -> None:
    slips = {"treatment.determinations": {"0": 0}}
    read = {"treatment.determinations": {"0": 1}}
    links = {"registry.persons": {"0": 0}}
    registry_has_read = 2

    def registry(asked: int) -> Progress:
        if asked < registry_has_read:
            return progress()
        return progress(applied=read, sent=links)

    def reporting(asked: int) -> Progress:
        return progress(applied=read | ({"registry.persons": {"0": 1}} if asked >= 3 else {}))

    world = World(treatment=lambda _asked: progress(sent=slips), registry=registry, reporting=reporting)
    wait(world)
    assert world.asked.count("reporting") >= 4


def test_a_position_in_a_lost_log_does_not_count() -> None:
    sent = progress(sent={"incidents.fires": {"0": 4}}, log="log-2")
    old = progress(applied={"incidents.fires": {"0": 900}}, log="log-1")
    new = progress(applied={"incidents.fires": {"0": 5}}, log="log-2")
    world = World(incidents=lambda _asked: sent, reporting=lambda asked: new if asked >= 2 else old)
    wait(world)
    assert world.asked.count("reporting") >= 3


def test_what_no_figure_reads_is_not_waited_for() -> None:
    sent = {"submissions.outcomes": {"0": 7}, "registry.records.dlq": {"0": 1}}
    assert wait(World(registry=lambda _asked: progress(sent=sent))).seconds < 2


def test_dead_letters_are_told_not_waited_for() -> None:
    world = World(reporting=lambda _asked: progress(dead=2))
    assert wait(world).document()["dead_letters"] == {"reporting": 2}


def test_the_timeout_names_what_is_missing() -> None:
    world = World(incidents=lambda _asked: progress(unsent=5))
    with pytest.raises(FailureError) as failure:
        wait(world, 0.3)
    assert failure.value.exit_code == Exit.REFUSED
    assert "incidents" in failure.value.text.en


def instants(sent: int | None = 0, applied: int | None = 0, at: int = 0) -> Progress:
    """How current a service is, as told to somebody who does not run it: instants in seconds."""

    def at_second(second: int | None) -> str | None:
        return None if second is None else f"2024-03-01T08:00:{second:02}+00:00"

    return {
        "service": "any",
        "at": at_second(at),
        "sent_until": at_second(sent),
        "applied_until": at_second(applied),
    }


def test_somebody_who_is_told_no_counts_waits_until_all_of_before_is_sent_and_applied() -> None:
    world = World(
        registry=lambda asked: instants(sent=1, applied=None if asked < 4 else 1, at=1 if asked > 2 else 0),
        treatment=lambda asked: instants(sent=5 if asked < 3 else 10, at=10),
        incidents=lambda _asked: instants(),
        reporting=lambda asked: instants(applied=None if asked < 6 else 3, sent=2, at=2),
    )
    assert wait(world).document() == {"current": True, "seconds": pytest.approx(0, abs=5), "dead_letters": {}}
    assert world.asked.count("treatment") == 4
    assert world.asked.count("reporting") == 7
    # What is not applied in time is told
    late = World(
        **{
            name: lambda _asked: instants(applied=None)
            for name in ("registry", "treatment", "incidents", "reporting")
        }
    )
    with pytest.raises(FailureError) as failure:
        wait(late, 0.3)
    assert failure.value.exit_code == Exit.REFUSED
