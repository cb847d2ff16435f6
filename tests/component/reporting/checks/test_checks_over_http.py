"""The routes of the checks: what they answer, who may run which, who sees the records, and tables handed in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.checks import balance as balancing
from services.reporting.checks.ledger import FORMS
from services.reporting.checks.rules import RULES
from services.reporting.facts import generations
from services.reporting.figures.answering import compute
from services.reporting.figures.scope import Result
from tests.component.reporting.checks.support import CALLERS, on_methadone, written
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import CHI_LINH, NOW, Log, fold, listed, named

AS_OF = {"as_of": "2023-12-14"}


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


async def ask(client: httpx.AsyncClient, who: str, path: str, **given: Any) -> httpx.Response:
    """What is answered to a caller who says what for; a list is shown to nobody who does not."""
    headers = bearer(who, **{"Khopso-Purpose": "reconciliation"})
    return await client.get(f"/v1/checks{path}", params=given, headers=headers)


async def test_all_checks_are_run_for_a_day_with_counts_owners_names_and_what_to_do(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await written(platform)
    document = (await ask(client, "committee", "", **AS_OF)).json()
    found = {check["rule"]: check for check in document["checks"]}
    assert set(found) == {*RULES, *(f"balance.{figure}" for figure in FORMS)}
    counted = {rule: check["count"] for rule, check in found.items() if check["subject"] != "commune"}
    assert {rule: count for rule, count in counted.items() if count} == {
        "methadone.not_listed": 2,
        "methadone.without_file": 2,
        "registry.addict_without_slip": 1,
        "registry.in_centre_but_community": 1,
        "methadone.two_sites": 1,
        "treatment.unknown_facility": 4,
    }
    assert document["findings"] == sum(check["count"] for check in found.values())
    assert (document["as_of"], document["from"], document["to"]) == ("2023-12-14", "2023-01-01", "2023-12-14")
    for check in found.values():
        assert check["vi"]
        assert check["en"]
        assert check["todo"]["vi"]
        assert check["owner"] in ("police", "health", "labour", "committee")


async def test_a_check_lists_opaque_records_and_counts_by_commune(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await written(platform)
    document = (await ask(client, "health", "/methadone.not_listed", by="area", **AS_OF)).json()
    assert document["count"] == 2
    assert {row["area"]: row["value"] for row in document["rows"] if row["value"]} == {"288": 1, "290": 2}
    assert document["overlap"] == 1
    found = {finding["subject"]: finding["records"] for finding in document["findings"]}
    assert set(found) == {str(named(f"ref {who}")) for who in ("an", "chi")}
    first = found[str(named("ref an"))]
    assert [record["unit"] for record in first] == ["F1", "F2"]
    assert set(first[0]) == {"record", "unit", "facility", "area", "area_name", "since"}
    assert first[0]["area_name"] == "Phường Ngọc Châu"


async def test_pages_hold_every_finding_once(platform: Platform, client: httpx.AsyncClient) -> None:
    await written(platform)
    seen: list[str] = []
    after = ""
    while True:
        document = (
            await ask(client, "health", "/methadone.not_listed", limit=1, after=after, **AS_OF)
        ).json()
        seen += [finding["subject"] for finding in document["findings"]]
        assert document["count"] == 2
        if document["next"] is None:
            break
        after = document["next"]
    assert sorted(seen) == sorted(str(named(f"ref {who}")) for who in ("an", "chi"))


@pytest.mark.parametrize(
    ("who", "rule", "area", "status", "sees"),
    [
        ("admin", "methadone.not_listed", "30", 403, False),
        ("operator", "methadone.not_listed", "30", 403, False),
        ("committee", "methadone.not_listed", "30", 200, False),
        (
            "police",
            "methadone.not_listed",
            "30",
            422,
            False,
        ),  # the patients are health's, the day is not released
        ("police clerk", "methadone.not_listed", "30", 422, False),
        ("health", "methadone.not_listed", "30", 200, True),
        ("police", "registry.addict_without_slip", "30", 200, True),
        ("police clerk", "registry.addict_without_slip", "30", 200, False),
        ("health", "registry.addict_without_slip", "30", 422, False),
        ("health", "methadone.two_sites", "30", 200, True),
        ("police", "methadone.two_sites", "30", 403, False),
        ("health", "drug_cases.without_outcome", "30", 403, False),
        ("district", "methadone.not_listed", "288", 422, False),
        ("district", "registry.double_record", "288", 200, True),
        ("district", "methadone.not_listed", "30", 403, False),
        ("analyst", "methadone.not_listed", "30", 403, False),
        ("admin", "recompute", "30", 200, False),
        ("operator", "recompute", "30", 200, False),
        ("committee", "recompute", "30", 403, False),
        ("nobody", "methadone.not_listed", "30", 401, False),
    ],
)
async def test_who_may_run_which_check_and_who_sees_its_records(
    client: httpx.AsyncClient, who: str, rule: str, area: str, status: int, sees: bool
) -> None:
    answer = await ask(client, who, f"/{rule}", area=area, **AS_OF)
    assert answer.status_code == status
    if status == 200:
        document = answer.json()
        assert (document["findings"] is not None) == sees
        assert ("records_hidden" in document) != sees


async def test_of_another_agencys_persons_a_party_is_told_the_released_count_and_no_list(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    few = {"10513": 3, "10606": 14, "10675": 11, "10750": 8}
    for commune, number in few.items():
        for who in range(number):
            on_methadone(log, f"{commune} {who}", date(2023, 3, 1), commune=f"{commune}@2008")
        for who in range(number, number + 12):
            on_methadone(log, f"{commune} {who}", date(2023, 3, 1), commune=f"{commune}@2008")
            status = ("addict", "user")[who % 2]
            listed(log, f"{commune} {who}", status, date(2023, 1, 1), commune=f"{commune}@2008")
    await fold(platform, log.messages)
    given = {"as_of": "2023-11-30", "by": "commune"}
    exact = (await ask(client, "health", "/methadone.not_listed", **given)).json()
    told = (await ask(client, "police", "/methadone.not_listed", **given)).json()
    assert {row["commune"]: row["value"] for row in exact["rows"] if row["value"]} == few
    assert (exact["count"], told["count"], told["findings"]) == (36, 36, None)
    hidden = {row["commune"] for row in told["rows"] if row.get("suppressed")}
    assert "10513" in hidden
    assert len(hidden) > 1
    assert told["records_hidden"]["en"].startswith("the persons are another agency's")
    listed_all = (await ask(client, "police", "", as_of="2023-11-30")).json()["checks"]
    assert {"methadone.not_listed": 36}.items() <= {one["rule"]: one["count"] for one in listed_all}.items()
    off_grid = (await ask(client, "police", "", **AS_OF)).json()["checks"]
    assert [one["count"] for one in off_grid if one["rule"] == "methadone.not_listed"] == [None]


@pytest.mark.parametrize("given", [{"days": "40"}, {"known_at": "2024-01-05"}, {"geography": "2025-08-01"}])
async def test_what_would_let_counts_be_subtracted_is_refused_to_other_parties(
    client: httpx.AsyncClient, given: dict[str, str]
) -> None:
    answer = await ask(client, "police", "/determination.addicted_untreated", as_of="2023-11-30", **given)
    assert answer.status_code == 422
    assert next(iter(given)) in {fault["field"] for fault in answer.json()["errors"]}


async def test_an_agency_counts_only_checks_about_its_own_registers(client: httpx.AsyncClient) -> None:
    rules = {check["rule"] for check in (await ask(client, "health", "", **AS_OF)).json()["checks"]}
    assert "methadone.two_sites" in rules
    assert "methadone.not_listed" in rules
    assert not rules & {"drug_cases.without_outcome", "registry.double_record", "balance.registry.users"}
    assert (await ask(client, "analyst", "", **AS_OF)).status_code == 403


async def test_the_owner_is_that_of_the_day_asked(client: httpx.AsyncClient) -> None:
    owners = [
        (await ask(client, "committee", "/post_detox.not_in_treatment", as_of=day, area=area)).json()["owner"]
        for day, area in (("2025-02-28", "30"), ("2025-03-01", "30"))
    ]
    assert owners == ["labour", "police"]


@pytest.mark.parametrize(
    ("path", "given", "status", "rule"),
    [
        ("/nothing", {}, 404, "check_unknown"),
        ("/balance.drug_cases.detected", {}, 404, "check_unknown"),
        ("/methadone.not_listed", {"area": "99999"}, 404, "area_unknown"),
        ("/methadone.not_listed", {"by": "sex"}, 422, "dimension"),
        ("/methadone.not_listed", {"limit": "0"}, 422, "check_page"),
        ("/methadone.not_listed", {"days": "3"}, 422, "check_no_days"),
        ("/methadone.not_listed", {"as_of": "yesterday"}, 422, "date"),
        ("/methadone.not_listed", {"from": "2023-01-01"}, 422, "period_needed"),
        ("/methadone.not_listed", {"colour": "red"}, 422, "unknown_parameter"),
        ("/methadone.not_listed", {"opening_known_at": "2023-01-01"}, 422, "check_opening_only"),
        ("/balance.methadone.active", {"opening_known_at": "soon"}, 422, "known_at"),
    ],
)
async def test_a_bad_request_is_answered_with_its_fault(
    client: httpx.AsyncClient, path: str, given: dict[str, str], status: int, rule: str
) -> None:
    answer = await ask(client, "committee", path, **given)
    assert answer.status_code == status
    assert rule in {fault["rule"] for fault in answer.json()["errors"]}


async def test_a_balance_is_answered_with_its_classes_and_records(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await written(platform)
    period = {"from": "2023-01-01", "to": "2023-12-31", "by": "commune"}
    document = (await ask(client, "health", "/balance.methadone.active", **period)).json()
    balance = document["balance"]
    assert (document["count"], document["findings"], balance["holds"]) == (0, [], True)
    assert (balance["opening"], balance["closing"]) == (0, 3)
    assert [(entry["class"], entry["count"]) for entry in balance["entries"]] == [("new", 3)]
    assert len(balance["entries"][0]["records"]) == 3
    assert {row["row"]: row["closing"] for row in balance["rows"]} == {"10513@2008": 2, CHI_LINH: 2}
    then = await ask(client, "health", "/balance.methadone.active", opening_known_at="2023-03-31", **period)
    assert (then.json()["restated"]["then"], then.json()["restated"]["now"]) == (0, 0)
    committee = (await ask(client, "committee", "/balance.methadone.active", **period)).json()
    assert committee["balance"]["closing"] == 3
    assert committee["balance"]["entries"][0]["records"] is None
    assert (await ask(client, "police", "/balance.methadone.active", **period)).status_code == 403


async def test_a_number_that_its_own_members_contradict_is_a_finding(
    platform: Platform, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a precomputed answer had gone wrong while rows and log agree."""
    await written(platform)

    async def off_by_one(*given: Any) -> Result:
        found = await compute(*given)
        assert found.value is not None
        return replace(found, value=found.value + 1)

    monkeypatch.setattr(balancing, "compute", off_by_one)
    document = (await ask(client, "health", "/balance.methadone.active", **AS_OF)).json()
    assert document["count"] == 2
    assert [finding["subject"] for finding in document["findings"]] == ["day 2022-12-31", "day 2023-12-14"]


async def test_a_generation_dropped_under_a_check_is_asked_for_anew(
    platform: Platform, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild ends the generation that the check began to read."""
    await written(platform)
    asked: list[int] = []
    live = generations.live

    async def gone_at_first(connection: Any) -> int:
        asked.append(await live(connection))
        return 99 if len(asked) == 1 else asked[-1]

    monkeypatch.setattr(generations, "live", gone_at_first)
    answer = await ask(client, "committee", "/methadone.not_listed", **AS_OF)
    assert (answer.status_code, answer.json()["count"], asked) == (200, 2, [1, 1])


async def test_the_overlap_of_a_breakdown_is_listed_and_equals_that_of_the_figure(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await written(platform)
    document = (await ask(client, "health", "/overlap.methadone.active", by="area", **AS_OF)).json()
    figure = await client.get(
        "/v1/figures/methadone.active",
        params={"by": "area", **AS_OF},
        headers={"Authorization": "Bearer committee"},
    )
    assert document["overlap"] == figure.json()["overlap"] == 1
    assert (document["value"], document["sum_of_rows"]) == (3, 4)
    (found,) = document["findings"]
    assert (found["subject"], found["about"]) == (str(named("ref an")), {"rows": ["288", "290"]})


async def test_recomputation_is_answered_with_no_difference(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await written(platform)
    for more in ({}, {"sample": "3"}):
        document = (await ask(client, "admin", "/recompute", **AS_OF, **more)).json()
        assert (document["count"], document["tables"], document["findings"]) == (0, {}, None)


async def test_declared_figures_that_contradict_each_other_are_found(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()

    def declared(figure: str, number: str, area: str = "30@2008", **more: Any) -> None:
        given = {"agency": "police", "figure": figure, "area": area, "value": number, **more}
        log.write(
            "declared", f"{figure} {area} {more}", unit="police:30", declared_on=date(2023, 12, 20), **given
        )

    year: dict[str, Any] = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 14)}
    for figure, number in (("detected", "374"), ("level.1", "120"), ("level.2", "184"), ("level.3", "71")):
        declared(f"conflicts.{figure}", number, **year)
    for name, number in (("high", "12"), ("at_risk", "29"), ("low", "188")):
        declared(f"areas.risk.{name}", number, as_of=date(2023, 12, 14))
    declared("conflicts.parties", "1153", **year)
    await fold(platform, log.messages)
    period = {"from": "2023-01-01", "to": "2023-12-31"}
    document = (await ask(client, "committee", "/declared.contradiction", **period)).json()
    found = {finding["about"]["rule"]: finding for finding in document["findings"]}
    assert (document["count"], set(found)) == (2, {"table.parts_sum", "table.communes_missing"})
    assert found["table.parts_sum"]["about"]["corrected"] == "375"
    assert len(found["table.parts_sum"]["records"]) == 4
    assert found["table.communes_missing"]["about"]["figures"] == [
        "areas.risk.high",
        "areas.risk.at_risk",
        "areas.risk.low",
    ]
    before = (
        await ask(client, "committee", "/declared.contradiction", known_at="2023-12-20", **period)
    ).json()
    other = (await ask(client, "committee", "/declared.contradiction", agency="health", **period)).json()
    assert (before["count"], other["count"]) == (2, 0)


async def test_parts_of_an_area_that_do_not_come_to_its_declared_figure_are_found(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    from reference.pack.areas import area_book

    log = Log()
    day = date(2023, 12, 14)
    for number, district in enumerate(area_book().children("30@2008", day)):
        for figure, value in (("venues.watched", "10"), ("registry.users", "10")):
            log.write(
                "declared",
                f"{figure} {number}",
                unit="police:30",
                agency="police",
                figure=figure,
                area=district.uid,
                as_of=day,
                value=value,
            )
    for figure, value in (("venues.watched", "119"), ("registry.users", "119")):
        log.write(
            "declared",
            figure,
            unit="police:30",
            agency="police",
            figure=figure,
            area="30@2008",
            as_of=day,
            value=value,
        )
    await fold(platform, log.messages)
    document = (await ask(client, "committee", "/declared.contradiction", **AS_OF)).json()
    (found,) = document["findings"]
    # 12 districts with 10 venues are 120; 12 times 10 users may be 119 people.
    assert (found["about"]["figures"], found["about"]["corrected"]) == (["venues.watched"], "120")


async def test_a_table_is_checked_over_http(client: httpx.AsyncClient) -> None:
    rows = [
        {"label": "Vụ", "value": "374", "group": "g", "role": "total"},
        {"label": "Ổn định", "value": 314, "percent": "84,0", "group": "g"},
        {"label": "Đang giải quyết", "value": 60, "percent": "16,5", "group": "g"},
    ]
    headers = {"Authorization": "Bearer analyst"}
    answer = await client.post("/v1/table-checks", json={"rows": rows}, headers=headers)
    found = {finding["rule"]: finding for finding in answer.json()["findings"]}
    assert (answer.status_code, found["table.percent_wrong"]["corrected"]) == (200, "16.0")
    assert found["table.percent_wrong"]["rows"] == [4]
    bad = await client.post(
        "/v1/table-checks", json={"rows": [{"value": "x"}, {"label": "a", "value": "x"}]}, headers=headers
    )
    assert bad.status_code == 422
    assert [fault["field"] for fault in bad.json()["errors"]] == ["rows[0].label", "rows[1].value"]
    assert (await client.post("/v1/table-checks", json={"rows": []})).status_code == 401
