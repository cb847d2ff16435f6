"""The routes: answers, entity tags, scope, the catalogue, the register of declared figures."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from reference.figures import FIGURES
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, Log, fold, person

CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "committee": Principal("committee:30", "30", "official", "b"),
    "clerk": Principal("committee:30", "30", "clerk", "e"),
    "district": Principal("police:288", "288", "clerk", "c"),
    "commune": Principal("police:10513", "10513", "clerk", "d"),
}
USERS = "/v1/figures/registry.users"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


def written() -> Log:
    log = Log()
    given: dict[str, Any] = {"commune": "10513@2008", "status": "user", "status_from": date(2023, 1, 1)}
    log.write("registry", "an", person=person("an"), **given)
    return log


async def test_a_figure_is_answered_as_the_contract_has_it(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, written().messages)
    asked = {"as_of": "2023-02-01", "known_at": "2023-12-31", "by": "sex"}
    answer = await client.get(USERS, params=asked, headers=bearer("committee"))
    assert answer.json() == {
        "figure": "registry.users",
        "area": "30",
        "area_name": "Tỉnh Hải Dương",
        "as_of": "2023-02-01",
        "known_at": "2023-12-31",
        "definition": {"version": "base", "basis": "Luật 73/2021/QH14; NĐ 105/2021/NĐ-CP", "from": None},
        "value": 1,
        "rows": [{"sex": "male", "value": 1}],
        "overlap": 0,
    }


async def test_without_known_at_the_answer_says_when_it_was_asked(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/v1/figures/fires.cases?from=2023-01-01&to=2023-12-31", headers=bearer("committee")
    )
    found = answer.json()
    assert (found["from"], found["to"], found["known_at"]) == ("2023-01-01", "2023-12-31", NOW.isoformat())


async def test_an_answer_carries_its_watermark_and_its_tag_changes_with_what_is_folded(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    before = await client.get(USERS, headers=bearer("committee"))
    again = await client.get(USERS, headers=bearer("committee") | {"If-None-Match": before.headers["ETag"]})
    await fold(platform, written().messages)
    after = await client.get(USERS, headers=bearer("committee") | {"If-None-Match": before.headers["ETag"]})
    assert (before.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (after.status_code, after.json()["value"]) == (200, 1)
    assert before.headers["Khopso-Watermark"] != after.headers["Khopso-Watermark"]
    await fold(platform, written().messages)
    repeated = await client.get(USERS, headers=bearer("committee"))
    assert repeated.headers["ETag"] == after.headers["ETag"]


@pytest.mark.parametrize(
    ("who", "area", "status"),
    [
        ("clerk", "30", 200),
        ("committee", "10513", 200),
        ("district", "10513", 200),
        ("district", "288", 200),
        ("district", "290", 403),
        ("district", "30", 403),
        ("commune", "10513", 200),
        ("commune", "288", 403),
        ("nobody", "30", 401),
    ],
)
async def test_a_unit_reads_figures_of_its_own_area_and_of_those_inside(
    client: httpx.AsyncClient, who: str, area: str, status: int
) -> None:
    answer = await client.get(USERS, params={"area": area, "as_of": "2023-02-01"}, headers=bearer(who))
    assert answer.status_code == status


async def test_a_bad_question_is_a_problem_document_with_every_fault(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{USERS}?from=2023-01-01&by=venue&by=area", headers=bearer("committee"))
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {(fault["field"], fault["rule"]) for fault in problem["errors"]} == {
        ("by", "dimension"),
        ("by", "parameter_twice"),
        ("from", "stock_with_period"),
    }
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in problem["errors"])


async def test_the_catalogue_lists_every_figure_with_its_dimensions(client: httpx.AsyncClient) -> None:
    found = {
        entry["code"]: entry
        for entry in (await client.get("/v1/figures", headers=bearer("commune"))).json()["figures"]
    }
    assert list(found) == list(FIGURES)
    assert found["methadone.left"]["dimensions"] == [
        "area",
        "commune",
        "region",
        "sex",
        "age_band",
        "facility",
        "end_reason",
    ]
    assert found["detox.compulsory_target_pct"]["asked_as"] == "flow"


async def test_declared_figures_are_taken_with_the_dates_that_they_need(client: httpx.AsyncClient) -> None:
    row = {"agency": "police", "figure": "registry.users", "area_code": "30", "value": "208"}
    row |= {
        "source": "Báo cáo số 12/BC-CAT ngày 14/12/2023"
    }  # the committee declares on behalf of the police from a paper
    good = await client.post(
        "/v1/forms/declared", json=row | {"as_of": "14/12/2023"}, headers=bearer("clerk")
    )
    again = await client.post(
        "/v1/forms/declared", json=row | {"as_of": "2023-12-14"}, headers=bearer("clerk")
    )
    period = {"period_from": "2023-01-01", "period_to": "2023-12-14"}
    bad = await client.post("/v1/forms/declared", json=row | period, headers=bearer("clerk"))
    assert (good.status_code, again.json()["outcome"], bad.status_code) == (201, "unchanged", 422)
    assert {fault["field"] for fault in bad.json()["errors"]} == {"as_of", "period_from"}


async def test_only_administrators_rebuild_and_one_request_stands_for_all(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v1/rebuild?wait_seconds=0", headers=bearer("committee"))
    first = await client.post("/v1/rebuild?wait_seconds=0", headers=bearer("admin"))
    second = await client.post("/v1/rebuild?wait_seconds=0", headers=bearer("admin"))
    assert (refused.status_code, first.status_code) == (403, 202)
    assert (first.json()["number"], second.json()["number"], first.json()["state"]) == (2, 2, "asked")
    listed = (await client.get("/v1/rebuild", headers=bearer("admin"))).json()["generations"]
    assert [(row["number"], row["state"]) for row in listed] == [(2, "asked"), (1, "live")]


async def test_progress_says_how_far_the_live_generation_is(client: httpx.AsyncClient) -> None:
    found = (await client.get("/v1/progress", headers=bearer("admin"))).json()
    assert (found["service"], found["applied"], found["dead_letters"]) == ("reporting", {}, 0)
    # Whoever does not run the system learns how current it is, and no number of events.
    told = (await client.get("/v1/progress", headers=bearer("commune"))).json()
    assert set(told) == {"service", "at", "sent_until", "applied_until"}


async def test_a_rate_is_the_count_for_so_many_of_the_published_population(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, written().messages)
    asked = {"as_of": "2023-02-01", "per": "100000"}
    whole = (await client.get(USERS, params=asked | {"by": "area"}, headers=bearer("committee"))).json()
    assert (whole["per"], whole["population"], whole["population_from"]) == (100_000, 1_956_900, "2023-01-01")
    assert whole["rate"] == pytest.approx(1 * 100_000 / 1_956_900)
    rows = {row["area"]: row for row in whole["rows"]}
    assert rows["288"]["rate"] == pytest.approx(1 * 100_000 / 299_638)
    assert (rows["290"]["rate"], rows["290"]["population"]) == (0, 220_421)
    assert (rows["291"]["rate"], rows["291"]["population"]) == (None, None), "nobody published it"
    earlier = (
        await client.get(USERS, params=asked | {"as_of": "2018-12-31"}, headers=bearer("committee"))
    ).json()
    assert (earlier["rate"], earlier["population"]) == (None, None), "no number for a day before the first"
    by_sex = (await client.get(USERS, params=asked | {"by": "sex"}, headers=bearer("committee"))).json()
    assert {row["rate"] for row in by_sex["rows"]} == {None}
    plain = (await client.get(USERS, params={"as_of": "2023-02-01"}, headers=bearer("committee"))).json()
    assert not {"per", "rate", "population"} & plain.keys()


@pytest.mark.parametrize(
    ("code", "per", "rule"),
    [
        ("registry.users", "7", "rate_per"),
        ("registry.users", "１000", "rate_per"),
        ("registry.users_with_decision_pct", "100000", "rate_of_ratio"),
    ],
)
async def test_a_rate_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, code: str, per: str, rule: str
) -> None:
    asked = {"as_of": "2023-02-01", "per": per}
    answer = await client.get(f"/v1/figures/{code}", params=asked, headers=bearer("committee"))
    assert answer.status_code == 422
    assert [(fault["field"], fault["rule"]) for fault in answer.json()["errors"]] == [("per", rule)]
