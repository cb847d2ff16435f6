"""The broker of a stack that nobody chose one for: Apache Kafka where it can be had, and the same one ever after."""

from pathlib import Path

import pytest

from deploy.embedded import choice, starting
from deploy.embedded.choice import usual_broker
from deploy.embedded.state import Stack, write_stack
from deploy.embedded.supervisor import Supervisor
from deploy.kafka import KafkaUnavailableError


def have_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Java and the jars be there."""
    monkeypatch.setattr(choice, "resolve_java", lambda: Path("/java"))
    monkeypatch.setattr(choice, "resolve_jars", lambda *, seconds: Path("/jars"))


def test_apache_kafka_is_the_broker_where_it_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    have_kafka(monkeypatch)
    broker, why = usual_broker()
    assert broker == "kafka"
    assert "/java" in why
    assert "/jars" in why


@pytest.mark.parametrize("missing", ["resolve_java", "resolve_jars"])
def test_without_java_or_jars_it_is_the_wheels_broker_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    def fail(**_: float) -> Path:
        raise KafkaUnavailableError("Maven is not installed.")

    have_kafka(monkeypatch)
    monkeypatch.setattr(choice, missing, fail)
    assert usual_broker() == ("embedded", "Maven is not installed.")


def test_the_first_start_does_not_wait_long_for_the_jars(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    have_kafka(monkeypatch)
    monkeypatch.setattr(choice, "resolve_jars", lambda *, seconds: waited.append(seconds))
    usual_broker()
    assert waited == [choice.FETCH_SECONDS]
    assert choice.FETCH_SECONDS <= 90


def test_a_new_data_directory_gets_the_usual_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "usual_broker", lambda: ("kafka", "It is here."))
    made = Supervisor(tmp_path, None)
    assert made.start.choose_broker() == "kafka"
    assert made.stack.broker == "kafka"
    assert made.stack.step == "looking for Apache Kafka"


@pytest.mark.parametrize(("given", "expected"), [(None, "embedded"), ("kafka", "kafka")])
def test_a_data_directory_keeps_its_broker_until_another_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None, expected: str
) -> None:
    monkeypatch.setattr(starting, "usual_broker", lambda: pytest.fail("nobody needs to choose"))
    write_stack(tmp_path, Stack(broker="embedded"))
    assert Supervisor(tmp_path, "kafka" if given else None).start.choose_broker() == expected
