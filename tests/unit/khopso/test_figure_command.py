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
