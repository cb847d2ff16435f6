"""An agency's list of persons against the police register, on real PostgreSQL, judged by the generator's truth."""

import random
from pathlib import Path
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from khopso.registers import lists
from tests.support.list_calls import held, written
from tests.support.lists import CHANGES, Case, case_of, found_in, listed, person
from tests.support.registers import Service

pytestmark = pytest.mark.usefixtures("no_reading_limit")


async def handed_in(registry: Service, case: Case) -> None:
    answer = await registry.post_rows("registry", case.register)
    assert answer["refused"] == []


async def matched(
    registry: Service, rows: list[dict[str, Any]], caller: dict[str, str] | None = None, **asked: Any
) -> dict[str, Any]:
    body = {"rows": [{"row": number, "values": row} for number, row in enumerate(rows, 2)], **asked}
    headers = registry.as_(**caller) if caller else registry.office("registry")
    answer = await registry.client.post("/v1/forms/registry/matches", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def judged(case: Case, answer: dict[str, Any]) -> None:
    """The answer is exactly the truth, and every row and record is in one of the four."""
    assert found_in(answer) == case.expected
    assert answer["in_both"] == case.in_both
    assert answer["theirs"] == case.theirs
    assert answer["ours"] == case.ours
    parts = {
        kind: sum(each.kind == kind for each in case.expected)
        for kind in ("different", "only_theirs", "only_ours")
    }
    assert {kind: answer[kind] for kind in parts} == parts
    assert case.theirs == case.in_both + parts["different"] + parts["only_theirs"]
    assert case.ours == case.in_both + parts["different"] + parts["only_ours"]
    # Everybody has one record here, so people are counted from the truth, too.
    reused = sum(each.reason == "number_reused" for each in case.expected)
    both = case.in_both + parts["different"] - reused
    again = sum(each.reason.startswith("duplicate") for each in case.expected)
    alone = parts["only_theirs"] - again + reused
    assert answer["persons"] == {
        "theirs": both + alone,
        "ours": case.ours,
        "in_both": both,
        "only_theirs": alone,
        "only_ours": case.ours - both,
    }


@pytest.mark.parametrize("change", sorted(CHANGES))
async def test_each_change_of_a_list_is_found_with_its_reason(registry: Service, change: str) -> None:
    case = case_of(["kept", "kept", "kept", change, "kept", change])
    await handed_in(registry, case)
    judged(case, await matched(registry, case.listed))


async def test_a_list_with_everything_at_once_is_told_apart_row_by_row(registry: Service) -> None:
    names = sorted(CHANGES) * 4
    random.Random(11).shuffle(names)
    case = case_of(names, seed=11)
    await handed_in(registry, case)
    judged(case, await matched(registry, case.listed))


@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
@pytest.mark.parametrize("page", [10_000, 7])
async def test_a_file_gives_the_same_answer_in_one_page_and_in_many(
    registry: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, page: int
) -> None:
    names = sorted(CHANGES) * 2
    random.Random(3).shuffle(names)
    case = case_of(names, seed=3)
    await handed_in(registry, case)
    monkeypatch.setattr(lists, "PAGE_ROWS", page)
    outcome, api = await held(registry, "registry", written(tmp_path / name, "registry", case.listed))
    judged(case, outcome.document())
    assert (len(api.bodies) > 1) == (page == 7)


@pytest.mark.parametrize("page", [10_000, 5])
async def test_a_list_that_names_no_unit_is_found_by_its_numbers_in_one_page_and_in_many(
    registry: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    case = case_of(["kept"] * 12 + ["dropped", "never_handed_in", "other_number"])
    await handed_in(registry, case)
    rows = [{name: value for name, value in row.items() if name != "unit_code"} for row in case.listed]
    monkeypatch.setattr(lists, "PAGE_ROWS", page)
    outcome, api = await held(registry, "registry", written(tmp_path / "list.csv", "registry", rows))
    judged(case, outcome.document())
    assert (len(api.bodies) > 1) == (page == 5)


async def test_a_list_needs_neither_every_column_nor_units_nor_our_numbers(
    registry: Service, tmp_path: Path
) -> None:
    case = case_of(["kept"] * 12)
    await handed_in(registry, case)
    names = ("full_name", "birth_date", "sex", "national_id")
    people = [{name: row[name] for name in names} for row in case.listed]
    outcome, _ = await held(registry, "registry", written(tmp_path / "people.csv", "registry", people))
    assert (outcome.counts["in_both"], outcome.counts["different"], outcome.items) == (12, 0, [])


async def kept(registry: Service) -> list[list[Any]]:
    """Everything that the register keeps, its journal of reads aside."""
    tables = ("record", "record_version", "person_ref", "outbox")
    return [await registry.query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


async def test_nothing_of_a_list_is_stored_or_logged(registry: Service) -> None:
    case = case_of(["kept", "typo", "other_number", "dropped", "never_handed_in", "unreadable"])
    await handed_in(registry, case)
    before = await kept(registry)
    with capture_logs() as logs:
        await matched(registry, case.listed)
    assert await kept(registry) == before
    everything = await registry.dump() + str(logs)
    for row in case.listed:
        for secret in (row["full_name"], row["national_id"], row["birth_date"]):
            assert secret not in everything
    read = [line for line in logs if line["event"] == "identity read"]
    assert [(line["purpose"], line["records"], line["rows"]) for line in read] == [
        ("match", case.ours, case.theirs)
    ]


async def test_a_commune_sees_no_record_and_no_person_of_another_unit(registry: Service) -> None:
    """Neither as what only the register has, nor by naming the unit, nor by guessing who is registered there."""
    case = case_of(["kept"] * 9)
    await handed_in(registry, case)
    clerk = {"role": "clerk", "unit": "police:10513", "area": "10513"}
    own = [row for row in case.listed if row["unit_code"] == "police:10513"]
    foreign = [row for row in case.listed if row["unit_code"] != "police:10513"]
    answer = await matched(registry, case.listed, clerk)
    assert (answer["in_both"], answer["ours"], answer["only_ours"]) == (len(own), len(own), 0)
    assert {item["reason"]["code"] for item in answer["items"]} == {"out_of_reach"}
    assert len(answer["items"]) == len(foreign)
    guessed = [{**row, "unit_code": "police:10513", "record_no": f"G-{row['record_no']}"} for row in foreign]
    answer = await matched(registry, guessed, clerk)
    assert {(item["kind"], item["reason"]["code"]) for item in answer["items"]} == {
        ("only_theirs", "never_handed_in"),
        ("only_ours", "missing_there"),
    }
    assert {item["unit"] for item in answer["items"]} == {"police:10513"}
    refused = await registry.client.post(
        "/v1/forms/registry/matches", json={"rows": [], "unit": "police:10516"}, headers=registry.as_(**clerk)
    )
    assert (refused.status_code, refused.json()["rule"]) == (403, "unit_scope")


@pytest.mark.parametrize("role", ["analyst", "admin", "operator"])
async def test_who_reads_no_row_matches_no_list_not_even_by_guessing(registry: Service, role: str) -> None:
    case = case_of(["kept", "kept", "typo"])
    await handed_in(registry, case)
    said = []
    for rows in (case.listed, [], [{**case.listed[0], "national_id": "030090007777"}]):
        body = {"rows": [{"row": number, "values": row} for number, row in enumerate(rows, 2)]}
        headers = registry.as_(role, "committee:30", "30", **{"Khopso-Purpose": "inspection"})
        answer = await registry.client.post("/v1/forms/registry/matches", json=body, headers=headers)
        assert (answer.status_code, answer.json()["rule"]) == (403, "unit_scope")
        said.append(answer.json()["message"])
    assert said[0] == said[1] == said[2]


async def test_the_day_of_the_list_explains_what_came_later_and_what_had_ended(registry: Service) -> None:
    rng = random.Random(5)
    rows = [person(number, rng) for number in range(1, 7)]
    late = rows[3] | {"recorded_on": "15/07/2023"}
    new = rows[4] | {"status_from": "20/06/2023", "recorded_on": "21/06/2023"}
    gone = rows[5] | {"removed_on": "01/05/2023", "recorded_on": "02/05/2023"}
    case = Case(register=[*rows[:3], late, new, gone], ours=6)
    for row in rows[:3]:
        case.add(listed(row))
    case.in_both = 3
    unborn = case.add(listed(person(7, rng), status_from="02/07/2023"))
    case.expect("only_theirs", unborn, "after_as_of")
    case.expect("only_ours", late["record_no"], "recorded_after")
    case.expect("only_ours", new["record_no"], "began_after")
    case.expect("only_ours", gone["record_no"], "ended_before")
    await handed_in(registry, case)
    answer = await matched(registry, case.listed, as_of="2023-06-19")
    judged(case, answer)


async def test_scope_by_unit_area_and_agency(registry: Service) -> None:
    case = case_of(["kept"] * 9)
    await handed_in(registry, case)
    own = [row for row in case.listed if row["unit_code"] == "police:10513"]
    bare = [{name: value for name, value in row.items() if name != "unit_code"} for row in own]
    answer = await matched(registry, bare, unit="police:10513")
    assert (answer["in_both"], answer["ours"], answer["items"]) == (3, 3, [])
    strangers = [row for row in case.listed if row["unit_code"] == "police:10516"]
    moved = [{**row, "unit_code": "police:10513"} for row in strangers]
    answer = await matched(registry, [*own, *moved], unit="police:10513")
    reasons = [(item["kind"], item["reason"]["code"], item["reason"]["en"]) for item in answer["items"]]
    assert reasons == [("only_theirs", "other_unit_handed_in", "handed in by unit police:10516")] * 3
    living = [row for row in case.listed if row["commune_code"] == "10516"]
    answer = await matched(registry, case.listed, area="10516")
    assert (answer["in_both"], answer["ours"], answer["only_ours"]) == (len(living), len(living), 0)
    assert {item["reason"]["code"] for item in answer["items"]} == {"outside_area"}
    foreign = await registry.client.post(
        "/v1/forms/registry/matches",
        json={"rows": [], "agency": "health"},
        headers=registry.office("registry"),
    )
    assert foreign.status_code == 403
    answer = await matched(registry, [], agency="police")
    assert {item["reason"]["code"] for item in answer["items"]} == {"unit_missing"}


async def test_what_a_request_must_look_like(registry: Service) -> None:
    url, headers = "/v1/forms/registry/matches", registry.office("registry")
    for body, rule in (
        ([], "shape"),
        ({"rows": [{"row": 2}]}, "row_values"),
        ({"rows": [{"row": 2, "values": {}}, {"row": 2, "values": {}}]}, "row_number"),
        ({"rows": [], "as_of": "31/12/2023"}, "date"),
        ({"rows": [], "area": "99999"}, "area_unknown"),
        ({"rows": [], "agency": "army"}, "code"),
        ({"rows": [], "unit": "police:99999"}, "unit"),
        ({"rows": [], "taken": [{"record": "x"}]}, "shape"),
        ({"rows": [], "final": "no"}, "shape"),
        ({"rows": [], "extra": 1}, "unknown_column"),
    ):
        answer = await registry.client.post(url, json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, rule), body
    unknown = await registry.client.post("/v1/forms/nothing/matches", json={"rows": []}, headers=headers)
    assert unknown.status_code == 404
    assert (await registry.client.post(url, json={"rows": []})).status_code == 401


async def test_a_list_drawn_up_after_a_merger_of_communes_may_have_the_new_codes(registry: Service) -> None:
    """Three wards became one on 1 July 2025, under the code of one of them; the district is gone."""
    case = case_of(["kept"] * 9)
    await handed_in(registry, case)
    assert {row["commune_code"] for row in case.listed} == {"10513", "10516", "10525"}
    renamed = [{**row, "commune_code": "10525"} for row in case.listed]
    before = await matched(registry, renamed, as_of="2025-06-30")
    elsewhere = sum(row["commune_code"] != "10525" for row in case.listed)
    assert (before["different"], before["only_theirs"]) == (elsewhere, 0)
    after = await matched(registry, renamed, as_of="2025-07-01", area="31")
    assert (after["in_both"], after["ours"], after["items"]) == (9, 9, [])
    other = await matched(registry, [{**renamed[0], "commune_code": "10546"}], as_of="2025-07-01")
    assert [field["field"] for field in other["items"][0]["fields"]] == ["commune_code"]


async def test_a_longer_list_costs_no_further_statement(
    registry: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(CHANGES) * 6
    random.Random(7).shuffle(names)
    case = case_of(names, seed=7)
    await handed_in(registry, case)
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counting(cursor: Any, query: Any, *rest: Any, **more: Any) -> Any:
        sent.append(str(query))
        return await execute(cursor, query, *rest, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counting)
    counts = []
    for length in (len(case.listed) // 2, len(case.listed)):
        sent.clear()
        await matched(registry, case.listed[:length])
        counts.append(sum("record" in statement or "person" in statement for statement in sent))
    # Six for the list itself, and one for the marks on its lines.
    assert counts[0] == counts[1] <= 6 + 1
