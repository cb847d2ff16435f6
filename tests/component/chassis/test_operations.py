"""The operators' routes, over HTTP."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from services.chassis.kafka import circuit_breaker, dead_letters, standing
from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.delivery import Delivered, Permanent, Undelivered
from services.chassis.persistence import outbox
from services.chassis.persistence.session import AsyncSession
from services.chassis.platform import Platform
from services.chassis.service import ServiceApp, http_app
from tests.support.rig import TYPE, effects, event, record_effects
from tests.support.tokens import Issuer


class Sick:
    """A handler that can be cured."""

    cured = False

    async def __call__(self, batch: list[Delivered], session: AsyncSession) -> None:
        if not self.cured:
            raise Permanent("still-sick")
        await record_effects(batch, session)


@pytest.fixture
def sick() -> Sick:
    return Sick()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def operator(platform: Platform, sick: Sick, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    platform = replace(platform, verifier=issuer.verifier())
    consumer = Consumer(platform, "c", [TopicSpec("t")], sick, known_types=[TYPE])
    app = http_app(platform, ServiceApp("tests.support.sample", consumers=[consumer]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        client.headers["Authorization"] = (
            f"Bearer {issuer.token(role='operator', sub='ops', auth_time=int(time.time()))}"
        )
        yield client


async def put(platform: Platform, *values: bytes | None) -> list[str]:
    """Dead letters of consumer c; the ids of the events in them."""
    letters = [
        (
            Undelivered("t", 0, n, b"k\xff", value, (("h", b"\xff"),), platform.clock(), "bad-json", "E"),
            "log-1",
        )
        for n, value in enumerate(values)
    ]
    async with platform.uow() as session:
        await dead_letters.put(session, "c", letters, platform.clock(), 1_000_000)
    return []


async def test_dead_letters_are_listed_page_by_page_and_shown_with_their_bytes(
    platform: Platform, operator: httpx.AsyncClient, issuer: Issuer
) -> None:
    await put(platform, b"{", None, b"\xff")
    page = (await operator.get("/v1/dlq", params={"limit": 2})).json()
    assert [letter["offset"] for letter in page["dead_letters"]] == [0, 1]
    rest = (await operator.get("/v1/dlq", params={"limit": 2, "after": page["next"]})).json()
    assert [letter["offset"] for letter in rest["dead_letters"]] == [2]
    assert rest["next"] is None
    numbers = [letter["id"] for letter in page["dead_letters"] + rest["dead_letters"]]
    shown = [await unmasked(operator, issuer, number) for number in numbers]
    assert [(one["value"], one["text"]) for one in shown] == [
        (base64.b64encode(b"{").decode(), "{"),
        (None, None),
        (base64.b64encode(b"\xff").decode(), None),
    ]
    assert base64.b64decode(shown[0]["key"]) == b"k\xff"
    assert shown[0]["headers"] == [["h", base64.b64encode(b"\xff").decode()]]


async def unmasked(operator: httpx.AsyncClient, issuer: Issuer, number: int) -> Any:
    """What a letter holds, as an operator sees it for a purpose and with the approval of another."""
    wanted = {"action": "unmask_dead_letter", "item": str(number), "reason": "a defect is sought"}
    approval = (await operator.post("/v1/approvals", json=wanted)).json()["id"]
    other = issuer.token(role="operator", sub="other", auth_time=int(time.time()))
    decision = f"/v1/approvals/{approval}/decision"
    await operator.post(decision, json={"approve": True}, headers={"Authorization": f"Bearer {other}"})
    presented = {"Khopso-Purpose": "operation", "Khopso-Approval": approval}
    answer = await operator.get(f"/v1/dlq/{number}?unmasked=true", headers=presented)
    assert answer.status_code == 200, answer.text
    return answer.json()["content"]


NAMED = orjson.dumps(
    {
        "specversion": "1.0",
        "type": "khopso.submission.v1",
        "id": "Nguyễn Văn Kín",
        "Nguyễn Văn Kín": 1,
        "data": {"full_name": "Nguyễn Văn Kín", "national_id": "030090001234"},
    }
)


async def test_a_letter_is_shown_without_any_value_of_a_row_to_one_person_alone(
    platform: Platform, operator: httpx.AsyncClient
) -> None:
    # Given a client that forgot to encrypt
    await put(platform, NAMED)
    number = (await operator.get("/v1/dlq")).json()["dead_letters"][0]["id"]
    # When an operator looks at it
    shown = await operator.get(f"/v1/dlq/{number}")
    # Then he sees what it is and how long, and nobody's name or number
    assert shown.json()["attributes"]["type"] == "khopso.submission.v1"
    assert shown.json()["content"] is None
    assert "Kín" not in shown.text
    assert "030090001234" not in shown.text
    # And the bytes neither without a purpose nor with a purpose alone
    silent = await operator.get(f"/v1/dlq/{number}?unmasked=true")
    assert (silent.status_code, silent.json()["rule"]) == (400, "purpose_missing")
    stated = {"Khopso-Purpose": "operation"}
    alone = await operator.get(f"/v1/dlq/{number}?unmasked=true", headers=stated)
    assert (alone.status_code, alone.json()["rule"]) == (403, "second_person_missing")
    assert "Kín" not in alone.text


async def test_an_erased_letter_leaves_its_place_and_reasons_and_nothing_that_was_sent(
    platform: Platform, operator: httpx.AsyncClient, issuer: Issuer
) -> None:
    # Given names in the clear in a dead letter and in its copy that waits for the relay
    await put(platform, NAMED, b"another")
    number = (await operator.get("/v1/dlq")).json()["dead_letters"][0]["id"]
    assert await everything(platform, "Kín")
    # When an operator erases it, twice, with the approval of another
    told = {"reason": "sent in the clear by 030090001234"}
    wanted = {"action": "erase_dead_letter", "item": str(number)} | told
    approval = (await operator.post("/v1/approvals", json=wanted)).json()["id"]
    other = {"Authorization": f"Bearer {issuer.token(role='operator', sub='other')}"}
    await operator.post(f"/v1/approvals/{approval}/decision", json={"approve": True}, headers=other)
    presented = {"Khopso-Approval": approval}
    for _ in range(2):
        answer = await operator.post(f"/v1/dlq/{number}/erase", json=told, headers=presented)
        assert (answer.status_code, answer.json()["status"], answer.json()["settled_by"]) == (
            200,
            "erased",
            "ops",
        )
    # Then no table holds a byte of it, the reasons stay, and the other letter is as it was
    assert not await everything(platform, "Kín")
    assert not await everything(platform, "030090001234")
    assert not await everything(platform, sha256_of(NAMED))
    async with platform.uow() as session:
        because = await session.scalar(
            text("SELECT erased_because FROM dead_letter WHERE id = :n"), {"n": number}
        )
        copies = (await session.execute(text("SELECT payload, headers FROM outbox ORDER BY id"))).all()
    assert because == "sent in the clear by …"
    assert [payload for payload, _ in copies] == [None, b"another"]
    assert {name for name, _ in copies[0][1]} >= {"khopso-dlq-reason", "khopso-dlq-topic"}
    assert (await operator.post(f"/v1/dlq/{number}/retry")).json()["rule"] == "dead_letter_settled"


async def test_an_erasure_wants_a_reason_and_a_letter(operator: httpx.AsyncClient) -> None:
    assert (await operator.post("/v1/dlq/1/erase", json={"reason": ""})).status_code == 422
    unknown = await operator.post("/v1/dlq/999/erase", json={"reason": "sent in the clear"})
    assert unknown.json()["rule"] == "dead_letter_unknown"


async def everything(platform: Platform, sought: str) -> bool:
    """Whether a text stands anywhere in the two tables, as text, bytes or base64."""
    wanted = sought.encode()
    async with platform.uow() as session:
        rows = [
            *await session.execute(text("SELECT * FROM dead_letter")),
            *await session.execute(text("SELECT * FROM outbox")),
        ]
    cells = [
        bytes(cell) if isinstance(cell, (bytes, memoryview)) else str(cell).encode()
        for row in rows
        for cell in row
    ]
    return any(wanted in cell or base64.b64encode(wanted)[:-4] in cell for cell in cells)


def sha256_of(value: bytes) -> str:
    """The digest by which the letter was known."""
    return hashlib.sha256(value).hexdigest()


async def test_retry_fails_while_the_cause_is_there_and_succeeds_once_after(
    platform: Platform, operator: httpx.AsyncClient, sick: Sick
) -> None:
    made = event("t", "s", 1)
    await put(platform, made.payload)
    number = (await operator.get("/v1/dlq")).json()["dead_letters"][0]["id"]
    failed = await operator.post(f"/v1/dlq/{number}/retry")
    assert (failed.status_code, failed.json()["rule"]) == (409, "dead_letter_fails")
    assert "still-sick" in failed.json()["message"]["en"]
    sick.cured = True
    done = await operator.post(f"/v1/dlq/{number}/retry")
    assert (done.status_code, done.json()["status"], done.json()["settled_by"]) == (200, "retried", "ops")
    again = await operator.post(f"/v1/dlq/{number}/retry")
    assert (again.status_code, again.json()["rule"]) == (409, "dead_letter_settled")
    assert [one[0] for one in await effects(platform)] == [str(made.event_id)]
    assert (await operator.get("/v1/dlq")).json()["dead_letters"] == []
    assert len((await operator.get("/v1/dlq", params={"status": "all"})).json()["dead_letters"]) == 1


async def test_discard_settles_and_unknown_numbers_are_not_found(
    platform: Platform, operator: httpx.AsyncClient
) -> None:
    await put(platform, b"{")
    number = (await operator.get("/v1/dlq")).json()["dead_letters"][0]["id"]
    assert (await operator.post(f"/v1/dlq/{number}/discard")).json()["status"] == "discarded"
    assert (await operator.post(f"/v1/dlq/{number}/retry")).status_code == 409
    for method, path in (
        ("GET", "/v1/dlq/999"),
        ("POST", "/v1/dlq/999/retry"),
        ("POST", "/v1/dlq/999/discard"),
    ):
        assert (await operator.request(method, path)).json()["rule"] == "dead_letter_unknown"


async def test_a_letter_that_no_consumer_of_this_service_wants_stays(
    platform: Platform, operator: httpx.AsyncClient
) -> None:
    await put(platform, b"{")
    async with platform.uow() as session:
        await session.execute(text("UPDATE dead_letter SET consumer = 'gone'"))
    number = (await operator.get("/v1/dlq")).json()["dead_letters"][0]["id"]
    answer = await operator.post(f"/v1/dlq/{number}/retry")
    assert (answer.status_code, answer.json()["rule"]) == (409, "consumer_unknown")


async def test_a_stopped_consumer_is_seen_and_resumed(
    platform: Platform, operator: httpx.AsyncClient
) -> None:
    async with platform.uow() as session:
        await circuit_breaker.trip(session, "c", 100, platform.clock(), "unknown-type")
    (state,) = (await operator.get("/v1/consumers")).json()
    assert (state["consumer"], state["reason"]) == ("c", "unknown-type")
    assert state["stopped_at"]
    assert (await operator.post("/v1/consumers/c/resume")).json() == {"resumed": True}
    assert (await operator.post("/v1/consumers/c/resume")).status_code == 404
    assert (await operator.get("/v1/consumers")).json()[0]["stopped_at"] is None


async def test_republish_marks_the_outbox_unsent(platform: Platform, operator: httpx.AsyncClient) -> None:
    async with platform.uow() as session:
        await outbox.append(session, [event("a", "s", 1), event("b", "s", 1)])
        await session.execute(text("UPDATE outbox SET sent_at = now(), sent_partition = 0, sent_offset = 1"))
    assert (await operator.get("/v1/progress")).json()["outbox"]["unsent"] == 0
    assert (await operator.post("/v1/republish", json={"topics": ["a"]})).json() == {"events": 1}
    assert (await operator.get("/v1/progress")).json()["outbox"]["unsent"] == 1
    assert (await operator.post("/v1/republish", json={})).json() == {"events": 1}


async def at_a_desk(operator: httpx.AsyncClient, issuer: Issuer) -> dict[str, Any]:
    """How current the service is, as somebody is told who does not run it."""
    token = issuer.token(role="analyst", sub="desk")
    answer = await operator.get("/v1/progress", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert set(found) == {"service", "at", "sent_until", "applied_until"}
    return found


async def test_whoever_does_not_run_the_system_learns_how_current_it_is_and_no_count(
    platform: Platform, operator: httpx.AsyncClient, issuer: Issuer
) -> None:
    # Given two events that wait to be sent
    async with platform.uow() as session:
        await outbox.append(session, [event("a", "s", 1), event("b", "s", 1)])
    first = await at_a_desk(operator, issuer)
    assert first["sent_until"] < first["at"]
    # When one is sent, then it is as late as the other; when both are, then everything until now is sent
    one_sent = text("UPDATE outbox SET sent_at = now() WHERE id = (SELECT min(id) FROM outbox)")
    for statement, behind in ((one_sent, True), (text("UPDATE outbox SET sent_at = now()"), False)):
        async with platform.uow() as session:
            await session.execute(statement)
        told = await at_a_desk(operator, issuer)
        assert (told["sent_until"] < told["at"]) is behind
    assert "sent" in (await operator.get("/v1/progress")).json()["outbox"]


async def test_everything_is_applied_until_the_ends_of_the_logs_were_seen_after_the_question(
    platform: Platform, operator: httpx.AsyncClient, issuer: Issuer
) -> None:
    # Given a consumer that has applied five records of seven, as its process saw long ago
    async with platform.uow() as session:
        await session.execute(
            text(
                "INSERT INTO position (consumer, topic, partition, incarnation, next_offset, log_end, seen_at)"
                " VALUES ('c', 't', 0, 'log-1', 5, 5, now() - interval '1 hour')"
            )
        )

    async def process(ends_at: int, next_offset: int) -> None:
        async with platform.uow() as session:
            await standing.tell(session, "c", {("t", 0): ("log-1", ends_at)})
            await session.execute(text("UPDATE position SET next_offset = :at"), {"at": next_offset})

    # Then what was true an hour ago is not told as true now
    first = await at_a_desk(operator, issuer)
    assert first["applied_until"] is None
    # When its process answers that records wait, then not yet; under steady hand-in the same question stays
    await process(ends_at=7, next_offset=5)
    assert (await at_a_desk(operator, issuer))["applied_until"] is None
    # When it has come there, then everything of before the first look is applied
    async with platform.uow() as session:
        await session.execute(text("UPDATE position SET next_offset = 7"))
    done = await at_a_desk(operator, issuer)
    assert done["applied_until"] is not None
    assert done["applied_until"] >= first["at"]


async def test_consumers_that_answer_at_different_moments_are_known_to_have_applied_everything(
    platform: Platform, operator: httpx.AsyncClient, issuer: Issuer
) -> None:
    # Given three consumers at the ends of their logs, and somebody who has asked once
    consumers = ("c", "d", "e")
    rows = ", ".join(f"('{name}', 't', 0, 'log-1', 5, 5, now() - interval '1 hour')" for name in consumers)
    columns = "consumer, topic, partition, incarnation, next_offset, log_end, seen_at"
    async with platform.uow() as session:
        await session.execute(text(f"INSERT INTO position ({columns}) VALUES {rows}"))
    first = await at_a_desk(operator, issuer)
    # When they answer one after the other, each so late that it is asked anew at the look that finds its answer
    told = first
    for name in (*consumers, *consumers):
        async with platform.uow() as session:
            long_ago = (
                "UPDATE consumer_state SET asked_at = asked_at - interval '2 seconds' WHERE consumer = :one"
            )
            await session.execute(text(long_ago), {"one": name})
            await standing.tell(session, name, {("t", 0): ("log-1", 5)})
        told = await at_a_desk(operator, issuer)
    # Then everything of before the first look is told to be applied
    assert told["applied_until"] is not None
    assert told["applied_until"] >= first["at"]
