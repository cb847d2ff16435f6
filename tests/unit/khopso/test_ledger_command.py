"""`khopso ledger` shows counts and lines, asks as a clerk of the unit, and leaves out with `--late` what has come in time."""

from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ROUTE = "GET /v1/ledger"
ASKED = ("ledger", "--calendar", "police", "--period", "2023-11")


def line(unit: str, state: str, late_days: int, records: int | None) -> dict[str, Any]:
    return {
        "form": "fires",
        "unit": unit,
        "state": state,
        "due": "2023-11-16",
        "last_arrival": "2023-11-20" if records else None,
        "late_days": late_days,
        "records": records,
        "late_records": 1 if state == "late" else 0,
        "declared": "complete" if state == "received" else None,
        "declared_on": "2023-11-17" if state == "received" else None,
        "declared_written_on": "2023-11-13" if state == "received" else None,
        "contradicted": state == "received",
        "rows_after": 2 if state == "received" else 0,
    }


DOCUMENT = {
    "calendar": "police",
    "period": "2023-11",
    "from": "2023-10-15",
    "to": "2023-11-14",
    "area": "30",
    "known_at": "2023-12-01T00:00:00+00:00",
    "forms": [
        {
            "form": "fires",
            "expected": 3,
            "received": 1,
            "late": 1,
            "missing": 1,
            "awaited": 0,
            "declared": 1,
            "nil": 0,
        }
    ],
    "entries": [
        line("police:288", "late", 4, 2),
        line("police:290", "missing", 15, 0),
        line("police:291", "received", 0, 7),
    ],
}


def test_counts_and_lines_are_printed_with_days_as_people_write_them(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.routes[ROUTE] = lambda _query, _body: (200, DOCUMENT)
    ran = khopso(*ASKED, "--form", "fires")
    assert ran.code == 0
    assert all(part in ran.out for part in ("16/11/2023", "20/11/2023", "14/11/2023"))
    # What the unit states is beside it, when that was received, and that rows came after it said that there were no more.
    printed = " ".join(ran.out.split())
    assert all(part in printed for part in ("Đã nộp đủ", "17/11/2023", "13/11/2023", "contradicted"))
    assert fake.calls == [(ROUTE, {"calendar": "police", "period": "2023-11", "form": "fires"}, None)]


def test_late_leaves_what_is_late_or_missing(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[ROUTE] = lambda _query, _body: (200, DOCUMENT)
    ran = khopso(*ASKED, "--late", "--json")
    assert [one["unit"] for one in ran.document["entries"]] == ["police:288", "police:290"]


def test_whoever_sees_no_line_is_shown_the_counts(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[ROUTE] = lambda _query, _body: (200, {**DOCUMENT, "entries": None})
    ran = khopso(*ASKED, "--late")
    assert (ran.code, "16/11/2023" in ran.out, "14/11/2023" in ran.out) == (0, False, True)


def test_calendar_and_period_are_needed(khopso: Khopso, fake: FakeServices) -> None:
    assert khopso("ledger", "--period", "2023-11").code == 2
    assert khopso("ledger", "--calendar", "police").code == 2
    assert not fake.calls
