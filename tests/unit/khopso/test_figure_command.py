"""`khopso figure`: areas of another date, calendars, what is counted twice, and bad questions in clear words."""

from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

CODE = "registry.addicts_with_file"
LOST = "Chưa phân bổ: Xã Thống Nhất (đã chia cho: Phường Thạch Khôi, Xã Yết Kiêu)"
HEAD: dict[str, Any] = {"figure": CODE, "area": "31", "as_of": "2023-12-14", "known_at": "2026-01-01"}


def test_the_geography_and_the_period_are_asked_and_said(khopso: Khopso, fake: FakeServices) -> None:
    more = {"geography": "2025-07-01", "calendar": "health", "period": "2023", "value": 2, "overlap": 0}
    rows = [
        {"commune": "11020", "name": "Xã Yết Kiêu", "value": 1},
        {"commune": "unattributed:11008@2008", "name": LOST, "value": 1},
    ]
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, HEAD | more | {"rows": rows})
    asked = ("--calendar", "health", "--period", "2023", "--geography", "01/07/2025", "--by", "commune")
    ran = khopso("figure", CODE, *asked)
    assert ran.code == 0
    assert fake.calls[-1][1] == {
        "calendar": "health",
        "period": "2023",
        "geography": "2025-07-01",
        "by": "commune",
    }
    assert "(health 2023), địa giới ngày / areas of 01/07/2025: 2 người / persons" in ran.out
    assert "11020  Xã Yết Kiêu" in ran.out
    assert LOST in " ".join(ran.out.split())


def test_the_overlap_is_listed_row_by_row_with_its_records(khopso: Khopso, fake: FakeServices) -> None:
    record = {"record_id": "r-1", "unit": "police:288", "commune": "10513@2008", "since": "2023-01-01"}
    document = HEAD | {
        "by": "commune",
        "counts": "person",
        "value": 4,
        "sum_of_rows": 5,
        "overlap": 1,
        "repeated": 1,
        "combinations": [
            {"rows": ["10513", "10516"], "names": ["Phường Ngọc Châu", "Phường Quang Trung"], "count": 1}
        ],
        "records": [{"who": "p-1", "rows": ["10513", "10516"], "records": [record | {"row": "10513"}]}],
    }
    fake.routes[f"GET /v1/figures/{CODE}/overlap"] = lambda _query, _body: (200, document)
    ran = khopso("figure", CODE, "--by", "commune", "--overlap")
    assert "5 (cộng các dòng / sum of rows) − 4 = 1; 1 × người / persons" in ran.out
    assert "Phường Ngọc Châu + Phường Quang Trung" in ran.out
    assert "r-1" in ran.out


def test_who_may_not_see_records_reads_why(khopso: Khopso, fake: FakeServices) -> None:
    document = HEAD | {
        "by": "area",
        "counts": "person",
        "value": 4,
        "sum_of_rows": 4,
        "overlap": 0,
        "repeated": 0,
        "combinations": [],
        "records": None,
        "records_withheld": {"vi": "Danh sách chỉ dành cho", "en": "records are shown only to"},
    }
    fake.routes[f"GET /v1/figures/{CODE}/overlap"] = lambda _query, _body: (200, document)
    ran = khopso("figure", CODE, "--by", "area", "--overlap")
    assert "Danh sách chỉ dành cho / records are shown only to" in ran.out


def test_a_bad_question_shows_field_value_and_both_languages(khopso: Khopso, fake: FakeServices) -> None:
    fake.problem(f"GET /v1/figures/{CODE}", 422, "area_not_then")
    ran = khopso("figure", CODE, "--area", "288")
    assert ran.code == 2
    assert "as_of = ?: ngày / day" in ran.err


def test_a_rate_is_shown_with_the_population_that_it_rests_on(khopso: Khopso, fake: FakeServices) -> None:
    people = {"rate": 10.62, "population": 1_956_900, "population_from": "2023-01-01"}
    nobody = {"rate": None, "population": None, "population_from": None}
    hidden = {"rate": None, "population": 299_638, "population_from": "2019-04-01"}
    rows = [
        {"area": "291", "name": "Huyện Nam Sách", "value": 9, **nobody},
        {"area": "288", "name": "Thành phố Hải Dương", "value": None, "suppressed": True, **hidden},
    ]
    document = HEAD | {"per": 100_000, "value": 208, **people, "rows": rows}
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, document)
    ran = khopso("figure", CODE, "--by", "area", "--per", "100000")
    assert fake.calls[-1][1] == {"by": "area", "per": "100000"}
    assert "10,6 / 100.000 (dân số / population 1.956.900, 01/01/2023)" in ran.out
    lines = [line for line in ran.out.splitlines() if "Nam Sách" in line or "Thành phố" in line]
    cells = [[cell.strip() for cell in line.split("│")][1:] for line in lines]
    assert cells == [["9", "–", "–"], ["–", "–", "299.638"]]
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, document | nobody)
    assert "chưa có số dân được công bố" in khopso("figure", CODE, "--per", "100000").out


def table(bands: int) -> dict[str, Any]:
    """Two districts by so many bands: 1000, 1001 … and 0."""
    names = [f"band {number}" for number in range(bands)]
    return HEAD | {
        "value": sum(range(1_000, 1_000 + bands)),
        "rows": [
            {"area": "288", "name": "Thành phố Hải Dương", "value": sum(range(1_000, 1_000 + bands))},
            {"area": "290", "name": "Thành phố Chí Linh", "value": 0},
        ],
        "columns": [{"age_band": name, "value": 1_000 + number} for number, name in enumerate(names)],
        "cells": [
            {"area": area, "age_band": name, "value": (1_000 + number) * (area == "288")}
            for area in ("288", "290")
            for number, name in enumerate(names)
        ],
        "overlap": 2,
    }


def lines_of(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("│")]
        for line in text.replace("┃", "│").splitlines()
        if "│" in line
    ]


def test_two_dimensions_are_a_table_with_both_margins(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, table(2))
    ran = khopso("figure", CODE, "--by", "area,age_band")
    assert ran.code == 0
    assert fake.calls[-1][1] == {"by": "area,age_band"}
    heading, *rows = lines_of(ran.out)
    assert heading[1:] == ["band 0", "band 1", "Tổng số / total"]
    assert "địa bàn trực thuộc × nhóm tuổi / areas inside × age band" in " ".join(ran.out.split())
    assert [row[1:] for row in rows] == [
        ["1.000", "1.001", "2.001"],
        ["0", "0", "0"],
        ["1.000", "1.001", "2.001"],
    ]
    assert "nhiều ô) / counted in more than one cell: 2" in ran.out


def test_columns_that_do_not_fit_are_printed_below_with_the_same_rows(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, table(30))
    ran = khopso("figure", CODE, "--by", "area,age_band")
    first = [row for row in lines_of(ran.out) if "Hải Dương" in row[0]]
    assert len(first) > 1
    assert ran.out.count("\n\n") == len(first) - 1
    assert [cell for row in first for cell in row[1:]][:-1] == [f"1.{number:03}" for number in range(30)]
    assert max(len(line) for line in ran.out.splitlines()) <= 140


def test_the_table_as_json_is_the_answer_itself(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[f"GET /v1/figures/{CODE}"] = lambda _query, _body: (200, table(2))
    assert khopso("figure", CODE, "--by", "area,age_band", "--json").document == table(2)
