"""`khopso check`: every check as a table, one with its list over all pages, exit 1 when something was found."""

from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

TODO = {"vi": "Đối chiếu sổ", "en": "compare the registers"}


def entry(rule: str, count: int) -> dict[str, Any]:
    return {
        "rule": rule,
        "vi": f"tên {rule}",
        "en": f"name {rule}",
        "todo": TODO,
        "owner": "police",
        "count": count,
    }


def everything(*entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "area": "30",
        "as_of": "2023-12-14",
        "from": "2023-01-01",
        "to": "2023-12-14",
        "known_at": "2024-06-01",
        "checks": list(entries),
        "findings": sum(found["count"] for found in entries),
    }


def finding(subject: str) -> dict[str, Any]:
    record = {
        "record": f"r-{subject}",
        "unit": "F1",
        "facility": "F1",
        "area": "10513@2008",
        "area_name": "Phường Ngọc Châu",
        "since": "2023-03-01",
    }
    return {"subject": subject, "records": [record]}


def paged(fake: FakeServices, rule: str, subjects: list[str]) -> None:
    """Two findings a page, whatever is asked."""

    def answer(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        rest = [subject for subject in subjects if subject > query.get("after", "")]
        page = rest[:2]
        heading = {name: value for name, value in everything().items() if name not in ("checks", "findings")}
        more = len(rest) > len(page)
        return 200, heading | entry(rule, len(subjects)) | {
            "findings": [finding(subject) for subject in page],
            "next": page[-1] if more else None,
        }

    fake.routes[f"GET /v1/checks/{rule}"] = answer


def test_all_checks_are_a_table_with_counts_and_owners(fake: FakeServices, khopso: Khopso) -> None:
    fake.routes["GET /v1/checks"] = lambda *_: (200, everything(entry("a.b", 3), entry("c.d", 0)))
    ran = khopso(
        "check",
        "--as-of",
        "14/12/2023",
        "--area",
        "30",
        "--known-at",
        "2024-01-31",
        "--geography",
        "01/07/2025",
    )
    assert ran.code == 1
    assert "tên a.b" in ran.out
    assert "police" in ran.out
    assert "3 phát hiện / findings" in ran.out
    assert fake.calls[-1][1] == {
        "as_of": "2023-12-14",
        "area": "30",
        "known_at": "2024-01-31",
        "geography": "2025-07-01",
    }
    khopso("check", "--calendar", "health", "--period", "2023")
    assert fake.calls[-1][1] == {"calendar": "health", "period": "2023"}


def test_without_findings_the_exit_code_is_0(fake: FakeServices, khopso: Khopso) -> None:
    fake.routes["GET /v1/checks"] = lambda *_: (200, everything(entry("a.b", 0)))
    assert khopso("check", "--json").code == 0


def test_one_check_lists_the_findings_of_every_page(fake: FakeServices, khopso: Khopso) -> None:
    paged(fake, "a.b", ["1", "2", "3", "4", "5"])
    ran = khopso("check", "a.b", "--from", "2023-01-01", "--to", "2023-12-31", "--json")
    assert (ran.code, [found["subject"] for found in ran.document["findings"]]) == (
        1,
        ["1", "2", "3", "4", "5"],
    )
    text = khopso("check", "a.b").out
    assert "r-5" in text
    assert "Phường Ngọc Châu" in text
    assert "To do: compare the registers" in text


def test_a_list_that_a_second_person_has_not_approved_ends_where_it_is_refused(
    fake: FakeServices, khopso: Khopso
) -> None:
    # Given a list of three pages, of which the third is more than may be seen within an hour
    paged(fake, "a.b", ["1", "2", "3", "4", "5"])
    answered = fake.routes["GET /v1/checks/a.b"]
    fake.problem("GET /v1/checks/a.b", 403, "too_many_listed")
    refused = fake.routes["GET /v1/checks/a.b"]
    fake.routes["GET /v1/checks/a.b"] = lambda query, body: (
        refused(query, body) if query.get("after") == "4" else answered(query, body)
    )
    # Then what was shown is there, and that there is more; with an approval it is sent with every page
    ran = khopso("check", "a.b", "--json")
    assert [found["subject"] for found in ran.document["findings"]] == ["1", "2", "3", "4"]
    assert ran.document["next"] == "4"
    assert "--approval" in khopso("check", "a.b").out
    fake.routes["GET /v1/checks/a.b"] = answered
    fake.approvals.clear()
    assert khopso("check", "a.b", "--approval", "018f", "--json").document["next"] is None
    assert set(fake.approvals) == {"018f"}


def test_the_lists_of_all_checks_with_findings_can_be_had_at_once(fake: FakeServices, khopso: Khopso) -> None:
    fake.routes["GET /v1/checks"] = lambda *_: (200, everything(entry("a.b", 1), entry("c.d", 0)))
    paged(fake, "a.b", ["1"])
    ran = khopso("check", "--list", "--json")
    assert list(ran.document["lists"]) == ["a.b"]
    assert "r-1" in khopso("check", "--list").out


def test_hidden_lists_are_said_to_be_hidden(fake: FakeServices, khopso: Khopso) -> None:
    document = everything() | entry("a.b", 2) | {"findings": None, "next": None}
    del document["checks"]
    document["records_hidden"] = {"vi": "chỉ cho cán bộ", "en": "for officials"}
    fake.routes["GET /v1/checks/a.b"] = lambda *_: (200, document)
    ran = khopso("check", "a.b")
    assert ran.code == 1
    assert "chỉ cho cán bộ / for officials" in ran.out


def test_a_balance_is_shown_line_by_line(fake: FakeServices, khopso: Khopso) -> None:
    balance = {
        "figure": "methadone.active",
        "opening": 10,
        "entries": [{"class": "new", "count": 3, "records": None}],
        "exits": [{"class": "ended:died", "count": 1, "records": None}],
        "closing": 12,
        "difference": 0,
        "holds": True,
        "rows": [],
    }
    document = (
        everything()
        | entry("balance.methadone.active", 0)
        | {"findings": [], "next": None, "balance": balance}
    )
    del document["checks"]
    fake.routes["GET /v1/checks/balance.methadone.active"] = lambda *_: (200, document)
    ran = khopso("check", "balance.methadone.active")
    assert ran.code == 0
    for text in ("đầu kỳ / opening", "+ mới / new", "− kết thúc / ended: died", "cuối kỳ / closing"):
        assert text in ran.out


def test_an_unknown_check_is_wrong_use(fake: FakeServices, khopso: Khopso) -> None:
    fake.problem("GET /v1/checks/nothing", 404, "check_unknown")
    assert khopso("check", "nothing").code == 2


def test_records_of_a_list_are_called_by_number_and_name_where_they_may_be_known(
    fake: FakeServices, khopso: Khopso
) -> None:
    # Given a list of two records, of which the caller may know one by its number and another by its name, too
    paged(fake, "a.b", ["p1", "p2", "p3"])
    known = {
        "r-p1": {"record": "r-p1", "number": "HS-1", "name": None},
        "r-p2": {"record": "r-p2", "number": "HS-2", "name": "Canary Văn Thử"},
    }
    asked: list[list[str]] = []

    def named(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        asked.append(body["records"])
        return 200, {"records": [known[record] for record in body["records"] if record in known]}

    fake.routes["POST /v1/records/named"] = named
    # When it is shown
    ran = khopso("check", "a.b", "--as-of", "2023-12-14")
    # Then each service was asked once, and what is not told stays an id
    assert asked == [["r-p1", "r-p2", "r-p3"]] * 3
    assert "HS-2  Canary Văn Thử" in ran.out
    assert "r-p3" in ran.out
    assert not [record for record in ("r-p1", "r-p2") if record in ran.out]


def test_a_list_is_shown_by_ids_where_a_service_does_not_name_records(
    fake: FakeServices, khopso: Khopso
) -> None:
    paged(fake, "a.b", ["p1"])
    fake.problem("POST /v1/records/named", 403, "unit_scope")
    ran = khopso("check", "a.b", "--as-of", "2023-12-14")
    assert "r-p1" in ran.out
    assert "danh sách ghi mã bản ghi" in ran.err
