"""Registers handed in over Kafka: sealed, applied once, answered once, judged by the same rules as over HTTP."""

import orjson
import pytest

from tests.support.stack.harness import Province
from tests.support.stack.log import Record
from tests.support.stack.parts import wait_for
from tests.support.stack.rows import fire
from tests.support.stack.submissions import Sender

FIRES = {"from": "2023-01-01", "to": "2023-12-31"}


def fires(province: Province) -> int:
    """Fires of the year so far."""
    province.settled()
    return int(province.get("reporting", "/v1/figures/fires.cases", FIRES)["value"])


@pytest.fixture(scope="module")
def sender(province: Province) -> Sender:
    """The software of the province's police."""
    return Sender(province)


def outcome(sender: Sender, name: str) -> dict[str, object]:
    """The single outcome of a submission."""
    (event,) = sender.outcomes([name])[name]
    data: dict[str, object] = event["data"]
    return data


def test_a_sealed_register_is_accepted_and_counted_once_however_often_it_is_sent(
    province: Province, sender: Sender
) -> None:
    before = fires(province)
    record = sender.record("kafka-1", "fires", [fire("KF-1"), fire("KF-2")])
    sender.send(record, record, record)
    found = outcome(sender, "kafka-1")
    assert (found["accepted"], found["refused_rows"], found["form"]) == (2, 0, "fires")
    again = sender.record("kafka-1", "fires", [fire("KF-1"), fire("KF-2")])
    follower = sender.record(
        "kafka-2", "fires", [fire("KF-3", deaths="0"), fire("KF-1", deaths="7"), fire("KF-2")]
    )
    sender.send(again, follower)
    found = outcome(sender, "kafka-2")
    assert (found["accepted"], found["corrected"], found["unchanged"]) == (1, 1, 1)
    assert fires(province) == before + 3
    assert len(sender.outcomes(["kafka-1"])["kafka-1"]) == 1


def test_refused_rows_come_back_with_every_fault_and_good_rows_stay(
    province: Province, sender: Sender
) -> None:
    before = fires(province)
    bad = {**fire("KF-bad", deaths="-3"), "place": "castle", "alarm_at": "never"}
    sender.send(sender.record("kafka-3", "fires", [fire("KF-4"), bad]))
    found = outcome(sender, "kafka-3")
    assert (found["accepted"], found["refused_rows"]) == (1, 1)
    refused = found["refused"]
    assert isinstance(refused, list)
    assert {(fault["row"], fault["field"]) for fault in refused} >= {
        (3, "deaths"),
        (3, "place"),
        (3, "alarm_at"),
    }
    assert "castle" not in orjson.dumps(found).decode(), "values of rows do not travel"
    assert fires(province) == before + 1


def test_a_unit_cannot_hand_in_for_another(province: Province) -> None:
    before = fires(province)
    token = province.issuer.mint("police:10513", "clerk")
    stranger = Sender(province, unit="police:10516", token=token)
    stranger.send(stranger.record("kafka-4", "fires", [{**fire("KF-x"), "unit_code": "police:10516"}]))
    found = outcome(stranger, "kafka-4")
    assert found["accepted"] == 0
    assert found["refused_rows"] == 1 or found["error"]
    assert fires(province) == before


@pytest.mark.parametrize(
    "fault", ["expired token", "no token", "sealed for another service", "not sealed at all"]
)
def test_what_cannot_be_opened_or_trusted_is_answered_or_put_aside_and_never_applied(
    province: Province, sender: Sender, fault: str
) -> None:
    before, letters = fires(province), province.progress("incidents")["dead_letters"]
    name = f"kafka-{fault}"
    rows = [fire(f"KF-{fault}")]
    if fault == "expired token":
        record = Sender(province, token=province.issuer.mint("police:30", "clerk", ttl_seconds=-600)).record(
            name, "fires", rows
        )
    elif fault == "no token":
        record = Sender(province, token="nobody").record(name, "fires", rows)
    else:
        event = orjson.loads(sender.record(name, "fires", rows).value or b"")
        wrong_key = sender.seal(name, "fires", rows, service="treatment")
        event["data"]["jwe"] = wrong_key if fault.startswith("sealed") else orjson.dumps(rows).decode()
        record = Record("submissions.incidents", orjson.dumps(event), b"police:30")
    sender.send(record, sender.record(f"{name}-next", "fires", [fire(f"KF-{fault}-next")]))
    assert outcome(sender, f"{name}-next")["accepted"] == 1

    def answered() -> bool:
        aside = province.progress("incidents")["dead_letters"] > letters
        return aside or bool(sender.outcomes([name], deadline=1)[name][0]["data"]["error"])

    wait_for(answered, 30, f"an answer to a submission with {fault}")
    assert fires(province) == before + 1
