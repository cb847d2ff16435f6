"""A match that tells who is registered is a look at people: with a purpose, counted, seen by the unit, without minors."""

from typing import Any

import httpx
import pytest

from tests.support.registers import Service

AT_ONCE = 30
"""How many people of others somebody of the police sees by name within an hour in `registry` (`limits.csv`)."""
UNIT = "police:10513"
OWN = {"role": "clerk", "unit": UNIT, "area": "10513"}
ABOVE = {"role": "clerk", "unit": "police:30", "area": "30"}
MATCHES = "/v1/forms/registry/matches"
ADULT, CHILD = "02/05/1988", "02/05/2008"


def person(number: int, birth: str = ADULT) -> dict[str, Any]:
    """A row of the register."""
    return {
        "record_no": f"HS-{number:03}",
        "full_name": f"Phạm Văn Canary {number}",
        "birth_date": birth,
        "sex": "Nam",
        "national_id": f"030088004{number:03}",
        "commune_code": "10513",
        "status": "user",
        "status_from": "10/01/2023",
    }


async def matched(
    registry: Service, caller: dict[str, str], rows: list[dict[str, Any]], purpose: str = "", **more: Any
) -> httpx.Response:
    """The answer to a list that names the unit."""
    listed = [{"row": number, "values": row} for number, row in enumerate(rows, 2)]
    stated = {"Khopso-Purpose": purpose} if purpose else {}
    headers = registry.as_(**caller, **stated)
    return await registry.client.post(MATCHES, json={"rows": listed, "unit": UNIT} | more, headers=headers)


async def looks(registry: Service) -> list[tuple[Any, ...]]:
    """Who looked at whose people, how many, what for."""
    found = await registry.query("SELECT of_unit, unit, form, identities, purpose FROM look ORDER BY id")
    return [tuple(look) for look in found]


async def test_an_office_above_matches_people_with_a_purpose_only_and_the_unit_sees_it(
    registry: Service,
) -> None:
    # Given two people of a commune, of whom a list names one under another number
    assert (await registry.post_rows("registry", [person(1), person(2)], unit=UNIT))["accepted"] == 2
    listed = [{**person(1), "record_no": "KHAC-1"}]
    # When the office above states no purpose, then its list is held against numbers, and says nothing of people
    blind = (await matched(registry, ABOVE, listed)).json()
    assert blind["persons"] is None
    assert {item["reason"]["code"] for item in blind["items"]} == {"never_handed_in", "missing_there"}
    assert await looks(registry) == []
    # When it states one, then the person is found, the one who is missing is named, and the unit sees both looks
    seen = (await matched(registry, ABOVE, listed, "inspection")).json()
    assert {item["reason"]["code"] for item in seen["items"]} == {"other_number", "missing_there"}
    assert await looks(registry) == [(UNIT, "police:30", "registry", 2, "inspection")]


async def test_a_match_counts_to_the_people_an_hour_that_an_office_above_looks_at(
    registry: Service,
) -> None:
    # Given a few more people than may be looked at in an hour, and a list of them all
    people = [person(number) for number in range(AT_ONCE + 5)]
    await registry.post_rows("registry", people, unit=UNIT)
    # When the unit's own clerk matches it, twice, then that is the daily work
    for _ in range(2):
        assert (await matched(registry, OWN, people)).json()["in_both"] == len(people)
    # When the office above does, then it is refused whole: a row that is found is as good as a name that is shown
    refused = await matched(registry, ABOVE, people, "inspection")
    assert (refused.status_code, refused.json()["rule"]) == (403, "too_many_identities")
    assert "Canary" not in refused.text
    # And a list in pages is no way round it
    pages = [people[: AT_ONCE - 5], people[AT_ONCE - 5 :]]
    answers = [await matched(registry, ABOVE, page, "inspection", final=False) for page in pages]
    assert [answer.status_code for answer in answers] == [200, 403]
    # And numbers alone are compared without a limit
    assert (await matched(registry, ABOVE, people)).json()["in_both"] == len(people)


async def test_somebody_with_several_rows_in_a_register_is_one_of_the_people_of_the_hour(
    registry: Service,
) -> None:
    # Given twenty people of a commune, each with two rows: more rows than people may be looked at in an hour
    people = [person(number) for number in range(AT_ONCE - 10)]
    later = [row | {"status": "addict", "status_from": "10/06/2023"} for row in people]
    await registry.post_rows("registry", [*people, *later], unit=UNIT)
    # When the office above matches both rows of each, then it has looked at twenty people
    answer = await matched(registry, ABOVE, [*people, *later], "inspection")
    assert (answer.status_code, answer.json()["in_both"]) == (200, 2 * len(people))
    assert await looks(registry) == [(UNIT, "police:30", "registry", len(people), "inspection")]
    # And ten more within the hour are the last
    more = [person(number) for number in range(100, 111)]
    await registry.post_rows("registry", more, unit=UNIT)
    assert (await matched(registry, ABOVE, more[:10], "inspection", final=False)).status_code == 200
    assert (await matched(registry, ABOVE, more[10:], "inspection", final=False)).status_code == 403


@pytest.mark.parametrize("caller", [OWN, ABOVE])
async def test_a_match_names_no_minor_and_does_not_tell_that_a_name_is_right(
    registry: Service, caller: dict[str, str]
) -> None:
    # Given an adult and somebody under 18
    await registry.post_rows("registry", [person(1), person(2, CHILD)], unit=UNIT)
    # When a list lacks both, then the adult is named and the minor stands there by number alone
    missing = (await matched(registry, caller, [person(3)], "inspection")).json()
    shown = {item["key"][:6]: item for item in missing["items"] if item["kind"] == "only_ours"}
    assert "Canary" in str(shown["HS-001"]["values"])
    assert shown["HS-002"]["values"]["status"] == "user"
    assert not {"full_name", "birth_date", "national_id"} & shown["HS-002"]["values"].keys()
    assert shown["HS-002"]["person"] is None
    # When a list guesses names, then right and wrong ones get one answer, under the number and under another
    for number in ("HS-002", "DOAN-1"):
        guesses: list[dict[str, Any]] = [{}, {"full_name": "Lê Thị Khác", "national_id": "030188009999"}]
        rows = [{**person(2, CHILD), "record_no": number, **guess} for guess in guesses]
        right, wrong = [await matched(registry, caller, [row], "inspection") for row in rows]
        assert comparable(right) == comparable(wrong)


def comparable(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says of the rows of the list."""
    found = answer.json()
    return {
        "counts": {name: found[name] for name in ("theirs", "ours", "in_both", "different", "only_theirs")},
        "persons": found["persons"],
        "items": [(item["kind"], item["row"], item["fields"], item["reason"]) for item in found["items"]],
    }
