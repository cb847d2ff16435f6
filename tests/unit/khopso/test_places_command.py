"""`khopso areas`, `units`, `figures`: words need no quotes, and the answer says when, within what, and what became."""

from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

WARD: dict[str, Any] = {
    "uid": "10513@2008",
    "code": "10513",
    "name": "Phường Ngọc Châu",
    "level": "commune",
    "parent": "288@2008",
    "parent_name": "Thành phố Hải Dương",
    "valid_from": None,
    "valid_to": "2025-07-01",
    "made_of": [],
    "became": [
        {"uid": "10525@2025", "name": "Phường Hải Dương", "on": "2025-07-01", "kind": "part", "basis": "conversion_table"},
        {"uid": None, "name": None, "on": "2025-07-01", "kind": "unknown", "basis": "successor_unknown"},
    ],
}  # fmt: skip


def test_an_area_is_looked_for_by_all_words_and_a_day(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes["GET /v1/areas"] = lambda _query, _body: (200, {"areas": [WARD]})
    ran = khopso("areas", "Ngọc", "Châu", "--on", "14/12/2023")
    assert ran.code == 0
    assert fake.calls[-1][1] == {"q": "Ngọc Châu", "on": "2023-12-14"}
    said = " ".join(ran.out.split())
    for text in ("10513@2008", "Phường Ngọc Châu", "Thành phố Hải Dương", "01/07/2025"):
        assert text in said
    for text in ("10525@2025 Phường", "một phần / a", "chưa rõ / not known"):
        assert text in said


def test_nothing_found_is_said_and_json_is_the_answer_itself(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes["GET /v1/areas"] = lambda _query, _body: (200, {"areas": []})
    assert "(không có / none)" in khopso("areas", "nowhere").out
    assert khopso("areas", "nowhere", "--json").document == {"areas": []}


def test_a_unit_is_looked_for_where_facilities_are_listed(khopso: Khopso, fake: FakeServices) -> None:
    unit = {"code": "police:10513", "kind": "police", "name": "Công an phường Ngọc Châu", "area_code": "10513", "may_write": True}  # fmt: skip
    fake.routes["GET /v1/units"] = lambda _query, _body: (200, {"units": [unit]})
    ran = khopso("units", "cong", "an", "ngoc", "chau")
    assert fake.calls[-1][1] == {"q": "cong an ngoc chau"}
    assert "police:10513" in ran.out


def test_figures_without_words_are_all_of_them(khopso: Khopso, fake: FakeServices) -> None:
    entry = {"code": "fires.cases", "vi": "Vụ cháy", "en": "fires", "kind": "flow", "dimensions": ["area"]}
    fake.routes["GET /v1/figures"] = lambda _query, _body: (200, {"figures": [entry]})
    khopso("figures")
    assert fake.calls[-1][1] == {}
    assert "Vụ cháy" in khopso("figures", "vu", "chay").out
    assert fake.calls[-1][1] == {"q": "vu chay"}
