"""Registry, treatment and incidents: their routes tell rows, by area, and counts of rows to nobody outside the area.

Who reads rows is decided by the authority table (``docs/authority.md``). Held here is that no route counts them for anybody
else, and that what operators do is theirs.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.http import app
from services.chassis.security import Allowed
from services.chassis.security.authority import Grant
from services.chassis.service import Compose, http_app
from services.incidents.app import compose as incidents
from services.registers import listing, rights, stating
from services.registry.app import compose as registry
from services.treatment.app import compose as treatment
from tests.attack.operations import DUTIES, FINDING, OPERATIONS, OPERATORS, OPERATORS_PAGES, RENEWING, below
from tests.support.clock import late_in_2024
from tests.support.register_rows import IDENTITY
from tests.support.registers import Service, running
from tests.support.routes import routes_of

COMPOSE: Mapping[str, Compose] = {"registry": registry, "treatment": treatment, "incidents": incidents}
REVIEW = frozenset(
    {
        "GET /v1/review",
        "GET /v1/review/{pair}",
        "POST /v1/review/{pair}/decision",
        "POST /v1/review/{pair}/undo",
    }
)
"""Pairs of records of which the caller reads both sides, for whoever may decide about them."""
OWN: Mapping[str, frozenset[str]] = {
    "registry": REVIEW
    | {"GET /v1/persons/{ref}", "GET /v1/persons/{ref}/timeline", "GET /registry/persons/{ref}"},
    "treatment": frozenset(),
    "incidents": frozenset(),
}
"""Routes of one service alone, besides those that all have."""
PAGES = frozenset(
    {
        "GET /",
        "POST /search",
        "GET /forms/{form}/new",
        "POST /forms/{form}/new",
        "POST /forms/{form}/fill",
        "GET /forms/{form}/paste",
        "POST /forms/{form}/paste",
        "GET /previews/{preview}",
        "POST /previews/{preview}/check",
        "POST /previews/{preview}/confirm",
        "POST /previews/{preview}/discard",
        "POST /previews/{preview}/rest",
        "GET /forms/{form}/records",
        "GET /forms/{form}/statement",
        "POST /forms/{form}/statement",
        "GET /forms/{form}/print",
        "GET /duties",
        "GET /duties/units",
        "GET /duties.csv",
        "GET /duties.ics",
        "GET /records/{record}",
        "GET /records/{record}/print",
        "GET /records/{record}/correct",
        "POST /records/{record}/correct",
        "POST /records/{record}/draft",
        "POST /forms/{form}/draft",
        "POST /drafts/{draft}/discard",
        "POST /records/{record}/withdraw",
        "POST /records/{record}/restore",
    }
)
"""The pages of a service, below its name. Those of one record are asked for by an id that nobody outside is told."""
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
NOTHING = {"unit": FEW, "calendar": "civil", "period": "2023"}
ROLES = ("clerk", "official", "analyst")
_NUMBER = re.compile(r'"correlationid":"[^"]*"')
"""The number under which an answer stands in the log."""


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
    """All that an answer says but the number under which it stands in the log; a file as it is."""
    if "json" not in answer.headers["content-type"]:
        return {"file": re.sub(r"(?m)^DTSTAMP:.*$", "", answer.text)}
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
        await service.client.get("/v1/duties", headers=headers),
        await service.client.get("/v1/duties/units", headers=headers),
        await service.client.post("/v1/records/search", json={"number": "R"}, headers=headers),
        await service.client.post("/v1/records/search", json={"name": "nguyen van thu"}, headers=headers),
    ]
    refused = [
        await service.client.get("/v1/duties", params={"unit": FEW}, headers=headers),
        await service.client.get("/v1/duties.csv", params={"unit": FEW}, headers=headers),
        await service.client.get("/v1/duties.ics", params={"unit": FEW}, headers=headers),
        await service.client.get(f"{path}/records", params={"unit": FEW}, headers=headers),
        await service.client.post(f"{path}/matches", json={"rows": [], "unit": FEW}, headers=headers),
        await service.client.post(f"{path}/records", json={"unit": FEW, "rows": []}, headers=headers),
        # That nothing happened is refused with the number of the rows: to the unit itself.
        await service.client.post(
            "/v1/statements", json=NOTHING | {"statements": {form: "nil"}}, headers=headers
        ),
    ]
    return [(one.status_code, said(one)) for one in (*asked, *refused)]


async def pages(service: Service, form: str, caller: Mapping[str, str]) -> list[tuple[int, str]]:
    """What a caller is shown by every page that knows rows."""
    headers, path = service.as_(**caller), f"/{service.name}"
    found = [
        await service.client.get(f"{path}/", headers=headers),
        await service.client.get(f"{path}/forms/{form}/records", headers=headers),
        await service.client.post(f"{path}/search", data={"text": "R1"}, headers=headers),
        await service.client.post(f"{path}/search", data={"text": "nguyen van thu"}, headers=headers),
        await service.client.get(f"{path}/duties", headers=headers),
        await service.client.get(f"{path}/duties/units", headers=headers),
        await service.client.get(f"{path}/duties", params={"unit": FEW}, headers=headers),
        await service.client.get(f"{path}/forms/{form}/records", params={"unit": FEW}, headers=headers),
    ]
    return [(one.status_code, _NUMBER.sub("", one.text)) for one in found]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("unit", ["police:291", "health:291", "committee:291", "labour:291"])
async def test_nobody_learns_how_many_rows_there_are_in_another_area(
    twins: Twins, role: str, unit: str
) -> None:
    caller, form = {"role": role, "unit": unit, "area": "291"}, ROWS[twins.name][0]
    own = await answers(twins.own, form, caller)
    assert [status for status, _ in own[-7:]] == [403] * 7
    assert own == await answers(twins.twin, form, caller)
    shown = await pages(twins.own, form, caller)
    assert [status for status, _ in shown[-2:]] == [403, 403]
    assert shown == await pages(twins.twin, form, caller)


async def test_whoever_reaches_the_area_notices_that_they_differ(twins: Twins) -> None:
    caller, form = {"role": "clerk", "unit": FEW, "area": "10513"}, ROWS[twins.name][0]
    own, twin = await answers(twins.own, form, caller), await answers(twins.twin, form, caller)
    assert own[0] != twin[0]
    assert own[1] != twin[1]
    shown, other = await pages(twins.own, form, caller), await pages(twins.twin, form, caller)
    # Where a register names nobody, a search by name finds nothing in either.
    places = [0, 1, 2, 4, 5, 6, 7] if twins.name == "incidents" else range(8)
    assert [place for place in places if shown[place] == other[place]] == []


@pytest.mark.usefixtures("no_reading_limit")
async def test_without_the_authority_table_each_route_that_knows_rows_tells_them(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack can fail: planted is a decision that lets everybody in (`services.registers.rights`)."""
    open_to_all = Allowed((Grant(frozenset({"values", "identity"}), frozenset()),))
    monkeypatch.setattr(rights, "may", lambda *_: open_to_all)
    monkeypatch.setattr(listing, "reads_rows", lambda *_: True)
    monkeypatch.setattr(stating, "may", lambda *_: open_to_all)
    caller, form = {"role": "clerk", "unit": "police:291", "area": "291"}, ROWS[twins.name][0]
    own, twin = await answers(twins.own, form, caller), await answers(twins.twin, form, caller)
    assert own[0] != twin[0], "rows"
    assert own[-4] != twin[-4], "rows of a unit"
    assert all(own[place] != twin[place] for place in (-7, -6, -5)), "what is due at a unit"
    # What a unit states is let through as well: it is refused for what it says, no longer for want of a right.
    assert [status for status, _ in own[-7:]] == [200, 200, 200, 200, 200, 200, 422]


async def test_without_the_authority_table_operators_routes_let_everybody_in(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next attack can fail: planted is a decision that lets everybody in (`services.chassis.http.app`)."""
    monkeypatch.setattr(app, "may", lambda *_: Allowed((Grant(frozenset(), frozenset()),)))
    headers = twins.own.as_("analyst", "committee:30", "30")
    assert (await twins.own.client.get("/v1/dlq", headers=headers)).status_code == 200
    assert "outbox" in (await twins.own.client.get("/v1/progress", headers=headers)).json()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("unit", ["police:10513", "police:30", "health:30"])
async def test_progress_counts_no_events_for_anybody_who_does_not_run_the_system(
    twins: Twins, role: str, unit: str
) -> None:
    told = (await twins.own.client.get("/v1/progress", headers=twins.own.as_(role, unit, "30"))).json()
    assert set(told) == {"service", "at", "sent_until", "applied_until"}


@pytest.mark.parametrize("role", ROLES)
async def test_what_operators_do_is_refused_to_everybody_else(twins: Twins, role: str) -> None:
    headers = twins.own.as_(role, "committee:30", "30")
    for route in sorted(OPERATORS | RENEWING | below(twins.name, OPERATORS_PAGES)):
        method, _, path = route.partition(" ")
        path = path.replace("{number}", "1").replace("{name}", "any")
        answer = await twins.own.client.request(method, path, json={}, headers=headers)
        assert answer.status_code == 403, route


async def test_every_route_is_looked_at(twins: Twins) -> None:
    composed = routes_of(http_app(twins.own.platform, COMPOSE[twins.name](twins.own.platform), ["api"]))
    stated = {"GET /v1/progress", "POST /v1/statements", "POST /v1/records/{record}/withdrawal"}
    shown = below(twins.name, PAGES | OPERATORS_PAGES)
    assert composed == OPERATIONS | FINDING | DUTIES | RENEWING | stated | shown | OWN[twins.name]
