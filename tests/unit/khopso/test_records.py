"""`record` and `search` ask the services that keep registers, and show what they may tell."""

import io
from typing import Any

import pytest

from khopso.failure import Exit
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ID = "00000000-0000-7000-8000-000000000001"
ROUTE = f"GET /v1/records/{ID}"
SEARCH = "POST /v1/records/search"
RECORD: dict[str, Any] = {
    "record": ID,
    "form": "registry",
    "unit": "police:10513",
    "number": "HS-1 / 2024-03-01",
    "sequence": 2,
    "recorded_at": "2024-03-02T03:00:00+00:00",
    "voided": False,
    "minor": False,
    "person": None,
    "values": {
        "record_no": "HS-1",
        "full_name": "Canary Văn Thử",
        "birth_date": "1990-03-05",
        "status": "addict",
    },
}
VIEW = RECORD | {
    "history": [
        {
            "step": "corrected",
            "sequence": 2,
            "recorded_at": "2024-03-02T03:00:00+00:00",
            "handed_in_at": "2024-03-02T04:00:00+00:00",
            "handed_in_by": "a@police:10513",
            "changes": [{"field": "status", "old": "user", "new": "addict"}],
        }
    ],
    "others": [
        {"record": "00000000-0000-7000-8000-000000000002", "number": "HS-1 / 2024-09-01", "voided": False}
    ],
    "events": [
        {
            "topic": "registry.records",
            "type": "registry.record.corrected.v1",
            "sequence": 2,
            "recorded_at": "2024-03-02T04:00:00+00:00",
            "sent_at": "2024-03-02T04:00:01+00:00",
        }
    ],
}
UNKNOWN = (
    404,
    {
        "rule": "record_unknown",
        "message": {"vi": "Không có bản ghi này", "en": "no such record"},
        "errors": [],
    },
)


def hit(similarity: int, **other: Any) -> dict[str, Any]:
    return RECORD | {"similarity": similarity, "former": False} | other


def test_a_record_is_looked_for_in_every_service_and_shown_with_its_history(
    khopso: Khopso, fake: FakeServices
) -> None:
    answers = [UNKNOWN, (200, VIEW)]
    fake.routes[ROUTE] = lambda _query, _body: answers.pop(0)
    ran = khopso("record", ID, "--unit", "police:10513")
    assert ran.code == 0
    for word in (
        "HS-1",
        "Canary Văn Thử",
        "05/03/1990",
        "user → addict",
        "a@police:10513",
        "HS-1 / 2024-09-01",
    ):
        assert word in ran.out
    answers[:] = [(200, VIEW)]
    assert khopso("record", ID, "--json").document["service"] == "registry"


def test_a_record_that_no_service_has_ends_the_command_with_their_words(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.routes[ROUTE] = lambda _query, _body: UNKNOWN
    ran = khopso("record", ID)
    assert ran.code == Exit.WRONG_USE
    assert len(fake.calls) == 3


def test_a_refusal_is_not_taken_for_a_record_that_is_not_there(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes[ROUTE] = lambda _query, _body: (
        403,
        {"rule": "unit_scope", "message": {"vi": "x", "en": "x"}},
    )
    assert khopso("record", ID).code == Exit.REFUSED
    assert len(fake.calls) == 1


def test_a_record_is_withdrawn_in_the_service_that_has_it_for_the_reason_given(
    khopso: Khopso, fake: FakeServices
) -> None:
    answers = [UNKNOWN, (200, VIEW)]
    fake.routes[ROUTE] = lambda _query, _body: answers.pop(0)
    fake.routes[f"POST /v1/records/{ID}/withdrawal"] = lambda _query, _body: (
        200,
        {"record": ID, "outcome": "withdrawn"},
    )
    ran = khopso("withdraw", ID, "--reason", "entered_twice", "--unit", "police:10513")
    assert ran.code == 0
    assert "HS-1" in ran.out
    assert fake.calls[-1][2] == {"reason": "entered_twice"}


def test_the_history_says_why_a_record_was_withdrawn(khopso: Khopso, fake: FakeServices) -> None:
    step = VIEW["history"][0] | {"step": "withdrawn", "changes": [], "reason": "wrong_person"}
    fake.routes[ROUTE] = lambda _query, _body: (200, VIEW | {"history": [step]})
    assert "Nhầm người" in khopso("record", ID).out


def test_what_all_services_find_is_listed_the_most_similar_first(khopso: Khopso, fake: FakeServices) -> None:
    answers = [
        {"records": [hit(700)], "next": None, "whole": True},
        {"records": [hit(1000, number="BN-1", form="methadone")], "next": "1000:x", "whole": False},
        {"records": [hit(990, minor=True, values={})], "next": None, "whole": True},
    ]
    fake.routes[SEARCH] = lambda _query, _body: (200, answers.pop(0))
    ran = khopso("search", "--name", "canary van thu", "--born", "1990", "--limit", "2", "--json")
    assert [found["similarity"] for found in ran.document["records"]] == [1000, 990]
    assert (ran.document["more"], ran.document["whole"]) == (True, False)
    assert [body for _, _, body in fake.calls] == [
        {"name": "canary van thu", "birth_year": 1990, "limit": 2}
    ] * 3


def test_a_form_is_asked_of_its_service_alone_and_shown_to_people(khopso: Khopso, fake: FakeServices) -> None:
    page = {"records": [hit(990, former=True)], "next": "990:x", "whole": False}
    fake.routes[SEARCH] = lambda _query, _body: (200, page)
    ran = khopso("search", "--number", "HS-1", "--form", "registry", "--from", "01/03/2024")
    assert [body for _, _, body in fake.calls] == [
        {"number": "HS-1", "form": "registry", "from": "2024-03-01", "limit": 10}
    ]
    assert "99 %" in ran.out
    assert "Canary Văn Thử" in ran.out


def test_terms_are_read_from_standard_input_where_none_is_given(
    khopso: Khopso, fake: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.routes[SEARCH] = lambda _query, _body: (200, {"records": [], "next": None, "whole": True})
    monkeypatch.setattr("sys.stdin", io.StringIO("\nCanary Văn Thử\n\n1990\n"))
    assert khopso("search", "--form", "registry").code == 0
    assert [body for _, _, body in fake.calls] == [
        {"name": "Canary Văn Thử", "birth_year": "1990", "form": "registry", "limit": 10}
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert khopso("search").code == Exit.WRONG_USE
