"""A closing of a release is computed again to the same bytes: after the upgrade, poison, a lost log and a rebuild."""

from collections.abc import Iterator
from typing import Any

import orjson

from deploy.embedded.broker import EmbeddedBroker
from tests.support.closings import ACCEPTED
from tests.support.stack.harness import Province
from tests.support.stack.log import Record, put, read
from tests.support.stack.parts import wait_for
from tests.upgrade.conftest import Upgraded, ask, live
from tests.upgrade.test_upgrade import rebuilt

_TOPICS = ("registry.records", "registry.persons", "treatment.methadone", "incidents.arrests")
_OFFICIAL = ("committee:30", "official", "30")


def closings(upgraded: Upgraded) -> list[str]:
    """Where the closings are replayed: those of the release, and one that is made today where it had none."""
    found = [place for place in upgraded.release.answers["closings"] if place.endswith("/replay")]
    if not found:
        answer = upgraded.province.client.post(
            f"{upgraded.province.url('reporting')}/v1/closings",
            json={"calendar": "civil", "period": "2023", "figures": "health", "accept_missing": ACCEPTED},
            headers={"authorization": f"Bearer {upgraded.province.issuer.mint(*_OFFICIAL)}"},
            timeout=120,
        )
        assert answer.status_code == 201, answer.text
        found = [f"/v1/closings/{answer.json()['id']}/replay"]
    return found


def equal(upgraded: Upgraded, places: list[str]) -> None:
    """All of them are computed to the bytes that were sealed."""
    token = upgraded.province.issuer.mint(*_OFFICIAL)
    for place in places:
        answer = ask(upgraded.province, place, token)
        assert answer["equal"], (len(answer["different"]), answer["different"][:5])


def poison(province: Province) -> Iterator[Record]:
    """Events that carry ids which closings know, of other records and versions; rivals; and what nobody can read."""
    for topic in _TOPICS:
        known = [
            one
            for one in read(province.broker.bootstrap, [topic], province.flavour)
            if b"khopso.log.started" not in (one.value or b"")
        ][:12]
        for number, one in enumerate(known):
            document: dict[str, Any] = orjson.loads(one.value or b"")
            sequence = str(int(document["sequence"]) + 5)
            stranger = f"{number:08x}-0000-7000-8000-{number:012x}"
            for changes in (
                {"subject": stranger},
                {"sequence": sequence},
                {"id": stranger, "recordedtime": "2001-01-01T00:00:00Z"},
                {"id": f"ffffffff-{stranger[9:]}", "subject": f"ffffffff-{stranger[9:]}"},
                {"data": 7},
            ):
                yield Record(topic, orjson.dumps(document | changes), one.key, one.headers, one.partition)
            yield Record(topic, (one.value or b"")[:-7], one.key, one.headers, one.partition)


def read_up_to(province: Province, places: list[tuple[str, int, int]]) -> bool:
    """Whether the live generation's consumer has read these records."""
    rows = province.sql(
        "reporting",
        "SELECT topic, partition, next_offset FROM position WHERE consumer = %s",
        f"reporting-g{live(province)[0]}",
    )
    positions = {(topic, partition): after for topic, partition, after in rows}
    return all(positions.get((topic, partition), 0) > offset for topic, partition, offset in places)


def test_a_replay_holds_through_poison_a_lost_log_and_a_rebuild(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    province = upgraded.province
    places = closings(upgraded)
    equal(upgraded, places)
    put_at = put(province.broker.bootstrap, list(poison(province)))
    wait_for(lambda: read_up_to(province, put_at), 90, "the poison is read")
    equal(upgraded, places)
    broker = province.broker
    assert isinstance(broker, EmbeddedBroker)
    # Of the poison what could be applied is in no outbox: after this it is in the figures alone.
    broker.restart()
    before = live(province)[0]
    province.post("reporting", "/v1/rebuild?wait_seconds=0")
    wait_for(lambda: live(province)[0] == before + 1, 240, "the rebuild takes over")
    equal(upgraded, places)
