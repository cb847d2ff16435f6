"""`khopso amendments`: proposals and decisions of administrators, whatever rule they are about."""

from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ID = "0189d3a0-0000-7000-8000-00000000000a"
DAYS = {
    "id": ID, "table": "days_off", "kind": "off", "first": "2024-09-02", "last": "2024-09-03", "reason": "TB 1/2024",
    "state": "proposed", "proposed_by": "an", "proposed_from": "committee:30", "proposed_at": "2024-01-14T02:00:00Z",
    "decided_by": None, "decided_from": None, "decided_at": None, "decided_because": None,
    "moves": [
        {"calendar": "civil", "period": "2024-08", "level": "commune", "before": "2024-09-02", "after": "2024-09-04"}
    ],
    "seen": "abc123",
}  # fmt: skip


def test_days_are_proposed_and_what_moves_is_printed(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes["POST /v1/amendments"] = lambda _query, _body: (201, DAYS)
    ran = khopso("amendments", "propose-days", "off", "02/09/2024", "03/09/2024", "--reason", "TB 1/2024")
    assert ran.code == 0, ran.err
    assert fake.calls[-1][2] == {
        "kind": "off", "first": "2024-09-02", "last": "2024-09-03", "reason": "TB 1/2024",
    }  # fmt: skip
    for said in ("2024-08", "04/09/2024", "--seen abc123", "Chờ người khác xác nhận"):
        assert said in ran.out
    # One day alone is its own last
    khopso("amendments", "propose-days", "worked", "2024-09-07", "--reason", "bù")
    assert (fake.calls[-1][2]["first"], fake.calls[-1][2]["last"]) == ("2024-09-07", "2024-09-07")
    # And what is no day is refused here
    assert khopso("amendments", "propose-days", "off", "mai", "--reason", "x").code == 2


def test_an_amendment_of_another_rule_is_shown_with_whatever_the_service_says_of_it(
    khopso: Khopso, fake: FakeServices
) -> None:
    other = {name: DAYS[name] for name in DAYS if name not in ("kind", "first", "last")} | {
        "table": "disclosure", "threshold": 5, "valid_from": "2024-07-01",
        "moves": [{"figure": "registry.users", "before": 3, "after": 5}],
    }  # fmt: skip
    fake.routes[f"GET /v1/amendments/{ID}"] = lambda _query, _body: (200, other)
    ran = khopso("amendments", "show", ID)
    assert ran.code == 0, ran.err
    for said in ("disclosure", "threshold 5", "valid_from 01/07/2024", "registry.users"):
        assert said in ran.out
    assert khopso("amendments", "show", ID, "--json").document == other


def test_nothing_is_confirmed_that_was_not_looked_at(khopso: Khopso, fake: FakeServices) -> None:
    decision = f"POST /v1/amendments/{ID}/decision"
    fake.routes[f"GET /v1/amendments/{ID}"] = lambda _query, _body: (200, DAYS)
    fake.routes[decision] = lambda _query, _body: (200, DAYS | {"state": "confirmed", "moves": None})
    # Given no terminal that could be asked
    ran = khopso("amendments", "confirm", ID, "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, "amendment_not_seen")
    assert all(call[0] != decision for call in fake.calls)
    # Then the code of what was shown is needed
    ran = khopso("amendments", "confirm", ID, "--seen", "abc123")
    assert (ran.code, fake.calls[-1][2]) == (0, {"verdict": "confirm", "seen": "abc123"})
    assert "Đã xác nhận" in ran.out


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("n", 1)])
def test_in_a_terminal_it_is_shown_and_asked(
    khopso: Khopso, fake: FakeServices, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    decision = f"POST /v1/amendments/{ID}/decision"
    fake.routes[f"GET /v1/amendments/{ID}"] = lambda _query, _body: (200, DAYS)
    fake.routes[decision] = lambda _query, _body: (200, DAYS | {"state": "confirmed", "moves": None})
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _question: typed == "y")
    ran = khopso("amendments", "confirm", ID)
    assert ran.code == code
    assert "04/09/2024" in ran.out
    assert [call[2] for call in fake.calls if call[0] == decision] == (
        [{"verdict": "confirm", "seen": "abc123"}] if typed == "y" else []
    )


@pytest.mark.parametrize(
    ("command", "more", "body", "state"),
    [
        ("reject", ("--reason", "sai"), {"verdict": "reject", "reason": "sai"}, "rejected"),
        ("withdraw", (), {"verdict": "withdraw"}, "withdrawn"),
    ],
)
def test_an_amendment_is_rejected_for_a_reason_or_withdrawn(
    khopso: Khopso, fake: FakeServices, command: str, more: tuple[str, ...], body: Any, state: str
) -> None:
    fake.routes[f"POST /v1/amendments/{ID}/decision"] = lambda _query, _body: (200, DAYS | {"state": state})
    assert khopso("amendments", command, ID, *more, "--json").document["state"] == state
    assert fake.calls[-1][2] == body


def test_amendments_are_listed_over_all_pages_or_those_alone_that_wait(
    khopso: Khopso, fake: FakeServices
) -> None:
    done = DAYS | {
        "id": "b", "state": "rejected", "decided_by": "binh", "decided_from": "committee:30",
        "decided_at": "2024-01-15T02:00:00Z", "decided_because": "sai", "moves": None, "seen": None,
    }  # fmt: skip
    pages = {"": ([DAYS], ID), ID: ([done], None)}

    def answer(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        listed, following = pages[query.get("before", "")]
        return 200, {"amendments": listed, "next": following}

    fake.routes["GET /v1/amendments"] = answer
    assert [one["id"] for one in khopso("amendments", "list", "--json").document["amendments"]] == [ID, "b"]
    waiting = khopso("amendments", "list", "--waiting", "--json").document["amendments"]
    assert [one["id"] for one in waiting] == [ID]
    out = khopso("amendments", "list").out
    assert all(said in out for said in ("days_off", "Bị từ chối", "binh", "15/01/2024"))
