"""A rotation of the linkage secret in one service, on real PostgreSQL: keys are made anew, whenever it was killed, and nothing else changes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from services.chassis.kafka import erasing
from services.chassis.platform import Platform
from services.chassis.security import HashingClient
from services.chassis.service import ServiceApp
from services.incidents.app import compose
from services.linkage import LinkageSecret
from services.registers import linkage_epochs
from services.registry.hashing import HashingSettings, create_hashing_app
from tests.support.hashing import HASHER, KEY, SECRET, hashing_settings
from tests.support.keepers import keeper
from tests.support.register_rows import FULL
from tests.support.registers import Service, running

NEXT = "n" * 40
FORMER: dict[str, Any] = {"linkage_secret": SECRET, "linkage_epoch": 1}
BOTH = {**FORMER, "linkage_secret_next": NEXT}
AFTER = {"linkage_secret": NEXT, "linkage_epoch": 2}
ROTATE = "/v1/keys/linkage/rotate"


class Hashing:
    """The hashing process, started anew with other secrets at will. ``pause`` holds answers back while it is set."""

    def __init__(self) -> None:
        self.pause: asyncio.Event | None = None
        self.asked = asyncio.Event()
        self.start(FORMER)

    def start(self, secrets: dict[str, Any]) -> None:
        """Start it with these settings."""
        settings: HashingSettings = hashing_settings(**secrets)
        self._app = httpx.ASGITransport(app=create_hashing_app(settings))

    async def handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        await answer.aread()
        self.asked.set()
        if self.pause is not None:
            await self.pause.wait()
        return answer

    def client(self) -> HashingClient:
        transport = httpx.MockTransport(self.handle)
        return HashingClient("http://hashing", KEY, seconds=30, client=httpx.AsyncClient(transport=transport))


@pytest.fixture
async def hashing() -> Hashing:
    return Hashing()


@pytest.fixture
async def incidents(
    new_database: Callable[[str], str], hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Service]:
    async def no_log(*_: Any) -> None:
        """There is no broker here: logs are renewed in tests/failure."""

    monkeypatch.setattr(erasing, "renew_logs", no_log)

    def composed(platform: Platform) -> ServiceApp:
        return compose(replace(platform, hashing=hashing.client()))

    async with running("incidents", composed, new_database("incidents")) as service:
        yield service


def arrests(count: int, first: int = 1) -> list[dict[str, Any]]:
    return [{**FULL["arrests"], "national_id": f"03009{number:07}"} for number in range(first, first + count)]


async def filled(incidents: Service) -> None:
    """Arrests with corrections and a withdrawal, fires, everything sent."""
    await incidents.post_rows("arrests", arrests(12))
    await incidents.post_rows("arrests", [{**row, "full_name": "Người Khác Tên"} for row in arrests(4)])
    await incidents.post_rows("arrests", [{**arrests(1, 12)[0], "void": "1"}])
    await incidents.post_row("fires", FULL["fires"])
    await sent(incidents)


async def sent(incidents: Service) -> None:
    async with incidents.platform.uow() as session:
        await session.execute(text("UPDATE outbox SET sent_at = now()"))


async def rows(incidents: Service) -> list[Any]:
    return await incidents.query(
        "SELECT id, event_id, topic, subject, sequence, recorded_at, payload FROM outbox ORDER BY id"
    )


async def rotate(incidents: Service, to: str, limit: int = 3, role: str = "operator") -> httpx.Response:
    return await incidents.client.post(
        ROTATE, json={"to": to, "limit": limit}, headers=incidents.as_(role=role)
    )


async def come_to(incidents: Service, to: str) -> int:
    """Work until the step is there; in how many requests."""
    for requests in range(1, 100):
        answer = await rotate(incidents, to)
        assert answer.status_code == 200, answer.text
        if answer.json()["step"] == to:
            return requests
    raise AssertionError(f"not at {to} in 100 requests")


def without_keys(payload: bytes) -> bytes:
    """The event with its keys blanked, every other byte as it is."""
    for key in keys_of(payload):
        payload = payload.replace(key.encode(), b"-" * len(key))
    return payload


def keys_of(payload: bytes) -> list[str]:
    person = orjson.loads(payload)["data"].get("person")
    return [] if person is None else list(person["keys"].values())


async def hand_in_one(incidents: Service, number: int) -> httpx.Response:
    row = arrests(1, number)
    body = {"rows": [{"row": 2, "values": row[0]}]}
    return await incidents.client.post(
        "/v1/forms/arrests/records", json=body, headers=incidents.as_(**keeper("arrests", row))
    )


async def test_every_key_is_made_anew_and_no_other_byte_changes(incidents: Service, hashing: Hashing) -> None:
    await filled(incidents)
    before = await rows(incidents)
    former = {key for row in before for key in keys_of(row.payload)}
    # Numbers; names with birth date, with commune; beside each number its names (four were corrected), birth date and year
    assert len(former) == 12 + 2 * 2 + (12 + 4) + 12 + 12
    hashing.start(BOTH)
    assert await come_to(incidents, "checked") > 3
    assert await rows(incidents) == before
    await come_to(incidents, "done")
    # Then each event is what it was, but for keys as the next secret makes them
    after = await rows(incidents)
    assert [(*row[:-1], without_keys(row.payload)) for row in after] == [
        (*row[:-1], without_keys(row.payload)) for row in before
    ]
    made = {key for row in after for key in keys_of(row.payload)}
    assert len(made) == len(former)
    assert LinkageSecret(NEXT.encode()).hash("nid12", "030090000007") in made
    # And neither a former key nor a pair is left anywhere
    dump = await incidents.dump()
    assert not [key for key in former if key in dump]
    assert await incidents.query("SELECT count(*) FROM linkage_pair") == [(0,)]
    # And with the next secret in force, hand-ins go on in its epoch and know their records again
    hashing.start(AFTER)
    await come_to(incidents, "none")
    assert (await hand_in_one(incidents, 7)).json()["unchanged"] == 1
    assert (await hand_in_one(incidents, 99)).json()["accepted"] == 1
    state = await incidents.client.get("/v1/keys/linkage", headers=incidents.as_(role="operator"))
    assert state.json()["epoch"] == 2


async def test_during_it_persons_wait_and_everything_else_goes_on(
    incidents: Service, hashing: Hashing
) -> None:
    await filled(incidents)
    hashing.start(BOTH)
    await come_to(incidents, "checked")
    refused = await hand_in_one(incidents, 50)
    assert (refused.status_code, refused.json()["rule"]) == (503, "hashing_rotating")
    assert int(refused.headers["retry-after"]) > 0
    # Also where the hashing process would answer already: keys of two epochs must not meet
    hashing.start(AFTER)
    assert (await hand_in_one(incidents, 50)).status_code == 503
    assert (await incidents.post_row("fires", {**FULL["fires"], "incident_no": "C-77"})).status_code == 201
    read = await incidents.client.get("/v1/forms/arrests/records", headers=incidents.office("arrests"))
    assert read.status_code == 200


async def test_a_rotation_waits_for_a_hand_in_that_has_its_hashes_already(
    incidents: Service, hashing: Hashing
) -> None:
    await filled(incidents)
    # Given a hand-in whose hashes are on the way back when the rotation begins
    hashing.pause, answered = asyncio.Event(), hashing.asked
    answered.clear()
    late = asyncio.create_task(hand_in_one(incidents, 60))
    await asyncio.wait_for(answered.wait(), 20)
    waiting, hashing.pause = hashing.pause, None
    hashing.start(BOTH)
    begun = asyncio.create_task(rotate(incidents, "checked"))
    done, _ = await asyncio.wait([begun], timeout=0.5)
    assert not done
    # When it goes on, it is stored first, and the rotation finds its keys
    waiting.set()
    assert (await asyncio.wait_for(late, 20)).json()["accepted"] == 1
    assert (await asyncio.wait_for(begun, 20)).json()["step"] == "collecting"
    await sent(incidents)
    await come_to(incidents, "done")
    dump = await incidents.dump()
    assert HASHER.hash("nid12", "030090000060") not in dump
    assert LinkageSecret(NEXT.encode()).hash("nid12", "030090000060") in dump


async def test_killed_at_any_step_it_goes_on_where_it_was(
    incidents: Service, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(incidents)
    hashing.start(BOTH)
    write = linkage_epochs.write
    fails = 0

    async def dies_first(session: Any, **values: Any) -> None:
        nonlocal fails
        fails += 1
        # Every other transaction is lost at its very end.
        if fails % 2:
            raise ZeroDivisionError
        await write(session, **values)

    monkeypatch.setattr(linkage_epochs, "write", dies_first)
    for _ in range(100):
        try:
            answer = await rotate(incidents, "done")
        except ZeroDivisionError:
            continue
        if answer.status_code == 200 and answer.json()["step"] == "done":
            break
    assert fails > 12
    dump = await incidents.dump()
    assert HASHER.hash("nid12", "030090000007") not in dump
    assert LinkageSecret(NEXT.encode()).hash("nid12", "030090000007") in dump


async def test_a_key_that_no_identity_explains_stops_it_before_anything_is_changed(
    incidents: Service, hashing: Hashing
) -> None:
    await filled(incidents)
    strange = HASHER.hash("nid12", "030099999999")
    async with incidents.platform.uow() as session:
        await session.execute(
            text(
                "UPDATE outbox SET payload = convert_to(replace(convert_from(payload, 'UTF8'), :old, :new), 'UTF8')"
                " WHERE topic = 'incidents.arrests'"
            ),
            {"old": HASHER.hash("nid12", "030090000007"), "new": strange},
        )
    before = await rows(incidents)
    hashing.start(BOTH)
    for _ in range(20):
        answer = await rotate(incidents, "checked")
        if answer.status_code != 200:
            break
    assert (answer.status_code, answer.json()["rule"]) == (409, "linkage_unexplained")
    assert "incidents.arrest.made.v1 1" in answer.json()["message"]["en"]
    assert strange not in answer.text
    assert await rows(incidents) == before
    # And it can be given up, once the hashing process has the former secret alone; then hand-ins go on
    assert (await rotate(incidents, "none")).status_code == 409
    hashing.start(FORMER)
    assert (await rotate(incidents, "none")).json() == {"epoch": 1, "step": "none", "done": 0, "abandoned": 0}
    assert await incidents.query("SELECT count(*) FROM linkage_pair") == [(0,)]
    assert (await hand_in_one(incidents, 61)).status_code == 200


async def test_it_refuses_what_would_leave_keys_of_two_epochs(incidents: Service, hashing: Hashing) -> None:
    await filled(incidents)
    # Without a next secret nothing begins
    answer = await rotate(incidents, "checked")
    assert (answer.status_code, answer.json()["rule"]) == (409, "linkage_not_rotating")
    hashing.start(BOTH)
    await come_to(incidents, "checked")
    # A relay may hold an unsent event with its former keys in memory
    async with incidents.platform.uow() as session:
        await session.execute(text("UPDATE outbox SET sent_at = NULL WHERE topic = 'incidents.arrests'"))
    answer = await rotate(incidents, "emptied")
    assert (answer.status_code, answer.json()["rule"]) == (409, "linkage_unsent")
    await sent(incidents)
    assert (await rotate(incidents, "emptied")).json()["step"] == "rewriting"
    # What has begun to change keys cannot be given up, nor be over while the former secret is there
    hashing.start(FORMER)
    assert (await rotate(incidents, "none")).json()["rule"] == "linkage_not_done"
    hashing.start(BOTH)
    await come_to(incidents, "done")
    answer = await rotate(incidents, "none")
    assert (answer.status_code, answer.json()["rule"]) == (409, "linkage_still_rotating")


async def test_only_who_rotates_keys_may_do_it(incidents: Service) -> None:
    for role in ("clerk", "official", "analyst"):
        assert (await rotate(incidents, "checked", role=role)).status_code == 403
