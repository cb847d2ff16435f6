"""The review queue tells a commune nothing of a patient: with a clinic's record and without it every answer is the same."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import pytest

from deploy.embedded.postgres import PostgresServer
from services.registry.app import compose
from tests.component.registry.conftest import NOW
from tests.component.registry.support import Someone, hear, slip
from tests.component.registry.test_review import COMMUNE, FOR, ONE, TWO, keep, look, row, say
from tests.support.clock import FixedClock
from tests.support.registers import Service, running

NUMBER = "030088004321"
PATIENT = Someone("Phạm Văn Canary", date(1988, 2, 5), NUMBER)
STRANGER = Someone("Lê Thị Cò", date(1971, 3, 9), "030171000012", "female")


@pytest.fixture
async def twins(postgres: PostgresServer) -> AsyncIterator[list[Service]]:
    """A service that has heard of a patient who joins two rows of a commune, and one that has heard of somebody else."""
    async with AsyncExitStack() as stack:
        made = []
        for name, who in (("patient", PATIENT), ("stranger", STRANGER)):
            url = postgres.ensure_service(f"registry_review_{name}", "secret")
            clock = FixedClock(NOW)
            service = await stack.enter_async_context(running("registry", compose, url, clock))
            await hear(service.platform, [slip("P1", who, hour=1)])
            made.append(service)
        yield made


async def told(service: Service) -> list[Any]:
    """All that a clerk of the commune is told of the pair, without the ids, which are new in each service."""
    headers = service.as_(**COMMUNE) | FOR
    found: list[Any] = []
    for state in ("open", "one", "two"):
        answer = await service.client.get("/v1/review", params={"state": state}, headers=headers)
        found.append((answer.status_code, [_plain(pair) for pair in answer.json()["pairs"]]))
        for pair in answer.json()["pairs"]:
            case = await service.client.get(f"/v1/review/{pair['id']}", headers=headers)
            found.append((case.status_code, _plain(case.json())))
    return found


def _plain(pair: dict[str, Any]) -> dict[str, Any]:
    ids = {"id", "record", "person"}
    plain = {name: value for name, value in pair.items() if name not in ids}
    return plain | {"sides": [_plain(side) for side in pair.get("sides", [])]}


async def test_a_commune_is_told_the_same_whether_a_clinic_has_the_person_or_not(
    twins: list[Service],
) -> None:
    seen: list[list[Any]] = []
    for service in twins:
        # Given two rows that a commune's clerk wrote: one with a number, and one with the true date of birth
        await keep(service, row("HS-1", national_id=NUMBER), row("HS-2", birth_date="05/02/1988"))
        answers = [await told(service)]
        ((_, (open_pair,)), _, *_) = answers[0]
        headers = service.as_(**COMMUNE) | FOR
        (pair,) = (await service.client.get("/v1/review", headers=headers)).json()["pairs"]
        # When they decide one way, undo it and decide the other
        for what, to in ((ONE, "decision"), ({"reason": "wrong_pair"}, "undo"), (TWO, "decision")):
            answer = await say(service, pair, what, to)
            answers.append([answer.status_code, answer.json()["outcome"]])
            await look(service)
            answers.append(await told(service))
            pair["version"] = next(case["version"] for _, case in answers[-1] if isinstance(case, dict))
        assert open_pair["open"]
        seen.append(answers)
    # Then nothing that they were told differs
    assert seen[0] == seen[1]
    # Although the index knows that both rows and the patient are one
    counted = [
        await service.query("SELECT count(DISTINCT ref) FROM person_edge WHERE basis <> 'clerk'")
        for service in twins
    ]
    assert counted == [[(3,)], [(0,)]]
