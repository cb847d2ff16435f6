"""Registry, treatment and incidents: their routes tell rows, by area, and counts of rows to nobody outside the area.

Who reads rows is decided by the authority table (``docs/authority.md``). Held here is that no route counts them for anybody
else, and that what operators do is theirs.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.service import Compose, http_app
from services.incidents.app import compose as incidents
from services.registry.app import compose as registry
from services.treatment.app import compose as treatment
from tests.attack.operations import OPERATIONS, OPERATORS
from tests.support.clock import late_in_2024
from tests.support.register_rows import IDENTITY
from tests.support.registers import Service, running
from tests.support.routes import routes_of

COMPOSE: Mapping[str, Compose] = {"registry": registry, "treatment": treatment, "incidents": incidents}
OWN = {"registry": {"GET /v1/persons/{ref}"}, "treatment": set(), "incidents": set()}
"""Routes of one service alone, besides those that all have."""
ROWS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "registry": ("registry", "record_no", {**IDENTITY, "status": "user", "status_from": "09/10/2023"}),
    "treatment": (
        "post_detox",
        "decision_no",
        {**IDENTITY, "from_on": "09/10/2023", "until_on": "09/10/2025"},
    ),
    "incidents": (
        "conflicts",
        "conflict_no",
        {
            "commune_code": "10513",
            "detected_on": "09/10/2023",
            "level": "2",
            "cause": "land",
            "parties": "3",
            "status": "in_progress",
        },
    ),
}
"""By service: a form, the column that numbers its rows, and a row of it."""
FEW, OTHER = "police:10513", "police:10546"
ROLES = ("clerk", "official", "analyst")


class Twins(NamedTuple):
    """A service in which one unit has two rows and another three, and one in which it is the other way round."""

    name: str
    own: Service
    twin: Service


@pytest.fixture(scope="module", params=COMPOSE)
async def twins(request: pytest.FixtureRequest, postgres: PostgresServer) -> AsyncIterator[Twins]:
    name: str = request.param
    form, number, row = ROWS[name]
    async with AsyncExitStack() as stack:
        made = []
        for few in (2, 3):
            url = postgres.ensure_service(f"{name}_{few}_of_five", "secret")
            service = await stack.enter_async_context(running(name, COMPOSE[name], url, late_in_2024()))
            for unit, numbers in ((FEW, range(few)), (OTHER, range(few, 5))):
                done = await service.post_rows(form, [{**row, number: f"R-{n}"} for n in numbers], unit=unit)
                assert done["accepted"] == len(numbers), done
            made.append(service)
        yield Twins(name, *made)


def said(answer: httpx.Response) -> dict[str, Any]:
    """All that an answer says but the number under which it stands in the log."""
    found: dict[str, Any] = answer.json()
    found.pop("correlationid", None)
    return found


async def answers(service: Service, form: str, caller: Mapping[str, str]) -> list[tuple[int, object]]:
    """What a caller is told by every route that knows rows."""
    headers, path = service.as_(**caller), f"/v1/forms/{form}"
    asked = [
        await service.client.get(f"{path}/records", headers=headers),
        await service.client.post(f"{path}/matches", json={"rows": [], "area": "10513"}, headers=headers),
        await service.client.post(f"{path}/matches", json={"rows": [], "agency": "police"}, headers=headers),
        await service.client.get("/v1/units", headers=headers),
        await service.client.get("/v1/forms", headers=headers),
        await service.client.get(path, headers=headers),
        await service.client.get("/v1/submission-key", headers=headers),
    ]
    refused = [
        await service.client.get(f"{path}/records", params={"unit": FEW}, headers=headers),
        await service.client.post(f"{path}/matches", json={"rows": [], "unit": FEW}, headers=headers),
        await service.client.post(f"{path}/records", json={"unit": FEW, "rows": []}, headers=headers),
    ]
    return [(one.status_code, said(one)) for one in (*asked, *refused)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("unit", ["police:291", "health:291", "committee:291", "labour:291"])
async def test_nobody_learns_how_many_rows_there_are_in_another_area(
    twins: Twins, role: str, unit: str
) -> None:
    caller, form = {"role": role, "unit": unit, "area": "291"}, ROWS[twins.name][0]
    own = await answers(twins.own, form, caller)
    assert [status for status, _ in own[-3:]] == [403, 403, 403]
    assert own == await answers(twins.twin, form, caller)


async def test_whoever_reaches_the_area_notices_that_they_differ(twins: Twins) -> None:
    caller, form = {"role": "clerk", "unit": FEW, "area": "10513"}, ROWS[twins.name][0]
    own, twin = await answers(twins.own, form, caller), await answers(twins.twin, form, caller)
    assert own[0] != twin[0]
    assert own[1] != twin[1]


@pytest.mark.parametrize("role", ROLES)
async def test_what_operators_do_is_refused_to_everybody_else(twins: Twins, role: str) -> None:
    headers = twins.own.as_(role, "committee:30", "30")
    for route in sorted(OPERATORS):
        method, _, path = route.partition(" ")
        path = path.replace("{number}", "1").replace("{name}", "any")
        answer = await twins.own.client.request(method, path, json={}, headers=headers)
        assert answer.status_code == 403, route


async def test_every_route_is_looked_at(twins: Twins) -> None:
    composed = routes_of(http_app(twins.own.platform, COMPOSE[twins.name](twins.own.platform), ["api"]))
    assert composed == OPERATIONS | {"GET /v1/progress"} | OWN[twins.name]
