"""What a dead letter holds is shown to two people alone, and the audit says who saw which letter, what for, by whose approval."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.chassis.kafka import dead_letters
from services.chassis.kafka.delivery import Undelivered
from services.chassis.security import Principal
from services.registry.app import compose
from tests.component.registry.conftest import NOW
from tests.support.callers import bearer, client_of, known_to
from tests.support.registers import Service

PEOPLE = {
    "operator": Principal("committee:30", "30", "operator", "operator"),
    "other": Principal("committee:30", "30", "operator", "other"),
}
NAMED = b'{"data": {"full_name": "Canary"}}'


@pytest.fixture
async def client(registry: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(registry.platform, PEOPLE, NOW), compose) as made:
        yield made


async def letter_of(registry: Service) -> int:
    """The number of a dead letter whose sender forgot to encrypt."""
    aside = Undelivered("submissions.registry", 0, 1, b"k", NAMED, (), NOW, "bad-json", "E")
    async with registry.platform.uow() as session:
        await dead_letters.put(session, "registry-submissions", [(aside, "log-1")], NOW, 1_000_000)
    rows = await registry.query("SELECT id FROM dead_letter")
    number: int = rows[0].id
    return number


async def shown(registry: Service) -> list[tuple[Any, ...]]:
    """The audit's rows about the one letter: who, what for, status, what was noted."""
    rows = await registry.query(
        "SELECT subject, purpose, status, parameters FROM audit WHERE route = '/v1/dlq/{number}' ORDER BY at, seq"
    )
    return [tuple(row) for row in rows]


async def test_the_audit_tells_a_masked_look_a_refused_and_an_unmasked_one_apart(
    client: httpx.AsyncClient, registry: Service
) -> None:
    number = await letter_of(registry)
    # Given an operator who looks at the letter, and asks for its content alone
    masked = await client.get(f"/v1/dlq/{number}", headers=bearer("operator"))
    assert (masked.status_code, masked.json()["content"]) == (200, None)
    stated = {"Khopso-Purpose": "operation"}
    alone = await client.get(f"/v1/dlq/{number}?unmasked=true", headers=bearer("operator", **stated))
    assert (alone.status_code, alone.json()["rule"]) == (403, "second_person_missing")
    # When another one has approved, then it is shown
    wanted = {"action": "unmask_dead_letter", "item": str(number), "reason": "a defect is sought"}
    approval = (await client.post("/v1/approvals", json=wanted, headers=bearer("operator"))).json()["id"]
    verdict = f"/v1/approvals/{approval}/decision"
    assert (await client.post(verdict, json={"approve": True}, headers=bearer("other"))).status_code == 200
    presented = bearer("operator", **stated, **{"Khopso-Approval": approval})
    answer = await client.get(f"/v1/dlq/{number}?unmasked=true", headers=presented)
    assert answer.json()["content"]["text"] == NAMED.decode()
    # Then each of the three looks has a row, and the last alone says that the content was seen, and by which approval
    rows = await shown(registry)
    assert [(subject, purpose, status) for subject, purpose, status, _ in rows] == [
        ("operator", "", 200),
        ("operator", "operation", 403),
        ("operator", "operation", 200),
    ]
    assert [noted.get("approval") for *_, noted in rows] == [None, None, approval]
    assert rows[-1][-1]["unmasked"] == "true"
    assert all(str(noted.get("number")) == str(number) for *_, noted in rows)
    # And nothing of the content is in the audit
    assert not await registry.query("SELECT 1 FROM audit WHERE audit::text LIKE '%Canary%'")
