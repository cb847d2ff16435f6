"""Lists of records: ids of the own agency's alone, of minors none, each look written down, many only with a second person."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security import Principal
from services.reporting.app import compose
from tests.component.reporting.checks.support import in_detox, on_methadone, same
from tests.support.callers import bearer, client_of, known_to
from tests.support.reconciliation import ADDICTS, Case
from tests.support.reporting import CHI_LINH, NOW, A, Log, fold, listed, named, person

CALLERS = {
    "police": Principal("police:30", "30", "official", "police"),
    "commune": Principal("police:10513", "10513", "official", "commune"),
    "health": Principal("health:30", "30", "official", "health"),
    "second": Principal("health:30", "30", "official", "second"),
    "labour": Principal("labour:30", "30", "official", "labour"),
    "head of the site": Principal("F1", "10513", "official", "head"),
    "site": Principal("F1", "10513", "clerk", "site"),
    "other site": Principal("F2", "10513", "clerk", "other"),
}
AS_OF = {"as_of": "2023-12-14"}
PURPOSE = {"Khopso-Purpose": "reconciliation"}
AT_ONCE = 50
"""How many records a list names within an hour (`limits.csv`)."""
MANY = AT_ONCE + 10
YOUNG: dict[str, Any] = {"band": "14-15", "until": date(2023, 9, 1)}
"""Born on 1 September 2007: 16 on the day asked, and a minor still on the day of asking."""
NOT_LISTED = "/v1/checks/methadone.not_listed"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


async def ask(client: httpx.AsyncClient, who: str, path: str, **given: Any) -> dict[str, Any]:
    headers = bearer(who, **PURPOSE)
    days = {} if "from" in given else AS_OF
    answer = await client.get(path, params=days | given, headers=headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def ids(document: Any) -> Iterator[str]:
    """Every text in a document that is an id of a record, wherever it stands."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("record", "record_id", "because_of") and value is not None:
                yield value
            elif name == "records" and value and isinstance(value[0], str):
                yield from value
            else:
                yield from ids(value)
    elif isinstance(document, list):
        for value in document:
            yield from ids(value)


def a_child_listed_twice() -> Case:
    """A minor and an adult, each on the list of two communes; one of the minor's records by the commune itself."""
    case = Case()
    ages: dict[str, dict[str, Any]] = {"child": YOUNG, "adult": {}}
    for who, age in ages.items():
        # The linkage keys of both references are one person's.
        for name, commune, unit in (
            (who, "10513@2008", "police:10513"),
            (f"{who} too", CHI_LINH, "police:290"),
        ):
            case.addict(name, commune=commune, unit=unit, person=person(name, key=who, **age))
        case.same(who, f"{who} too")
    case.declare(0)
    return case


def _row(who: str, unit: str) -> str:
    return str(named(f"registry {unit} {who} 2023-12-01"))


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/figures/{ADDICTS}/overlap?by=commune",
        "/v1/checks/registry.double_record",
        f"/v1/checks/overlap.{ADDICTS}?by=commune",
        f"/v1/checks/balance.{ADDICTS}",
        f"/v1/checks/balance.{ADDICTS}?opening_known_at=2023-11-01&from=2023-12-10&to=2023-12-14",
        f"/v1/reconciliations/{ADDICTS}?agency=police",
    ],
)
async def test_records_of_minors_are_in_no_list_though_they_are_counted(
    platform: Platform, client: httpx.AsyncClient, path: str
) -> None:
    # Given an adult and a child, each on the lists of two communes
    await fold(platform, a_child_listed_twice().log.messages)
    # When the province's official asks
    route, _, query = path.partition("?")
    given = dict(part.split("=") for part in query.split("&")) if query else {}
    document = await ask(client, "police", route, **given)
    # Then the adult's records are listed, the child's are not, and the answer says that some are left out
    shown = set(ids(document))
    assert shown
    assert shown <= {_row("adult", "police:10513"), _row("adult too", "police:290"), *_declared(document)}
    assert "18" in document["minors_left_out"]["vi"]


def _declared(document: dict[str, Any]) -> set[str]:
    return {document["declaration"]["record"]} if "declaration" in document else set()


async def test_the_official_of_the_commune_who_may_know_its_minors_finds_them_in_its_lists(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given a child on the list of the commune, of whom no slip says anything
    log = Log()
    listed(log, "child", "addict", date(2023, 12, 1), unit="police:10513", person=person("child", **YOUNG))
    await fold(platform, log.messages)
    rule = "/v1/checks/registry.addict_without_slip"
    # Then the official of the commune has the child in the list, and the official of the province has not
    (finding,) = (await ask(client, "commune", rule, area="10513"))["findings"]
    assert finding["records"][0]["record"] == _row("child", "police:10513")
    above = await ask(client, "police", rule)
    assert (above["count"], above["findings"]) == (1, [])


async def test_a_correction_of_the_age_opens_no_list(platform: Platform, client: httpx.AsyncClient) -> None:
    # Given a child on the list of the commune, and a correction by which the same person is of age
    log = Log()
    for age in (YOUNG, {}):
        about = person("child", **age)
        listed(log, "child", "addict", date(2023, 12, 1), unit="police:10513", person=about)
    await fold(platform, log.messages)
    # Then the official of the province has the record in no list still, and the commune's has it
    rule = "/v1/checks/registry.addict_without_slip"
    above = await ask(client, "police", rule)
    assert (above["count"], above["findings"]) == (1, [])
    assert "18" in above["minors_left_out"]["vi"]
    assert len((await ask(client, "commune", rule, area="10513"))["findings"]) == 1


async def test_a_facility_knows_no_record_of_another_one_of_its_agency(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two methadone sites of one commune, each with a patient of that commune
    log = Log()
    for code in ("F1", "F2"):
        about: dict[str, Any] = {
            "facility": code,
            "name": "Cơ sở",
            "commune": "10513@2008",
            "level": "district",
        }
        begun = date(2020, 1, 1)
        log.write("facilities", code, unit="health:30", does=("methadone",), valid_from=begun, **about)
        on_methadone(log, f"patient of {code}", date(2023, 3, 1), code)
    await fold(platform, log.messages)
    # When one of them lists the patients who are on no register
    document = await ask(client, "head of the site", NOT_LISTED, area="10513")
    # Then both count, and only its own is named
    assert document["count"] == 2
    own, *others = sorted(document["findings"], key=lambda finding: "F1" not in str(finding))
    assert len(list(ids(own))) == 1
    assert list(ids(others)) == []
    assert "F2" not in str(document["findings"])
    # And the department above both knows either
    assert len(list(ids(await ask(client, "health", NOT_LISTED)))) == 2


async def test_a_page_is_filled_up_where_findings_are_left_out(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two adults and two children without a slip
    log = Log()
    for who in ("an", "binh"):
        listed(log, who, "addict", date(2023, 12, 1))
        listed(log, f"{who} young", "addict", date(2023, 12, 1), person=person(f"{who} young", **YOUNG))
    await fold(platform, log.messages)
    # When pages of one finding are read, then they hold the adults, and the last one ends
    seen: list[str] = []
    given: dict[str, Any] = {"limit": 1}
    while given.get("after", "") is not None:
        page = await ask(client, "police", "/v1/checks/registry.addict_without_slip", **given)
        seen += [finding["subject"] for finding in page["findings"]]
        given["after"] = page["next"]
    assert sorted(seen) == sorted(str(named(f"ref {who}")) for who in ("an", "binh"))


async def test_of_another_agencys_record_in_a_finding_agency_and_form_are_told(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two people managed after detox whom no register has: one by the centre and a commune's committee, one by the latter
    log = Log()
    for who, unit in (("an", "centre"), ("an", "committee:10513"), ("binh", "committee:10513")):
        log.write(
            "post_detox",
            who,
            unit=unit,
            person=person(who),
            **A,
            from_on=date(2023, 3, 1),
            until_on=date(2024, 3, 1),
        )
    await fold(platform, log.messages)
    # When the department that owns detox on the day asks
    document = await ask(client, "labour", "/v1/checks/post_detox.not_in_register")
    # Then both count, its own is listed, and of the committee's record it learns the agency and the form
    assert document["count"] == 2
    (finding,) = document["findings"]
    nothing = dict.fromkeys(("record", "unit", "facility", "area", "area_name", "since"))
    own, other = sorted(finding["records"], key=lambda record: record["record"] is None)
    assert own["record"] == str(named("post_detox centre an"))
    assert other == nothing | {"agency": "committee", "form": "post_detox"}


async def test_a_waterfall_names_neither_another_agencys_record_nor_what_it_says(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    """The police's person is in the community no more, since a detox centre admitted him: the police's own record did not change."""
    # Given a listed addict, and a detention by a centre that was written down after the police's cut-off
    case = Case()
    case.addict("an", presence="community")
    given = {"person": person("an at the centre"), **A, "kind": "compulsory"}
    case.log.write(
        "detox", "an", unit="centre", admitted_on=date(2023, 12, 5), recorded=date(2024, 1, 10), **given
    )
    case.same("an", "an at the centre")
    figure = "registry.addicts_in_community"
    case.declare(1, figure=figure)
    await fold(platform, case.log.messages)
    # When the police ask what changed
    document = await ask(client, "police", f"/v1/reconciliations/{figure}", agency="police")
    # Then the step is explained by a record of another agency, by its form and not by its id
    listed_ = [record for step in document["steps"] for record in step["records"]]
    assert str(named("detox centre an")) not in str(document)
    assert any("cai nghiện" in record["reason"]["vi"] for record in listed_), listed_


async def test_whose_records_were_listed_is_told_to_their_unit_with_the_purpose(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two patients of one site
    log = Log()
    for who in ("an", "binh"):
        on_methadone(log, who, date(2023, 3, 1))
    await fold(platform, log.messages)
    # When the department lists them
    await ask(client, "health", NOT_LISTED)
    # Then the site sees who looked, at how many and what for, and no other site does
    seen = (await client.get("/v1/audit/looks", headers=bearer("site"))).json()["looks"]
    assert [(look["unit"], look["form"], look["identities"], look["purpose"]) for look in seen] == [
        ("health:30", "methadone", 2, "reconciliation")
    ]
    assert (await client.get("/v1/audit/looks", headers=bearer("other site"))).json()["looks"] == []


async def test_more_than_fifty_records_an_hour_need_a_second_person(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given sixty patients on no list
    log = Log()
    for number in range(MANY):
        on_methadone(log, f"patient {number}", date(2023, 3, 1))
    await fold(platform, log.messages)
    # When the official reads the first page, then that is what he may; the next one is refused, and says what to do
    first = await ask(client, "health", NOT_LISTED)
    assert (first["count"], len(first["findings"])) == (MANY, AT_ONCE)
    rest = AS_OF | {"after": first["next"]}
    refused = await client.get(NOT_LISTED, params=rest, headers=bearer("health", **PURPOSE))
    assert (refused.status_code, refused.json()["rule"]) == (403, "too_many_listed")
    assert "check.methadone.not_listed" in refused.json()["message"]["vi"]
    # And numbers are told without a list
    counted = await client.get(NOT_LISTED, params=AS_OF, headers=bearer("health"))
    assert (counted.json()["count"], counted.json()["findings"]) == (MANY, None)
    # When a second person of the office has approved this list, then it comes whole, once
    approval = await _approved(client, "check.methadone.not_listed")
    whole = AS_OF | {"limit": 1_000}
    headers = bearer("health", **PURPOSE, **{"Khopso-Approval": approval})
    answer = await client.get(NOT_LISTED, params=whole, headers=headers)
    assert len(answer.json()["findings"]) == MANY
    assert (await client.get(NOT_LISTED, params=whole, headers=headers)).status_code == 403
    # And it opens no other list
    other = await _approved(client, "check.methadone.two_sites")
    headers = bearer("health", **PURPOSE, **{"Khopso-Approval": other})
    assert (await client.get(NOT_LISTED, params=whole, headers=headers)).status_code == 403


async def _approved(client: httpx.AsyncClient, item: str) -> str:
    """An approval of a list by another official of the office; nobody approves for himself."""
    wanted = {
        "action": "export_list",
        "unit": "health:30",
        "item": item,
        "rows": MANY,
        "reason": "for the audit",
    }
    asked = await client.post("/v1/approvals", json=wanted, headers=bearer("health"))
    assert asked.status_code == 201, asked.text
    path = f"/v1/approvals/{asked.json()['id']}/decision"
    assert (await client.post(path, json={"approve": True}, headers=bearer("health"))).status_code == 403
    assert (await client.post(path, json={"approve": True}, headers=bearer("second"))).status_code == 200
    return str(asked.json()["id"])


async def test_overlap_of_persons_lists_both_records(platform: Platform, client: httpx.AsyncClient) -> None:
    # Given a patient of two sites in two communes
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1))
    on_methadone(log, "an at F2", date(2023, 4, 1), "F2", commune=CHI_LINH)
    same(log, "an", "an at F2")
    await fold(platform, log.messages)
    # Then health sees both records, and the police neither
    path = "/v1/figures/methadone.active/overlap"
    (one,) = (await ask(client, "health", path, by="commune"))["records"]
    assert [record["unit"] for record in one["records"]] == ["F1", "F2"]
    refused = await client.get(path, params=AS_OF | {"by": "commune"}, headers=bearer("police", **PURPOSE))
    assert refused.status_code == 403


@pytest.mark.parametrize(("who", "rule"), [("health", "treatment"), ("labour", "detox")])
async def test_entries_at_unlisted_facilities_are_listed_for_the_agency_that_can_list_them(
    platform: Platform, client: httpx.AsyncClient, who: str, rule: str
) -> None:
    # Given a patient and somebody in detox, each at a facility that nobody has listed
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1), "F9")
    in_detox(log, "binh", date(2023, 3, 1), facility="C9")
    await fold(platform, log.messages)
    # When the agency that lists such facilities asks, then it has the record at its own
    document = await ask(client, who, f"/v1/checks/{rule}.unknown_facility")
    (finding,) = document["findings"]
    own = {"health": "methadone F9 an 2023-03-01 F9", "labour": "detox centre binh 2023-03-01"}
    assert (document["count"], document["owner"]) == (1, who)
    assert finding["records"][0]["record"] == str(named(own[who]))
    # And of the other it has what is released, without a list
    other = {"health": "detox", "labour": "treatment"}[who]
    released = await ask(client, who, f"/v1/checks/{other}.unknown_facility", as_of="2023-11-30")
    assert (released["count"], released["findings"]) == (None, None)
