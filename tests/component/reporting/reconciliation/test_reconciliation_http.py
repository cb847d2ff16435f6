"""Who may reconcile what, who sees the records, and what a bad question is answered."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reconciliation import ADDICTS, CHI_LINH, LATE, PATIENTS, Case, row
from tests.support.reporting import NOW, fold

CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "committee": Principal("committee:30", "30", "official", "b"),
    "committee clerk": Principal("committee:30", "30", "clerk", "c"),
    "committee analyst": Principal("committee:30", "30", "analyst", "d"),
    "police": Principal("police:30", "30", "official", "e"),
    "district police": Principal("police:288", "288", "official", "f"),
    "health": Principal("health:30", "30", "official", "g"),
    "health admin": Principal("health:30", "30", "admin", "h"),
}
PATH = f"/v1/reconciliations/{ADDICTS}"
ASKED = {"agency": "police", "as_of": "2023-12-14"}
PURPOSE = {"Khopso-Purpose": "reconciliation"}


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


@pytest.fixture
async def told(platform: Platform) -> Case:
    case = Case()
    case.addict("an")
    for number in range(3):
        case.addict(f"late {number}", recorded=LATE)
    case.declare(1)
    case.declare(1, area="288@2008")
    case.patient("an at F1", date(2023, 3, 1))
    case.declare(1, figure=PATIENTS, agency="health", as_of=date(2023, 12, 19), on=date(2023, 12, 22))
    await fold(platform, case.log.messages)
    return case


def step(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in document["steps"] if one["step"] == name)


async def test_the_answer_is_the_documented_waterfall(client: httpx.AsyncClient, told: Case) -> None:
    answer = await client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE))
    found = answer.json()
    assert answer.status_code == 200
    names = ("figure", "area", "agency", "as_of", "declared", "declared_on", "computed", "difference")
    assert [found[name] for name in names] == [
        ADDICTS,
        "30",
        "police",
        "2023-12-14",
        1,
        "2023-12-18",
        4,
        -3,
    ]
    assert sum(one["count"] for one in found["steps"]) == found["difference"]
    assert (found["unexplained"], found["closes"]) == (0, True)
    late = step(found, "recorded_late")
    assert {record["record"] for record in late["records"]} == {row(f"late {n}") for n in range(3)}
    assert all(record["reason"]["vi"] and record["reason"]["en"] for record in late["records"])


async def test_the_computed_side_is_what_the_figure_itself_answers(
    client: httpx.AsyncClient, told: Case
) -> None:
    found = (await client.get(PATH, params=ASKED, headers=bearer("committee"))).json()
    figure = await client.get(
        f"/v1/figures/{ADDICTS}", params={"as_of": "2023-12-14"}, headers=bearer("committee")
    )
    assert found["computed"] == figure.json()["value"]


@pytest.mark.parametrize(
    ("who", "figure", "area", "status", "records"),
    [
        ("admin", ADDICTS, "30", 403, False),
        ("committee", ADDICTS, "30", 200, False),
        ("committee", ADDICTS, "288", 200, False),
        ("committee clerk", ADDICTS, "30", 200, False),
        ("committee analyst", ADDICTS, "30", 403, False),
        ("police", ADDICTS, "30", 200, True),
        ("district police", ADDICTS, "288", 200, True),
        ("district police", ADDICTS, "30", 403, False),
        ("health", ADDICTS, "30", 403, False),
        ("health admin", PATIENTS, "30", 403, False),
        ("health", PATIENTS, "30", 200, True),
        ("police", PATIENTS, "30", 403, False),
        ("nobody", ADDICTS, "30", 401, False),
    ],
)
async def test_records_are_for_officials_of_the_figures_owner_within_their_area(
    client: httpx.AsyncClient, told: Case, who: str, figure: str, area: str, status: int, records: bool
) -> None:
    agency = "health" if figure == PATIENTS else "police"
    asked = {"agency": agency, "as_of": "2023-12-14", "area": area}
    headers = bearer(who, **PURPOSE)
    answer = await client.get(f"/v1/reconciliations/{figure}", params=asked, headers=headers)
    assert answer.status_code == status
    if status == 200:
        found = answer.json()
        assert all((one["records"] is not None) == records for one in found["steps"])
        assert ("records_hidden" in found) == (not records)
        assert sum(one["count"] for one in found["steps"]) == found["difference"]


async def test_lists_of_records_come_in_pages_and_one_step_at_a_time(
    client: httpx.AsyncClient, told: Case
) -> None:
    seen = []
    for offset in (0, 2):
        more = {"limit": "2", "offset": str(offset), "step": "recorded_late"}
        found = (await client.get(PATH, params=ASKED | more, headers=bearer("police", **PURPOSE))).json()
        late = step(found, "recorded_late")
        assert late["records_total"] == 3
        seen.append([record["record"] for record in late["records"]])
        assert all(not one["records"] for one in found["steps"] if one["step"] != "recorded_late")
    assert [len(page) for page in seen] == [2, 1]
    assert {record for page in seen for record in page} == {row(f"late {n}") for n in range(3)}


async def test_records_that_were_not_asked_for_are_left_out_with_the_reason(
    client: httpx.AsyncClient, told: Case
) -> None:
    found = (await client.get(PATH, params=ASKED | {"records": "false"}, headers=bearer("committee"))).json()
    assert step(found, "recorded_late")["records"] is None
    assert found["records_hidden"]["en"] == "the lists of records were not asked for"


async def test_a_number_that_nobody_handed_in_can_be_reconciled_as_well(
    client: httpx.AsyncClient, told: Case
) -> None:
    given = {"as_of": "2023-12-14", "declared": "6", "declared_as_of": "13/12/2023"}
    found = (await client.get(PATH, params=given, headers=bearer("committee"))).json()
    assert (found["declared"], found["computed"], found["unexplained"]) == (6, 4, 2)
    late = given | {"declared": "1", "declared_on": "2023-12-18"}
    found = (await client.get(PATH, params=late, headers=bearer("committee"))).json()
    assert step(found, "recorded_late")["count"] == -3


async def test_a_declaration_for_another_day_is_chosen_and_named_and_the_others_listed(
    client: httpx.AsyncClient, platform: Platform, told: Case
) -> None:
    case = Case()
    case.declare(7, as_of=date(2023, 6, 14), on=date(2023, 6, 20))
    await fold(platform, case.log.messages)
    asked = {"agency": "police", "as_of": "2023-12-31"}
    found = (await client.get(PATH, params=asked, headers=bearer("committee"))).json()
    assert (found["declaration"]["as_of"], found["declaration"]["same_dates"]) == ("2023-12-14", False)
    assert [other["as_of"] for other in found["other_declarations"]] == ["2023-06-14"]


async def test_nothing_declared_is_answered_with_what_was_declared_instead(
    client: httpx.AsyncClient, told: Case
) -> None:
    answer = await client.get(PATH, params=ASKED | {"agency": "labour"}, headers=bearer("committee"))
    problem = answer.json()
    assert (answer.status_code, problem["rule"]) == (404, "reconcile_not_declared")
    assert "police 30 2023-12-14 = 1" in problem["errors"][0]["message"]["en"]
    inside = await client.get(PATH, params=ASKED | {"area": "290"}, headers=bearer("committee"))
    assert inside.json()["errors"][0]["rule"] == "reconcile_none_declared"


@pytest.mark.parametrize(
    ("asked", "status", "faults"),
    [
        ({"as_of": "2023-12-14"}, 422, {("agency", "reconcile_agency")}),
        (ASKED | {"against": "army"}, 422, {("against", "reconcile_agency")}),
        (ASKED | {"against": "health"}, 404, {("agency", "reconcile_declared_instead")}),
        ({"agency": "army", "as_of": "2023-12-14"}, 422, {("agency", "reconcile_agency")}),
        (
            ASKED | {"limit": "0", "offset": "-1"},
            422,
            {("limit", "reconcile_page"), ("offset", "reconcile_page")},
        ),
        (ASKED | {"records": "maybe"}, 422, {("records", "flag")}),
        (ASKED | {"declared": "many"}, 422, {("declared", "reconcile_value")}),
        (ASKED | {"declared_on": "2023-12-18"}, 422, {("declared_on", "reconcile_only_with_value")}),
        (ASKED | {"declared": "1", "declared_on": "18"}, 422, {("declared_on", "date")}),
        (ASKED | {"from": "2023-01-01"}, 422, {("from", "stock_with_period")}),
        (ASKED | {"colour": "red"}, 422, {("colour", "unknown_parameter")}),
        (ASKED | {"by": "sex"}, 422, {("by", "reconcile_no_breakdown")}),
        (ASKED | {"step": "magic"}, 422, {("step", "reconcile_step")}),
        (ASKED | {"known_at": "1990-01-01"}, 422, {("known_at", "known_at_before_first")}),
        (ASKED | {"area": "99999"}, 404, {("area", "area_unknown")}),
    ],
)
async def test_bad_questions_get_a_problem_that_names_field_value_and_rule(
    client: httpx.AsyncClient, told: Case, asked: dict[str, str], status: int, faults: set[tuple[str, str]]
) -> None:
    answer = await client.get(PATH, params=asked, headers=bearer("committee"))
    assert answer.status_code == status
    assert {(fault["field"], fault["rule"]) for fault in answer.json()["errors"]} == faults


async def test_an_unknown_figure_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/reconciliations/registry.nobody", params=ASKED, headers=bearer("admin"))
    assert answer.status_code == 404


async def test_the_answer_has_a_tag_that_changes_with_what_is_folded(
    client: httpx.AsyncClient, platform: Platform, told: Case
) -> None:
    first = await client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE))
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE) | tag)
    clerk = await client.get(PATH, params=ASKED, headers=bearer("committee clerk") | tag)
    more = Case()
    more.addict("one more", commune=CHI_LINH)
    await fold(platform, more.log.messages)
    after = await client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE) | tag)
    # And the police's own official, who does not say what for, has no right to what the tag stands for.
    silent = await client.get(
        PATH, params=ASKED, headers=bearer("police") | {"If-None-Match": after.headers["ETag"]}
    )
    assert silent.status_code == 200
    assert (again.status_code, clerk.status_code, after.status_code) == (304, 200, 200)


async def listed(client: httpx.AsyncClient, who: str, **asked: str) -> set[tuple[Any, ...]]:
    answer = await client.get("/v1/reconciliations", params=asked, headers=bearer(who))
    assert answer.status_code == 200
    return {
        (one["figure"], one["area"], one["declared"], one["computed"], one["agrees"])
        for one in answer.json()["declarations"]
    }


async def test_everything_declared_is_listed_beside_the_figure_at_its_own_dates(
    client: httpx.AsyncClient, told: Case
) -> None:
    everything = {
        (ADDICTS, "30", 1, 4, False),
        (ADDICTS, "288", 1, 4, False),
        (PATIENTS, "30", 1, 1, True),
    }
    assert await listed(client, "committee") == everything
    assert await listed(client, "committee", agency="health") == {(PATIENTS, "30", 1, 1, True)}
    assert await listed(client, "committee", area="288") == {(ADDICTS, "288", 1, 4, False)}
    early = await listed(client, "committee", area="288", known_at="2023-12-31")
    assert early == {(ADDICTS, "288", 1, 1, True)}
    assert await listed(client, "district police") == {(ADDICTS, "288", 1, 4, False)}
    assert await listed(client, "health") == {(PATIENTS, "30", 1, 1, True)}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"agency": "army"}, ("agency", "reconcile_agency")),
        ({"area": "99999"}, ("area", "area_unknown")),
        ({"as_of": "2023-12-14"}, ("as_of", "unknown_parameter")),
        ({"known_at": "soon"}, ("known_at", "known_at")),
    ],
)
async def test_a_bad_question_for_the_list_names_what_is_wrong(
    client: httpx.AsyncClient, told: Case, asked: dict[str, str], fault: tuple[str, str]
) -> None:
    answer = await client.get("/v1/reconciliations", params=asked, headers=bearer("committee"))
    assert answer.status_code == 422
    assert {(one["field"], one["rule"]) for one in answer.json()["errors"]} == {fault}
