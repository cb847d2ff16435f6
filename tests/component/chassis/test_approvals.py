"""A second person's approval over HTTP, kept in a real database: erasing a dead letter, and a bulk export asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.chassis.kafka import dead_letters
from services.chassis.kafka.delivery import Undelivered
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.security import Principal
from services.chassis.service import ServiceApp, http_app
from services.incidents.app import compose as incidents
from tests.support.callers import bearer, client_of, known_to
from tests.support.platform import settings_for
from tests.support.tokens import Issuer

REASON = {"reason": "sent in the clear"}
POLICE = {"unit": "police:10513", "area": "10513", "role": "official"}


@dataclass
class People:
    """Those who call, each with a token of his own; the clock can be put on."""

    platform: Platform
    issuer: Issuer
    stack: AsyncExitStack
    ahead: timedelta = timedelta()

    async def client(self, subject: str, **claims: Any) -> httpx.AsyncClient:
        """A client that this person uses."""
        clock = self.platform.clock
        moved = replace(self.platform, verifier=self.issuer.verifier(), clock=lambda: clock() + self.ahead)
        transport = httpx.ASGITransport(app=http_app(moved, ServiceApp("tests.support.sample")))
        claims = {"role": "operator", "auth_time": int(self.platform.clock().timestamp())} | claims
        token = self.issuer.token(sub=subject, **claims)
        headers = {"Authorization": f"Bearer {token}"}
        made = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
        return await self.stack.enter_async_context(made)


@pytest.fixture
async def people(platform: Platform) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        yield People(platform, Issuer(), stack)


async def letter(platform: Platform, offset: int = 0) -> int:
    """Put one dead letter; its number."""
    bad = Undelivered("t", 0, offset, b"k", b"{", (), platform.clock(), "bad-json", "E")
    async with platform.uow() as session:
        await dead_letters.put(session, "c", [(bad, "log-1")], platform.clock(), 1_000_000)
        number = await session.scalar(text("SELECT max(id) FROM dead_letter"))
    assert isinstance(number, int)
    return number


async def asked(client: httpx.AsyncClient, number: int, **more: Any) -> str:
    """Ask for the erasure of a letter; the request's id."""
    wanted = {"action": "erase_dead_letter", "item": str(number)} | REASON | more
    answer = await client.post("/v1/approvals", json=wanted)
    assert (answer.status_code, answer.json()["state"]) == (201, "asked")
    return str(answer.json()["id"])


async def erase(client: httpx.AsyncClient, number: int, approval: str | None = None) -> httpx.Response:
    """Try to erase a letter."""
    headers = {"Khopso-Approval": approval} if approval else {}
    return await client.post(f"/v1/dlq/{number}/erase", json=REASON, headers=headers)


async def decide(client: httpx.AsyncClient, approval: str, approve: bool = True) -> httpx.Response:
    """Decide on a request."""
    return await client.post(f"/v1/approvals/{approval}/decision", json={"approve": approve})


async def test_a_letter_is_erased_by_two_persons_and_only_once(people: People) -> None:
    # Given two operators and two letters
    one, two = await people.client("one"), await people.client("two")
    first, second = await letter(people.platform), await letter(people.platform, 1)
    # When one of them tries alone, then both languages say that another person is needed
    alone = await erase(one, first)
    assert (alone.status_code, alone.json()["rule"]) == (403, "second_person_missing")
    assert "người thứ hai" in alone.json()["message"]["vi"]
    assert "second person" in alone.json()["message"]["en"]
    # When he asks, then neither can he use it yet nor decide on it himself
    approval = await asked(one, first)
    assert (await erase(one, first, approval)).json()["rule"] == "approval_asked"
    own = await decide(one, approval)
    assert (own.status_code, own.json()["rule"]) == (403, "approval_own")
    # When the other approves, then it opens this letter to this person, nothing else and nobody else
    good = await decide(two, approval)
    assert (good.status_code, good.json()["state"], good.json()["decided_by"]) == (200, "approved", "two")
    assert (await decide(two, approval, False)).json()["rule"] == "approval_decided"
    assert (await erase(two, first, approval)).json()["rule"] == "approval_unknown"
    assert (await erase(one, second, approval)).json()["rule"] == "approval_other"
    done = await erase(one, first, approval)
    assert (done.status_code, done.json()["status"]) == (200, "erased")
    # And once alone; the letter that is erased may be asked for again, which only has the log forget it
    closed = (await two.get("/v1/approvals", params={"closed": True})).json()["approvals"]
    assert [(each["id"], each["state"], each["used"]) for each in closed] == [(approval, "used", 1)]
    assert (await one.get("/v1/approvals")).json()["approvals"] == []
    assert (await erase(one, first)).status_code == 200


async def test_a_request_that_was_refused_or_is_too_old_opens_nothing(people: People) -> None:
    one, two = await people.client("one"), await people.client("two")
    number = await letter(people.platform)
    # Given a request that the second person refused, one that he approved, and one that waits
    refused, approved, waiting = [await asked(one, number) for _ in range(3)]
    assert (await decide(two, refused, False)).json()["state"] == "refused"
    assert (await decide(two, approved)).json()["state"] == "approved"
    assert (await erase(one, number, refused)).json()["rule"] == "approval_refused"
    # When a day has passed
    people.ahead = timedelta(days=1, seconds=1)
    # Then neither is of use, and nothing was erased
    assert (await erase(one, number, approved)).json()["rule"] == "approval_expired"
    late = await decide(two, waiting)
    assert (late.status_code, late.json()["rule"]) == (409, "approval_expired")
    for nothing in ("not-an-id", "00000000-0000-0000-0000-000000000000"):
        assert (await erase(one, number, nothing)).json()["rule"] == "approval_unknown"
    assert (await one.get(f"/v1/dlq/{number}")).json()["status"] == "waiting"


async def test_two_requests_at_once_use_an_approval_once(people: People) -> None:
    # Given one approval for one letter
    one, two = await people.client("one"), await people.client("two")
    number = await letter(people.platform)
    approval = await asked(one, number)
    await decide(two, approval)
    # When it is presented by several requests at the same time
    answers = await asyncio.gather(*(erase(one, number, approval) for _ in range(4)))
    # Then it was used once; those that came later found the letter erased
    assert {answer.status_code for answer in answers} == {200}
    async with people.platform.uow() as session:
        assert await session.scalar(text("SELECT used FROM approval")) == 1


async def test_an_export_is_asked_by_an_official_of_the_unit_and_decided_by_another(people: People) -> None:
    # Given officials and a clerk of one unit, and an official of the next
    one, two = await people.client("one", **POLICE), await people.client("two", **POLICE)
    clerk = await people.client("clerk", **POLICE | {"role": "clerk"})
    neighbour = await people.client("next", **POLICE | {"unit": "police:10525"})
    export = {"action": "export_identities", "form": "registry", "unit": "police:10513", "rows": 60} | REASON
    # When others ask, then they learn which right is missing
    for stranger in (clerk, neighbour):
        refused = await stranger.post("/v1/approvals", json=export)
        assert (refused.status_code, refused.json()["rule"]) == (403, "right_missing")
    # When the unit's official asks, then those without the right neither see nor decide it
    approval = str((await one.post("/v1/approvals", json=export)).json()["id"])
    for stranger in (clerk, neighbour):
        assert (await stranger.get("/v1/approvals")).json()["approvals"] == []
        answer = await decide(stranger, approval)
        assert (answer.status_code, answer.json()["rule"]) == (404, "approval_unknown")
    # And another official of the unit sees and approves it
    assert [each["id"] for each in (await two.get("/v1/approvals")).json()["approvals"]] == [approval]
    assert (await decide(two, approval)).json()["state"] == "approved"


async def test_pages_of_requests_tell_nobody_that_others_have_asked(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given five requests of one unit's official, two of a page, and one of the next unit's between them
    monkeypatch.setattr("services.chassis.http.approvals.PAGE", 2)
    export = {"action": "export_identities", "form": "registry", "rows": 60} | REASON
    one = await people.client("one", **POLICE)
    neighbour = await people.client("next", **POLICE | {"unit": "police:10525"})
    made = []
    for number in range(5):
        answer = await one.post("/v1/approvals", json=export | {"unit": "police:10513"})
        made.append(answer.json()["id"])
        if number == 2:
            between = await neighbour.post("/v1/approvals", json=export | {"unit": "police:10525"})
    # When somebody without any right asks, then neither a request nor a further page tells that there are some
    analyst = await people.client("analyst", **POLICE | {"role": "analyst"})
    assert (await analyst.get("/v1/approvals")).json() == {"approvals": [], "next": None}
    # And each unit's pages are full and have its own, whatever lies between
    alone = (await neighbour.get("/v1/approvals")).json()
    assert ([each["id"] for each in alone["approvals"]], alone["next"]) == ([between.json()["id"]], None)
    seen, before, sizes = [], None, []
    while True:
        page = (await one.get("/v1/approvals", params={"before": before} if before else {})).json()
        seen += [each["id"] for each in page["approvals"]]
        sizes.append(len(page["approvals"]))
        before = page["next"]
        if before is None:
            break
    assert (seen, sizes) == (made[::-1], [2, 2, 1])


async def test_a_letter_is_shown_unmasked_once_by_two_persons_who_have_just_signed_in_and_for_a_purpose(
    people: People,
) -> None:
    # Given two operators, one who signed in two hours ago, and two letters
    one, two = await people.client("one"), await people.client("two")
    hours_ago = int(people.platform.clock().timestamp()) - 7200
    old = await people.client("old", auth_time=hours_ago)
    number, other = await letter(people.platform), await letter(people.platform, 1)
    purpose = {"Khopso-Purpose": "operation"}
    wanted = {"action": "unmask_dead_letter", "item": str(number)} | REASON

    async def shown(who: httpx.AsyncClient, of: int, **headers: str) -> httpx.Response:
        return await who.get(f"/v1/dlq/{of}", params={"unmasked": True}, headers=headers)

    # When one looks alone, without a purpose, or by an approval to erase it, then nothing of it is shown
    alone = await shown(one, number, **purpose)
    assert (alone.status_code, alone.json()["rule"]) == (403, "second_person_missing")
    assert (await shown(one, number)).json()["rule"] == "purpose_missing"
    erasing = await asked(one, number)
    await decide(two, erasing)
    erases = purpose | {"Khopso-Approval": erasing}
    assert (await shown(one, number, **erases)).json()["rule"] == "approval_other"
    # And an old sign-in neither asks for it nor approves it
    refused = await old.post("/v1/approvals", json=wanted)
    assert (refused.status_code, refused.json()["rule"]) == (401, "step_up_required")
    approval = str((await one.post("/v1/approvals", json=wanted)).json()["id"])
    assert (await decide(old, approval)).json()["rule"] == "step_up_required"
    # When the other approves, then this person sees this letter once, for a purpose
    assert (await decide(two, approval)).status_code == 200
    approved = {"Khopso-Approval": approval}
    assert (await shown(one, number, **approved)).json()["rule"] == "purpose_missing"
    assert (await shown(one, other, **approved, **purpose)).json()["rule"] == "approval_other"
    assert (await shown(two, number, **approved, **purpose)).json()["rule"] == "approval_unknown"
    again = await people.client("one", auth_time=hours_ago)
    assert (await shown(again, number, **approved, **purpose)).json()["rule"] == "step_up_required"
    done = await shown(one, number, **approved, **purpose)
    assert (done.status_code, done.json()["content"]["text"]) == (200, "{")
    assert (await shown(one, number, **approved, **purpose)).json()["rule"] == "approval_used"


async def test_what_wants_no_second_person_and_what_there_is_not_cannot_be_asked_for(people: People) -> None:
    one = await people.client("one")
    retry = await one.post("/v1/approvals", json={"action": "retry_dead_letter"} | REASON)
    assert (retry.status_code, retry.json()["rule"]) == (409, "approval_not_needed")
    wrong = await one.post("/v1/approvals", json={"action": "invented", "form": "invented"} | REASON)
    assert wrong.status_code == 422
    assert [fault["rule"] for fault in wrong.json()["errors"]] == ["approval_action", "form_unknown"]


async def test_the_database_itself_takes_no_decision_of_the_asker(people: People) -> None:
    one = await people.client("one")
    await asked(one, await letter(people.platform))
    with pytest.raises(IntegrityError, match="approval_two_persons"):
        async with people.platform.uow() as session:
            await session.execute(text("UPDATE approval SET approved = true, decided_by = asked_by"))


async def test_asking_deciding_and_using_are_rows_of_the_audit(new_database: Callable[[str], str]) -> None:
    # Given a service with an audit, and two operators
    settings = settings_for(new_database("incidents"), service="incidents")
    migrations.upgrade(settings, "services.incidents")
    known = {name: Principal("ubnd:30", "30", "operator", name) for name in ("one", "two")}
    platform = known_to(Platform.of(settings), known, datetime(2026, 3, 2, 1, tzinfo=UTC))
    number = await letter(platform)
    async with client_of(platform, incidents) as client:
        # When one asks, the other approves, and the first erases
        wanted = {"action": "erase_dead_letter", "item": str(number)} | REASON
        asked_for = await client.post("/v1/approvals", json=wanted, headers=bearer("one"))
        approval = asked_for.json()["id"]
        verdict = f"/v1/approvals/{approval}/decision"
        await client.post(verdict, json={"approve": True}, headers=bearer("two"))
        presented = bearer("one", **{"Khopso-Approval": approval})
        await client.post(f"/v1/dlq/{number}/erase", json=REASON, headers=presented)
    # Then the audit tells all three with the approval's id, and none of the words of the reason
    async with platform.uow() as session:
        rows = (await session.execute(text("SELECT subject, route, parameters, purpose FROM audit"))).all()
    await platform.database.close()
    told = {(row.subject, row.route.rpartition("/")[2], row.parameters.get("verdict")) for row in rows}
    assert told == {
        ("one", "approvals", "asked"),
        ("two", "decision", "approved"),
        ("one", "erase", None),
    }
    assert {row.parameters["approval"] for row in rows} == {approval}
    assert "clear" not in str(rows)
