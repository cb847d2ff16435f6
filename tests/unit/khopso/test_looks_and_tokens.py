"""`looks` and `tokens` ask all four services and put their answers together."""

import base64
import json
from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

LOOK = {
    "id": "00000000-0000-7000-8000-000000000001",
    "of_unit": "police:10513",
    "subject": "b@police:288",
    "unit": "police:288",
    "role": "clerk",
    "form": "registry",
    "identities": 3,
    "purpose": "inspection",
    "questions": 0,
}


def test_looks_of_all_services_and_pages_are_listed_the_last_one_first(
    khopso: Khopso, fake: FakeServices
) -> None:
    def page(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        day = 1 if "before" in query else 2
        look = LOOK | {"at": f"2026-11-0{day}T03:00:00+00:00"}
        return 200, {"looks": [look], "next": None if day == 1 else LOOK["id"]}

    fake.routes["GET /v1/audit/looks"] = page
    ran = khopso("looks", "list", "--unit", "police:10513", "--json")
    assert [look["at"][:10] for look in ran.document] == ["2026-11-02"] * 4 + ["2026-11-01"] * 4
    assert {query["unit"] for _, query, _ in fake.calls} == {"police:10513"}
    shown = khopso("looks", "list")
    assert (shown.code, "inspection" in shown.out) == (0, True)


def test_a_look_is_questioned_with_one_call(khopso: Khopso, fake: FakeServices) -> None:
    route = f"POST /v1/audit/looks/{LOOK['id']}/questions"
    fake.routes[route] = lambda _query, _body: (201, {"id": "q"})
    ran = khopso("looks", "question", "registry", LOOK["id"], "--reason", "not ours", "--json")
    assert (ran.code, ran.document["question"]) == (0, "q")
    assert fake.calls == [(route, {}, {"reason": "not ours"})]


def test_a_token_is_revoked_in_every_service_by_its_id_or_by_itself(
    khopso: Khopso, fake: FakeServices
) -> None:
    fake.routes["POST /v1/revoked-tokens"] = lambda _query, _body: (201, {})
    claims = base64.urlsafe_b64encode(json.dumps({"jti": "lost-1"}).encode()).rstrip(b"=").decode()
    for given in ("lost-1", f"head.{claims}.signature"):
        fake.calls.clear()
        assert khopso("tokens", "revoke", given).code == 0
        assert [body for _, _, body in fake.calls] == [{"token": "lost-1"}] * 4


@pytest.mark.parametrize("given", ["a.b.c", "a.e30.c", "a.W10.c"])
def test_what_is_no_token_is_wrong_use(khopso: Khopso, fake: FakeServices, given: str) -> None:
    assert khopso("tokens", "revoke", given).code == 2
    assert fake.calls == []


def test_revoked_tokens_are_listed_with_their_service(khopso: Khopso, fake: FakeServices) -> None:
    row = {
        "id": "lost-1",
        "until": "2026-11-29T11:00:00+00:00",
        "revoked_at": "2026-11-29T03:00:00+00:00",
        "revoked_by": "admin",
    }
    fake.routes["GET /v1/revoked-tokens"] = lambda _query, _body: (200, [row])
    assert {one["service"] for one in khopso("tokens", "list", "--json").document} == {
        "registry",
        "treatment",
        "incidents",
        "reporting",
    }
    assert "lost-1" in khopso("tokens", "list").out
