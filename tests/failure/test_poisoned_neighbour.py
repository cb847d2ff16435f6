"""One client sends rubbish without end: its neighbours' hand-ins are taken meanwhile, and no consumer is stopped."""

from collections.abc import Iterator
from itertools import cycle, islice

import orjson
import pytest

from contracts.topics import TOPICS
from deploy.embedded.state import SERVICES
from tests.failure.trial import Trial
from tests.support.stack.log import Headers, Record, put, read
from tests.support.stack.parts import wait_for
from tests.support.stack.submissions import OUTCOMES, Sender

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

POISON = 851
KEY = b"police:288"
_TOPICS = [name for name in TOPICS if name.startswith("submissions.") and name != OUTCOMES]


def event(number: int, **attributes: object) -> dict[str, object]:
    """A submission of the client, whose seal is none."""
    return {
        "specversion": "1.0",
        "id": f"poison-{number}",
        "source": "urn:unit:police:288",
        "type": "khopso.submission.v1",
        "data": {"jwe": "rubbish"},
    } | attributes


def poison() -> Iterator[Record]:
    """So many unreadable messages, of many kinds in turn, on the topics that units write to."""
    for number, topic in enumerate(islice(cycle(_TOPICS), POISON), 1):
        good = orjson.dumps(event(number))
        values: list[tuple[bytes | None, Headers]] = [
            (good, ()),
            (b"\xef\xbb\xbf" + good, ()),
            (good + b"\x00", ()),
            (good[:-5], ()),
            (orjson.dumps(event(number, id=number)), ()),
            (orjson.dumps(event(number, type="com.example.other")), ()),
            (orjson.dumps(event(number, data=[])), ()),
            (good, (("h", b"\xff"),)),
            (None, ()),
            (b"\xff\xfe\x00", ()),
        ]
        value, headers = values[number % len(values)]
        yield Record(topic, value, KEY, headers)


def test_nobody_waits_for_a_neighbour_who_sends_rubbish(forgetful: Trial) -> None:
    forgetful.catch_up()
    province = forgetful.province
    put(province.broker.bootstrap, poison())
    # Behind the rubbish on the same topics, and partly on the same partitions.
    forgetful.hand_in_next(over_kafka=SERVICES)
    waiting = "SELECT count(*) FROM dead_letter WHERE consumer LIKE '%%-submissions' AND status = 'waiting'"

    def letters() -> int:
        return sum(int(province.sql(service, waiting)[0][0]) for service in SERVICES)

    wait_for(lambda: letters() == POISON, 60, f"{POISON} messages are put aside")
    for service in SERVICES:
        stopped = [one for one in province.get(service, "/v1/consumers") if one["stopped_at"]]
        assert stopped == []
    assert answered(forgetful) == POISON * 8 // 10 + 1
    forgetful.check()


def answered(trial: Trial) -> int:
    """How many of the client's messages have their outcome: all that say an id."""
    province = trial.province
    found = set()
    for record in read(province.broker.bootstrap, [OUTCOMES], province.flavour):
        event = orjson.loads(record.value or b"{}")
        if event.get("unit") == KEY.decode() and event["data"].get("error"):
            found.add(event["data"]["submission"])
    return len(found)


def test_the_neighbour_himself_is_told_and_can_mend_it(forgetful: Trial) -> None:
    sender = Sender(forgetful.province)
    torn = sender.record("mended-1", "fires", [])
    sender.send(Record(torn.topic, torn.value, KEY, torn.headers))
    (told,) = sender.outcomes(["mended-1"])["mended-1"]
    assert told["data"]["error"] == "submission_unreadable"
    assert told["data"]["refused"] == [{"row": 0, "field": "rows", "rule": "too_short"}]
