"""`khopso reconcile`: what it asks the service, the waterfall in words, JSON as it came, exit codes."""

from typing import Any

import pytest

from khopso.waterfall import bar, signed
from reference.codes import AGENCY
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

FIGURE = "registry.addicts_with_file"
PATH = f"/v1/reconciliations/{FIGURE}"


def step(name: str, count: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "step": name,
        "vi": f"vi {name}",
        "en": f"en {name}",
        "count": count,
        "kind": kind,
        "found": count,
        "in_declared_only": 0,
        "in_computed_only": 0,
        "records_total": 0,
        "records": None,
        **more,
    }


def answer(**more: Any) -> dict[str, Any]:
    """197 declared, 196 computed: three came late, four are unexplained; two parts are off each way."""
    return {
        "figure": FIGURE,
        "vi": "Người nghiện",
        "en": "addicts",
        "area": "292",
        "area_name": "Thị xã Kinh Môn",
        "agency": "police",
        "as_of": "2023-12-14",
        "declared": 197,
        "declared_on": "2023-12-19",
        "computed": 196,
        "difference": 1,
        "steps": [
            step("recorded_late", -3, "measured", records_total=3, in_computed_only=3),
            step("ended_before", 0, "possible", found=34, records_total=34),
            step("unexplained", 4, "unexplained"),
        ],
        "unexplained": 4,
        "closes": True,
        "declaration": {"as_of": "2023-12-13", "value": 197, "same_dates": False},
        "other_declarations": [{"as_of": "2023-06-14", "value": 180}],
        "at_declared_dates": {"known_at_cut_off": 193, "known_now": 196, "declared_minus_known_now": 1},
        "leads": [{"as_of": "2023-12-21", "calendars": []}],
        "parts": {
            "rows": [
                {"area": "10702", "name": "Minh Tân", "declared": 8, "computed": 5, "difference": 3},
                {"area": "10705", "name": "Phú Thứ", "declared": 4, "computed": 7, "difference": -3},
                {"area": "10708", "name": "Tân Dân", "declared": 4, "computed": 4, "difference": 0},
            ],
            "off_upwards": 3,
            "off_downwards": -3,
            "declared_sum": 197,
        },
        **more,
    }


def test_the_waterfall_runs_from_the_declared_to_the_computed_number(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.routes[f"GET {PATH}"] = lambda _query, _body: (200, answer())
    ran = khopso("reconcile", FIGURE, "--agency", "police", "--area", "292", "--as-of", "14/12/2023")
    assert ran.code == 0
    rows = [[cell.strip() for cell in line.split("│")] for line in ran.out.splitlines() if "│" in line]
    running = [row[2] for row in rows if len(row) > 2 and row[2]]
    assert running[:4] == ["197", "200", "196", "196"]
    for text in ("+1", "−3", "3 (+0 −3)", "en unexplained", "13/12/2023", "21/12/2023", "14/06/2023"):
        assert text in ran.out
    assert ("Minh Tân" in ran.out, "Phú Thứ" in ran.out, "Tân Dân" in ran.out) == (True, True, False)


def test_from_one_agency_to_another_the_numbers_run_down_and_up_again(
    khopso: Khopso, fake: FakeServices
) -> None:
    steps = [("police", "unexplained", 4), ("health", "unexplained", -1), ("police", "recorded_late", -3)]
    between = {
        "difference": 0,
        "unexplained": 3,
        "steps": [
            {"agency": who, "step": name, "count": count, "vi": f"{name} của {who}", "en": f"{name} of {who}"}
            for who, name, count in steps
        ],
    }
    other = answer(agency="health", declared=197, parts=None, leads=[])
    fake.routes[f"GET {PATH}"] = lambda _query, _body: (200, answer(against=other, between=between))
    ran = khopso("reconcile", FIGURE, "--agency", "police", "--against", "health", "--as-of", "2023-12-14")
    assert fake.calls[-1][1]["against"] == "health"
    table = ran.out[ran.out.index("Công an tỉnh − Sở Y tế") :]
    rows = [[cell.strip() for cell in line.split("│")] for line in table.splitlines() if "│" in line]
    assert [row[2] for row in rows if len(row) == 3 and row[2]] == ["197", "193", "194", "197", "197"]
    said = [row[0] for row in rows if "của" in row[0]]
    assert said == [f"{AGENCY[who]}: {name} của {who}" for who, name, _ in steps], "each with its own dates"


def test_without_a_figure_everything_declared_is_listed_and_what_differs_is_marked(
    khopso: Khopso, fake: FakeServices
) -> None:
    about: dict[str, Any] = {"vi": "Người nghiện", "agency": "police", "area": "292", "area_name": "Kinh Môn"}
    lines: list[dict[str, Any]] = [
        about | {"figure": FIGURE, "as_of": "2023-12-14", "declared": 197, "computed": 196, "difference": 1},
        about | {"figure": "x", "as_of": "2023-12-14", "declared": 5, "computed": None, "difference": None},
        about | {"figure": "y", "as_of": "2023-12-14", "declared": 5, "computed": 5, "difference": 0},
    ]
    listed = {"declarations": [line | {"agrees": line["difference"] == 0} for line in lines]}
    fake.routes["GET /v1/reconciliations"] = lambda _query, _body: (200, listed)
    ran = khopso("reconcile", "--agency", "police", "--known-at", "2024-01-31")
    assert fake.calls[-1][1] == {"agency": "police", "known_at": "2024-01-31"}
    assert (ran.code, ran.out.count("≠")) == (0, 2)
    assert khopso("reconcile", "--json").document == listed


def test_json_is_the_services_document_with_the_records_asked_for(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[f"GET {PATH}"] = lambda _query, _body: (200, answer())
    ran = khopso(
        "reconcile", FIGURE, "--agency", "police", "--as-of", "2023-12-14", "--limit", "5", "--json",
        "--geography", "01/07/2025",
    )  # fmt: skip
    assert ran.document == answer()
    (_, query, _) = fake.calls[-1]
    about = {"agency": "police", "as_of": "2023-12-14", "geography": "2025-07-01"}
    assert query == about | {"records": "true", "limit": "5"}


def test_people_get_records_only_when_they_ask_for_them(khopso: Khopso, fake: FakeServices) -> None:
    record = {
        "record": "0190aaaa-0000-7000-8000-000000000000",
        "unit": "police:10702",
        "area": "10702@2008",
        "area_name": "Minh Tân",
        "since": "2023-03-01",
        "until": None,
        "counted_in": "computed",
        "reason": {"vi": "ghi muộn", "en": "came late"},
    }
    late = step("recorded_late", -1, "measured", records_total=1, records=[record])
    fake.routes[f"GET {PATH}"] = lambda query, _body: (
        200,
        answer(steps=[late] if query["records"] == "true" else [late | {"records": None}]),
    )
    plain = khopso("reconcile", FIGURE, "--agency", "police", "--as-of", "2023-12-14")
    listed = khopso("reconcile", FIGURE, "--agency", "police", "--as-of", "2023-12-14", "--records")
    assert ("police:10702" in plain.out, "police:10702" in listed.out) == (False, True)


def test_a_question_without_a_declaration_is_wrong_use_and_the_answer_is_passed_on(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.problem(f"GET {PATH}", 404, "reconcile_not_declared")
    ran = khopso("reconcile", FIGURE, "--agency", "labour", "--as-of", "2023-12-14")
    assert (ran.code, "not so" in ran.err) == (2, True)
    assert khopso("reconcile", "registry.adicts", "--agency", "police").code == 2


@pytest.mark.parametrize(("value", "text"), [(3, "+3"), (-3, "−3"), (0, "0"), (-1234.5, "−1.234,5")])
def test_counts_have_their_sign(value: float, text: str) -> None:
    assert signed(value) == text


def test_bars_point_to_the_side_on_which_the_agency_has_more() -> None:
    up, down, none = bar(6, 6), bar(-3, 6), bar(0, 6)
    assert (up.index("│"), down.index("│"), none.index("│")) == (12, 12, 12)
    assert (up.count("█"), down.count("█"), none.count("█")) == (12, 6, 0)
    assert up.endswith("█")
    assert down.endswith("│")
