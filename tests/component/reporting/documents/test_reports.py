"""Reports over HTTP: what they say is what the figures say, to those who may see it."""

import csv
import io
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from services.reporting.documents.requests import FORMATS
from tests.support.callers import bearer

YEAR = {"year": "2023"}


async def got(client: httpx.AsyncClient, name: str, who: str = "committee", **given: str) -> httpx.Response:
    answer = await client.get(f"/v1/reports/{name}", params=given or YEAR, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    return answer


async def cells(
    client: httpx.AsyncClient, name: str, who: str = "committee", **given: str
) -> list[dict[str, Any]]:
    document = (await got(client, f"{name}.json", who, **given)).json()
    found: list[dict[str, Any]] = document["cells"]
    return found


async def test_the_list_names_every_report_and_its_formats(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/reports", headers=bearer("committee"))
    found = {one["name"]: one for one in answer.json()["reports"]}
    assert list(found) == ["annual", "health", "police", "fires-conflicts", "reconciliation"]
    assert all(one["formats"] == list(FORMATS) for one in found.values())


@pytest.mark.parametrize("name", ["annual", "health", "police", "fires-conflicts"])
async def test_every_number_of_a_report_is_the_number_that_the_figure_itself_answers(
    client: httpx.AsyncClient, name: str
) -> None:
    found = await cells(client, name)
    asked: dict[tuple[str, ...], Any] = {}
    wrong = []
    for cell in found:
        by = cell["by"]
        times: dict[str, Any] = {name: cell[name] for name in ("as_of", "from", "to") if name in cell}
        key: tuple[str, ...] = (cell["figure"], by, *times.values())
        if key not in asked:
            params: dict[str, Any] = {"area": cell["area"], **times}
            if by:
                params["by"] = by
            asked[key] = (
                await client.get(f"/v1/figures/{cell['figure']}", params=params, headers=bearer("committee"))
            ).json()
        answer = asked[key]
        rows = {row[by]: row["value"] for row in answer.get("rows", ())} if by else {}
        expected = rows.get(cell["row"], 0) if by else answer["value"]
        if cell["unit"] == "percent" and expected is not None:
            expected = pytest.approx(expected, abs=0.05)
        if cell["value"] != expected:
            wrong.append((cell, expected))
    assert wrong == []
    assert len(found) > 40


async def test_the_report_knows_the_truth_of_the_province(client: httpx.AsyncClient) -> None:
    totals = {
        (cell["figure"], cell.get("as_of") or cell["to"]): cell["value"]
        for cell in await cells(client, "annual")
        if not cell["by"]
    }
    assert totals["registry.addicts_with_file", "2023-12-14"] == 7
    assert totals["registry.addicts_in_community", "2023-12-14"] == 5
    assert totals["registry.users", "2023-12-14"] == 3
    assert totals["methadone.active", "2023-12-19"] == 4
    assert totals["drug_cases.detected", "2023-12-31"] == 12
    assert totals["drug_cases.detected", "2022-12-31"] == 10
    assert totals["conflicts.detected", "2023-12-14"] == 9
    assert totals["fires.damage_vnd", "2023-12-31"] == 1_500_000_000


async def test_prose_is_made_of_computed_numbers_and_compares_with_the_year_before(
    client: httpx.AsyncClient,
) -> None:
    document = (await got(client, "annual.json")).json()
    said = [
        "".join(run.get("text") or run.get("shown", "") for run in block["runs"])
        for block in document["body"]
        if block["type"] == "paragraph"
    ]
    text = "\n".join(said).replace("\u00a0", " ")
    assert (
        "có 07 người nghiện ma túy có hồ sơ quản lý; trong đó 05 người (71,4%) có mặt tại cộng đồng, 02 người"
        in text
    )
    assert "phát hiện 12 vụ, 24 đối tượng, tăng 02 vụ (20,0%) so với năm 2022 (10 vụ)" in text
    assert "thiệt hại về tài sản 1.500.000.000 đồng" in text
    assert (
        "Do đất đai 05 vụ (55,6%), do sinh hoạt hằng ngày 03 vụ (33,3%), các nguyên nhân còn lại 01 vụ (11,1%)"
        in text
    )


async def test_one_who_is_counted_in_two_rows_is_taken_off_in_a_row_of_its_own(
    client: httpx.AsyncClient,
) -> None:
    document = (await got(client, "annual.json")).json()
    table = next(
        block for block in document["body"] if block["type"] == "table" and block["key"] == "drugs-areas"
    )
    rows = {row["key"]: row["cells"][2]["value"] for row in table["rows"]}
    assert (rows["288"], rows["290"], rows["overlap"], rows["total"]) == (5, 3, -1, 7)


async def test_a_report_as_known_earlier_says_what_was_known_then(client: httpx.AsyncClient) -> None:
    found = await cells(client, "annual", year="2023", known_at="2023-02-15")
    addicts = [cell for cell in found if cell["figure"] == "registry.addicts_with_file" and not cell["by"]]
    assert {cell["value"] for cell in addicts if cell["as_of"] == "2023-12-14"} == {5}
    document = (await got(client, "annual.json", year="2023", known_at="2023-02-15")).json()
    assert document["letterhead"]["dateline"] == "Hải Dương, ngày 15 tháng 02 năm 2023"


async def test_a_period_of_a_calendar_windows_every_figure_alike(client: httpx.AsyncClient) -> None:
    found = await cells(client, "annual", calendar="health", period="2023-Q2")
    now = {tuple(cell[key] for key in ("as_of", "from", "to") if key in cell) for cell in found if cell["by"]}
    assert now == {("2023-06-14",), ("2023-03-15", "2023-06-14")}


async def test_a_district_prints_its_own_report_by_commune_and_nothing_of_others(
    client: httpx.AsyncClient,
) -> None:
    document = (await got(client, "police.json", "district", year="2023", area="288")).json()
    assert document["letterhead"]["body"] == ["CÔNG AN", "THÀNH PHỐ HẢI DƯƠNG"]
    assert document["letterhead"]["superior"] == ["CÔNG AN", "TỈNH HẢI DƯƠNG"]
    assert document["signature"]["offices"] == ["TRƯỞNG CÔNG AN"]
    rows = {cell["row"] for cell in document["cells"] if cell["by"] == "area"}
    assert "10513" in rows
    assert "290" not in rows
    refused = await client.get("/v1/reports/police.pdf?year=2023", headers=bearer("district"))
    assert refused.status_code == 403


async def test_the_issuer_is_that_of_the_time_and_detox_is_reported_by_whom_it_belonged_to(
    client: httpx.AsyncClient,
) -> None:
    before = (await got(client, "police.json", year="2023")).json()
    after = (await got(client, "police.json", year="2025")).json()
    assert not any(cell["figure"].startswith("detox.") for cell in before["cells"])
    assert any(cell["figure"].startswith("detox.") for cell in after["cells"])
    assert before["letterhead"]["body"] == ["CÔNG AN", "TỈNH HẢI DƯƠNG"]
    assert after["letterhead"]["body"][0] == "CÔNG AN"
    assert "HẢI PHÒNG" in after["letterhead"]["body"][1]


async def test_csv_and_json_hold_the_same_numbers(client: httpx.AsyncClient) -> None:
    found = await cells(client, "annual")
    content = (await got(client, "annual.csv")).content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == len(found)
    for row, cell in zip(rows, found, strict=True):
        names = ("figure", "by", "row", "table", "unit", "definition")
        assert [row[name] for name in names] == [cell[name] for name in names]
        assert row["value"] == ("" if cell["value"] is None else str(cell["value"]))
        assert row["as_of"] == cell.get("as_of", "")


async def test_each_number_names_its_figure_its_time_and_its_definition(client: httpx.AsyncClient) -> None:
    document = (await got(client, "annual.json")).json()
    notes = {note["number"]: note for note in document["notes"]}
    assert sorted(notes) == list(range(1, len(notes) + 1))
    for block in document["body"]:
        for run in block.get("runs", ()):
            if run.get("note"):
                assert notes[run["note"]]["figure"]
    figure = next(note for note in notes.values() if note["figure"] == "methadone.active")
    assert (figure["times"], figure["owner"], figure["basis"]) == (
        {"as_of": "2023-12-19"},
        "Sở Y tế",
        "NĐ 90/2016/NĐ-CP",
    )


@pytest.mark.parametrize("kind", list(FORMATS))
async def test_the_same_request_gives_the_same_bytes_and_an_unchanged_report_is_not_sent_again(
    client: httpx.AsyncClient, kind: str
) -> None:
    first = await got(client, f"health.{kind}")
    second = await got(client, f"health.{kind}")
    assert first.content == second.content
    assert first.headers["content-type"] == FORMATS[kind]
    again = await client.get(
        f"/v1/reports/health.{kind}",
        params=YEAR,
        headers=bearer("committee") | {"If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    named = first.headers["content-disposition"]
    assert f'filename="bao-cao-health-2023-30.{kind}"' in named
    assert "Báo cáo health năm 2023" in unquote(named.partition("UTF-8''")[2])


@pytest.mark.parametrize(
    ("name", "given", "status", "rule"),
    [
        ("yearly.pdf", YEAR, 404, "report_unknown"),
        ("annual.odt", YEAR, 404, "report_format"),
        ("annual.pdf", {}, 422, "report_period"),
        ("annual.pdf", {"year": "23"}, 422, "report_year"),
        ("annual.pdf", {"year": "2023", "period": "2023"}, 422, "report_period_twice"),
        ("annual.pdf", {"calendar": "civil"}, 422, "report_calendar_alone"),
        ("annual.pdf", {"calendar": "moon", "period": "2023"}, 422, "report_calendar"),
        ("annual.pdf", {"calendar": "civil", "period": "2023-Q7"}, 422, "report_period_unknown"),
        ("annual.pdf", {"year": "2023", "by": "sex"}, 422, "unknown_parameter"),
        ("annual.pdf", {"year": "2023", "known_at": "2001-01-01"}, 422, "known_at_before_first"),
        ("annual.pdf", {"closing": "no-id"}, 404, "report_no_closing"),
        ("reconciliation.pdf", {"closing": "no-id"}, 422, "report_not_closable"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    client: httpx.AsyncClient, name: str, given: dict[str, str], status: int, rule: str
) -> None:
    answer = await client.get(f"/v1/reports/{name}", params=given, headers=bearer("committee"))
    problem = answer.json()
    assert answer.status_code == status
    assert rule in (problem["rule"], *(error["rule"] for error in problem["errors"]))
