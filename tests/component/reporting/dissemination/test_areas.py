"""The uids that answers name, looked up."""

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW

CALLERS = {"clerk": Principal("TYT-10513", "10513", "clerk", "c")}


@pytest.fixture
def client(empty: Platform) -> httpx.AsyncClient:
    return client_of(known_to(empty, CALLERS, NOW), compose, headers=bearer("clerk"))


async def test_every_area_of_a_day_is_listed_with_its_parent_and_what_became_of_it(
    client: httpx.AsyncClient,
) -> None:
    async with client:
        answer = await client.get("/v1/areas", params={"on": "2023-12-31", "level": "commune"})
        everything = (await client.get("/v1/areas")).json()["areas"]
    communes = {entry["uid"]: entry for entry in answer.json()["areas"]}
    assert len(communes) == 235, "of 2023, before the reforms"
    assert {entry["parent"].partition("@")[0][:2] for entry in communes.values()} == {"28", "29", "30"}
    reused = [entry for entry in everything if entry["code"] == "10525"]
    assert len({entry["name"] for entry in reused}) == 2
    ended = next(entry for entry in reused if entry["valid_to"] == "2025-07-01")
    assert {step["on"] for step in ended["became"]} == {"2025-07-01"}
    told = [(step["on"], step["uid"], step["basis"]) for step in communes["10522@2008"]["became"]]
    assert told == [
        ("2024-12-01", None, "successor_unknown"),
        ("2025-07-01", "10532@2025", "by_shape"),
    ]


async def test_a_day_that_is_none_is_refused_as_every_fault_is(client: httpx.AsyncClient) -> None:
    async with client:
        answer = await client.get("/v1/areas", params={"on": "someday"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["errors"][0]["field"] == "on"


async def test_an_area_is_found_by_name_with_its_district_and_what_it_was_made_of(
    client: httpx.AsyncClient,
) -> None:
    async with client:
        answers = [
            (await client.get("/v1/areas", params={"q": asked})).json()["areas"]
            for asked in ("ngoc chau", "Phường Ngọc Châu", "10513")
        ]
        of_today = (await client.get("/v1/areas", params={"q": "hai duong", "on": "2025-07-01"})).json()[
            "areas"
        ]
        nothing = (await client.get("/v1/areas", params={"q": "nowhere"})).json()
    assert {entry["uid"] for answer in answers for entry in answer} == {"10513@2008"}
    (ward,) = answers[0]
    assert (ward["parent_name"], ward["valid_to"]) == ("Thành phố Hải Dương", "2025-07-01")
    successors = {step["uid"]: step["name"] for step in ward["became"]}
    assert of_today[0]["uid"] in successors
    assert "10513@2008" in {step["uid"] for step in of_today[0]["made_of"]}
    assert nothing == {"areas": []}


async def test_figures_are_found_by_words_of_either_language(client: httpx.AsyncClient) -> None:
    async with client:
        found = [
            [one["code"] for one in (await client.get("/v1/figures", params={"q": asked})).json()["figures"]]
            for asked in ("vu chay", "addicts file", "nowhere")
        ]
    assert found == [["fires.cases"], ["registry.addicts_with_file"], []]


@pytest.mark.parametrize("path", ["/v1/areas", "/v1/figures"])
async def test_a_question_longer_than_any_name_is_refused(client: httpx.AsyncClient, path: str) -> None:
    async with client:
        answer = await client.get(path, params={"q": "x " * 60})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "q"
