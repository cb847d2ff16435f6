"""The review queue: what the certain rules left open is proposed, decided by who can tell, told by events, and undone."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import orjson

from reference import unit_name
from services.registers import Intake
from services.registry.registers import REGISTERS
from services.registry.review.proposing import propose_next
from tests.component.registry.support import hear
from tests.support.clock import FixedClock
from tests.support.registers import Service

COMMUNE = {"role": "clerk", "unit": "police:10513", "area": "10513"}
NEXT = {"role": "clerk", "unit": "police:10516", "area": "10516"}
ABOVE = {"role": "clerk", "unit": "police:30", "area": "30"}
FOR = {"Khopso-Purpose": "inspection"}
ONE = {"verdict": "one", "reason": "paper_seen"}
TWO = {"verdict": "two", "reason": "person_asked"}


def row(number: str, **other: Any) -> dict[str, Any]:
    return {
        "record_no": number,
        "full_name": "Phạm Văn Canary",
        "birth_date": "02/05/1988",
        "sex": "Nam",
        "commune_code": "10513",
        "status": "user",
        "status_from": "10/01/2023",
        **other,
    }


async def keep(registry: Service, *rows: dict[str, Any], unit: str = "police:10513") -> None:
    """Hand the rows in, and let the index and the queue learn of them."""
    answer = await registry.post_rows("registry", list(rows), unit=unit)
    assert answer["accepted"] + answer["corrected"] + answer.get("withdrawn", 0) == len(rows), answer
    await learn(registry)


async def learn(registry: Service) -> None:
    told = await registry.query("SELECT payload FROM outbox WHERE topic = 'registry.records' ORDER BY id")
    await hear(registry.platform, [orjson.loads(bytes(payload)) for (payload,) in told])
    await look(registry)


async def look(registry: Service) -> None:
    intake = Intake.of(registry.platform, REGISTERS)
    while await propose_next(registry.platform, intake):
        pass


async def queue(registry: Service, state: str = "open", **caller: str) -> list[dict[str, Any]]:
    who = caller or COMMUNE
    headers = registry.as_(**who) | FOR
    answer = await registry.client.get("/v1/review", params={"state": state}, headers=headers)
    assert answer.status_code == 200, answer.text
    pairs: list[dict[str, Any]] = answer.json()["pairs"]
    return pairs


async def case(registry: Service, pair: dict[str, Any]) -> dict[str, Any]:
    answer = await registry.client.get(f"/v1/review/{pair['id']}", headers=registry.as_(**COMMUNE))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(
    registry: Service, pair: dict[str, Any], what: dict[str, Any], to: str = "decision", **caller: str
) -> httpx.Response:
    body = {"version": pair["version"], **what}
    headers = registry.as_(**(caller or COMMUNE)) | FOR
    return await registry.client.post(f"/v1/review/{pair['id']}/{to}", json=body, headers=headers)


async def links(registry: Service) -> list[Any]:
    return [
        event.data
        for event in await registry.events()
        if event.type == "registry.person.linked.v1" and event.data.basis == "clerk"
    ]


async def test_a_day_and_month_swapped_are_proposed_with_what_agrees_and_what_does_not(
    registry: Service,
) -> None:
    # Given one man entered twice, the second time with day and month swapped, and a namesake of another year
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"), row("HS-3", birth_date="1971"))
    # When the commune's police look at the queue
    (pair,) = await queue(registry)
    # Then the pair is there, and says of each field whether it agrees; no value of a record is in the list
    assert {each["field"]: each["verdict"] for each in pair["fields"]} == {
        "full_name": "agree",
        "birth_date": "like",
        "sex": "agree",
        "national_id": "unknown",
        "commune": "agree",
    }
    assert pair["score"] == sum(each["weight"] for each in pair["fields"])
    assert "Canary" not in orjson.dumps(pair).decode()
    # And side by side both records are read as their unit reads them
    found = await case(registry, pair)
    assert {side["values"]["record_no"] for side in found["sides"]} == {"HS-1", "HS-2"}
    assert {side["values"]["birth_date"] for side in found["sides"]} == {"1988-05-02", "1988-02-05"}
    assert (found["may_decide"], found["against"]) == (True, [])


async def test_one_person_is_a_link_that_ends_when_it_is_undone(
    registry: Service,
) -> None:
    # Given a pair that waits
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"))
    (pair,) = await queue(registry)
    # When it is decided that it is one person, twice (a double click)
    assert (await say(registry, pair, ONE)).json()["outcome"] == "decided"
    assert (await say(registry, pair, ONE)).json()["outcome"] == "unchanged"
    # Then one link of two references is told, and the index answers that they are one
    made = await links(registry)
    assert len({link.ref for link in made}) == 2
    assert len({link.person for link in made}) == 1
    assert [link.known_until for link in made] == [None, None]
    ref = made[0].ref
    same = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**COMMUNE) | FOR)
    assert {each["ref"] for each in same.json()["records"]} == {str(link.ref) for link in made}
    assert same.json()["records"][0]["basis"] == ["clerk"]
    assert await queue(registry) == []
    # And what the index computes anew from records leaves the link alone
    await keep(registry, row("HS-2", birth_date="05/02/1988", status="addict"))
    assert len(await links(registry)) == 2
    # When it is undone an hour later
    (decided,) = await queue(registry, "one")
    clock = registry.platform.clock
    assert isinstance(clock, FixedClock)
    now = clock.advance(timedelta(hours=1))
    undone = await say(registry, decided, {"reason": "wrong_pair"}, "undo")
    assert undone.json()["outcome"] == "undone", undone.text
    # Then the link has an end, the two are told apart, and the pair waits again
    assert [link.known_until for link in (await links(registry))[2:]] == [now, now]
    same = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**COMMUNE) | FOR)
    assert [each["ref"] for each in same.json()["records"]] == [str(ref)]
    assert [each["id"] for each in await queue(registry)] == [pair["id"]]


async def test_two_people_are_proposed_again_only_when_what_was_known_changes(
    registry: Service,
) -> None:
    # Given a pair that was decided to be two people
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"))
    (pair,) = await queue(registry)
    assert (await say(registry, pair, TWO)).status_code == 200
    assert await queue(registry) == []
    # When a record changes in something else than who it is about, the decision stands
    await keep(registry, row("HS-2", birth_date="05/02/1988", status="addict"))
    assert await queue(registry) == []
    # When it says something else of the person, the pair is there again, with the decision of before
    await keep(registry, row("HS-2", birth_date="05/02/1988", national_id="030088004321"))
    (again,) = await queue(registry)
    assert (again["id"], again["decision"]["known_changed"]) == (pair["id"], True)
    # And it can be decided otherwise now; nobody was linked meanwhile
    assert await links(registry) == []
    assert (await say(registry, again, ONE)).status_code == 200
    assert len(await links(registry)) == 2


async def test_of_two_clerks_who_decide_at_once_one_wins_and_the_other_is_told(
    registry: Service,
) -> None:
    # Given a pair that two clerks see
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"))
    (pair,) = await queue(registry)
    # When both decide at once, one this way and one that
    answers = await asyncio.gather(say(registry, pair, ONE), say(registry, pair, TWO))
    # Then one decision stands, the other is told which
    assert sorted(each.status_code for each in answers) == [200, 409]
    (lost,) = [each.json() for each in answers if each.status_code == 409]
    (fault,) = lost["errors"]
    won_one = answers[0].status_code == 200
    assert fault["rule"] == ("review_decided_one" if won_one else "review_decided_two")
    assert unit_name("police:10513") in fault["message"]["en"]
    # And there is one link, or none
    assert len(await links(registry)) == (2 if won_one else 0)


async def test_what_cannot_be_one_person_is_refused_with_what_speaks_against_it(
    registry: Service,
) -> None:
    # Given three records of which the first and the second are one by decision, and the first and the third two
    await keep(
        registry,
        row("A"),
        row("B", birth_date="05/02/1988"),
        row("C", birth_date="1988", status_from="11/01/2023"),
    )
    pairs = {}
    for each in await queue(registry):
        found = await case(registry, each)
        pairs["".join(sorted(side["values"]["record_no"] for side in found["sides"]))] = each
    assert set(pairs) == {"AB", "AC", "BC"}
    assert (await say(registry, pairs["AB"], ONE)).status_code == 200
    assert (await say(registry, pairs["AC"], TWO)).status_code == 200
    # When somebody makes the second and the third one
    answer = await say(registry, pairs["BC"], ONE)
    # Then it is refused, and told which decision stands against it; before that the case said so
    assert answer.status_code == 422, answer.text
    assert [each["rule"] for each in answer.json()["errors"]] == ["review_apart"]
    assert [each["rule"] for each in (await case(registry, pairs["BC"]))["against"]] == ["review_apart"]
    assert len(await links(registry)) == 2
    # And two different national IDs of one length cannot be one person's
    await keep(
        registry,
        row("D", full_name="Lê Văn Sếu", birth_date="01/03/1990", national_id="030090001111"),
        row("E", full_name="Lê Văn Sếu", birth_date="01/03/1990", national_id="030090001112"),
    )
    (other,) = [each for each in await queue(registry) if each["id"] != pairs["BC"]["id"]]
    refused = await say(registry, other, ONE)
    assert [each["rule"] for each in refused.json()["errors"]] == ["review_numbers_differ"]
    assert "030090001111" not in refused.text


async def test_only_who_reads_both_sides_sees_a_pair_and_only_who_can_tell_decides(
    registry: Service,
) -> None:
    # Given one man on the registers of two communes
    await keep(registry, row("HS-1"))
    moved = row("HS-9", birth_date="05/02/1988", commune_code="10516")
    await keep(registry, moved, unit="police:10516")
    # Then neither commune sees the pair, and to ask for it by its id is to ask for what there is not
    assert await queue(registry) == [] == await queue(registry, **NEXT)
    (pair,) = await queue(registry, **ABOVE)
    for caller in (COMMUNE, NEXT):
        answer = await say(registry, pair, ONE, **caller)
        assert (answer.status_code, answer.json()["rule"]) == (404, "review_unknown")
    # And who decides about no pair is refused before anything is looked up
    for role, unit in (("clerk", "health:10513"), ("analyst", "police:30"), ("operator", "police:30")):
        refused = await registry.client.get("/v1/review", headers=registry.as_(role, unit) | FOR)
        assert (refused.status_code, refused.json()["rule"]) == (403, "right_missing"), (role, unit)
    # And the police above both need a purpose, and their look is written down for both communes
    plain = await registry.client.get("/v1/review", headers=registry.as_(**ABOVE))
    assert (plain.status_code, plain.json()["rule"]) == (403, "purpose_needed")
    shown = await registry.client.get(f"/v1/review/{pair['id']}", headers=registry.as_(**ABOVE) | FOR)
    assert shown.status_code == 200, shown.text
    looks = await registry.query("SELECT of_unit FROM look ORDER BY 1")
    assert [unit for (unit,) in looks] == ["police:10513", "police:10516"]
    assert (await say(registry, pair, ONE, **ABOVE)).json()["outcome"] == "decided"


async def test_a_reason_is_of_the_list_and_a_note_holds_no_number_of_anybody(registry: Service) -> None:
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"))
    (pair,) = await queue(registry)
    for said, rule in (
        ({"reason": "because"}, "review_reason"),
        ({"reason": "other"}, "review_note_needed"),
        ({"note": "CCCD 030 088 004 321"}, "mark_identity_number"),
    ):
        answer = await say(registry, pair, {**ONE, **said})
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, rule)
    # A note is kept encrypted, and read by who reads the case
    assert (await say(registry, pair, {**ONE, "note": "đã xem thẻ"})).status_code == 200
    assert "đã xem thẻ" not in await registry.dump()
    assert (await case(registry, pair))["note"] == "đã xem thẻ"


async def test_a_withdrawn_record_is_in_no_pair_that_waits(registry: Service) -> None:
    await keep(registry, row("HS-1"), row("HS-2", birth_date="05/02/1988"))
    assert len(await queue(registry)) == 1
    await keep(registry, {"record_no": "HS-2", "status_from": "10/01/2023", "void": "yes"})
    assert await queue(registry) == []
