"""The hashing process: who may ask, how much, what it answers and what it tells of it; and its client."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from services.chassis.runtime.settings import SettingsError, load_settings
from services.chassis.security import (
    MESSAGES_LIMIT,
    HashingClient,
    HashingEpoch,
    HashingUnreachableError,
)
from services.linkage import LinkageSecret, Message
from services.registry.hashing import HashingSettings, create_hashing_app
from tests.support.hashing import HASHER, KEY, SECRET, hashing_client, hashing_settings

NUMBER: Message = ("nid12", "030190001234")
OTHER = "o" * 40


def asking(settings: HashingSettings | None = None, now: float = 0.0) -> httpx.AsyncClient:
    app = create_hashing_app(settings or hashing_settings(), lambda: now)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hashing")


async def ask(client: httpx.AsyncClient, body: Any, key: str = KEY) -> httpx.Response:
    return await client.post("/v1/hashes", json=body, headers={"authorization": f"Bearer {key}"})


async def test_a_batch_is_hashed_in_its_order_by_as_few_requests_as_its_size_allows() -> None:
    messages: list[Message] = [("nid12", f"{number:012}") for number in range(1, MESSAGES_LIMIT + 3)]
    with capture_logs() as logs:
        found = await hashing_client().hash(messages)
    assert found == [HASHER.hash(*message) for message in messages]
    assert [line["hashes"] for line in logs if line["event"] == "hashed"] == [MESSAGES_LIMIT, 2]


@pytest.mark.parametrize("key", ["", "x" * 40, KEY[:-1], KEY + "h", "Bearer", "é" * 40])
async def test_who_has_no_key_gets_no_hash(key: str) -> None:
    async with asking() as client:
        header = {b"authorization": f"Bearer {key}".encode()}
        answer = await client.post("/v1/hashes", json={"messages": [NUMBER]}, headers=header)
        assert answer.status_code == 401
        assert answer.json()["rule"] == "hashing_key"
        assert (await client.post("/v1/hashes", json={"messages": [NUMBER]})).status_code == 401
        metrics = (await client.get("/metrics")).text
    assert 'khopso_hashing_refused_total{caller="unknown",reason="key"} 2.0' in metrics
    assert "khopso_hashing_hashes_total{" not in metrics


async def test_it_says_who_asked_for_how_many_of_what_and_never_for_whom() -> None:
    with capture_logs() as logs:
        async with asking() as client:
            await ask(
                client,
                {"messages": [NUMBER, NUMBER, ["name_birth_sex", "nguyễn văn a", "1990-01-01", "male"]]},
            )
            metrics = (await client.get("/metrics")).text
    assert 'khopso_hashing_hashes_total{caller="sample"} 3.0' in metrics
    line = next(line for line in logs if line["event"] == "hashed")
    assert line["caller"] == "sample"
    assert line["kinds"] == {"nid12": 2, "name_birth_sex": 1}
    assert NUMBER[1] not in str(logs)
    assert "nguy" not in str(logs)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"messages": "nid12"},
        {"messages": [["nid12"]]},
        {"messages": [["intake.digest", "x"]]},
        {"messages": [["nid12", 30190001234]]},
        {"messages": [["nid12", "0301\x1f90001234"]]},
        {"messages": [["nid12", "9" * 501]]},
        {"messages": [["nid12", *"123456789"]]},
        {"messages": [["key", "arrests", "national_id", "030190001234"]]},
        {"messages": [list(NUMBER)] * (MESSAGES_LIMIT + 1)},
    ],
)
async def test_what_is_no_message_is_refused_and_not_repeated(body: Any) -> None:
    async with asking() as client:
        answer = await ask(client, body)
    assert answer.status_code == 422
    assert answer.json()["rule"] == "hashing_messages"
    assert answer.json()["errors"] == []
    assert "0301" not in answer.text


async def test_a_caller_gets_its_number_a_day_and_takes_none_of_another_one() -> None:
    # Given two callers with ten hashes a day each
    moment = 0.0
    keys = json.dumps({"treatment": KEY, "incidents": OTHER})
    app = create_hashing_app(hashing_settings(hashing_keys=keys, hashing_daily_limit=10), lambda: moment)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hashing") as client:
        # When one has used them up
        assert (await ask(client, {"messages": [NUMBER] * 10})).status_code == 200
        refused = await ask(client, {"messages": [NUMBER]})
        # Then it waits, and the other does not
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert (await ask(client, {"messages": [NUMBER]}, OTHER)).status_code == 200
        metrics = (await client.get("/metrics")).text
        assert 'khopso_hashing_refused_total{caller="treatment",reason="limit"} 1.0' in metrics
        # And half a day later it has half of them again
        moment = 43_200.0
        assert (await ask(client, {"messages": [NUMBER] * 6})).status_code == 429
        assert (await ask(client, {"messages": [NUMBER] * 5})).status_code == 200


async def test_every_failure_is_one_error_that_holds_nothing_of_what_was_asked() -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot send {request.content!r}", request=request)

    answers = [
        httpx.MockTransport(fails),
        httpx.MockTransport(lambda _: httpx.Response(503)),
        httpx.MockTransport(lambda _: httpx.Response(200, text="not json")),
        httpx.MockTransport(lambda _: httpx.Response(200, json=[])),
        httpx.MockTransport(lambda _: httpx.Response(200, json={"hashes": ["a", "b"]})),
    ]
    for transport in answers:
        client = HashingClient("http://h", KEY, client=httpx.AsyncClient(transport=transport))
        with pytest.raises(HashingUnreachableError) as away:
            await client.hash([NUMBER])
        assert NUMBER[1] not in str(away.value)
        assert away.value.__cause__ is None
    with pytest.raises(HashingUnreachableError, match="401"):
        await hashing_client(key=OTHER).hash([NUMBER])


@asynccontextmanager
async def hanging() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A process that accepts connections and then sends a byte now and again, and no answer; its address and connections."""
    accepted: list[asyncio.StreamWriter] = []

    async def slow_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)
        with suppress(ConnectionError):
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 1_000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)

    server = await asyncio.start_server(slow_answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", accepted
    for writer in accepted:
        writer.close()
    server.close()


async def test_a_process_that_hangs_costs_no_more_than_the_time_limit_and_then_holds_up_one_request_alone() -> (
    None
):
    async with hanging() as (url, accepted):
        client = HashingClient(url, KEY, seconds=0.3)
        with pytest.raises(HashingUnreachableError, match="Timeout"):
            await asyncio.wait_for(client.hash([NUMBER]), 10)
        # When it is known to be away, then of many that ask at once one tries it, and the others hear so at once
        tried = len(accepted)
        asked = [asyncio.create_task(client.hash([NUMBER])) for _ in range(20)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(waiting)) == (19, 1)
        assert {type(task.exception()) for task in done} == {HashingUnreachableError}
        await asyncio.wait(waiting, timeout=10)
        assert isinstance(waiting.pop().exception(), HashingUnreachableError)
        assert len(accepted) == tried + 1
        await client.close()


async def test_when_it_is_back_the_next_request_finds_it_and_so_do_all_after_it() -> None:
    answers = [httpx.Response(503), httpx.Response(503), httpx.Response(200, json={"hashes": ["a"]})]
    transport = httpx.MockTransport(lambda _: answers.pop(0) if len(answers) > 1 else answers[0])
    client = HashingClient("http://h", KEY, client=httpx.AsyncClient(transport=transport))
    for _ in range(2):
        with pytest.raises(HashingUnreachableError, match="503"):
            await client.hash([NUMBER])
    assert await client.hash([NUMBER]) == ["a"]
    assert await asyncio.gather(*(client.hash([NUMBER]) for _ in range(5))) == [["a"]] * 5


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"linkage_secret": "short"}, "at least 32 bytes"),
        ({"hashing_keys": '{"treatment": "short"}'}, "key of at least 32 bytes"),
        ({"hashing_keys": "no json"}, "must be JSON"),
        ({"hashing_keys": json.dumps({"a": KEY, "b": KEY})}, "the same key"),
        ({"hashing_daily_limit": 0}, "greater than or equal to 1"),
    ],
)
def test_settings_that_protect_nothing_are_refused_without_being_shown(
    given: dict[str, Any], word: str
) -> None:
    good = {"linkage_secret": SECRET, "hashing_keys": json.dumps({"a": KEY})}
    assert load_settings(HashingSettings, **good).hashing_daily_limit == 2_000_000
    with pytest.raises(SettingsError, match=word) as refused:
        load_settings(HashingSettings, **(good | given))
    assert "short" not in str(refused.value)
    assert KEY not in str(refused.value)


NEXT = "n" * 40


async def renew(client: httpx.AsyncClient, body: Any, key: str = KEY) -> httpx.Response:
    return await client.post("/v1/renewals", json=body, headers={"authorization": f"Bearer {key}"})


async def test_during_a_rotation_it_hashes_for_no_hand_in_and_pairs_what_it_is_asked() -> None:
    settings = hashing_settings(linkage_secret_next=NEXT, linkage_epoch=3)
    client = hashing_client(settings)
    assert await client.epoch() == HashingEpoch(3, rotating=True)
    with pytest.raises(HashingUnreachableError, match="503"):
        await client.hash([NUMBER])
    with capture_logs() as logs:
        pairs = await client.renew([NUMBER] * (MESSAGES_LIMIT + 1))
    assert pairs == [(HASHER.hash(*NUMBER), LinkageSecret(NEXT.encode()).hash(*NUMBER))] * (
        MESSAGES_LIMIT + 1
    )
    assert [line["hashes"] for line in logs if line["event"] == "renewed"] == [MESSAGES_LIMIT, 1]
    assert NUMBER[1] not in str(logs)
    async with asking(settings) as asked:
        refused = await ask(asked, {"messages": [NUMBER]})
        assert (refused.status_code, refused.json()["rule"]) == (503, "hashing_rotating")
        assert int(refused.headers["retry-after"]) > 0
        assert "khopso_hashing_rotating 1.0" in (await asked.get("/metrics")).text


async def test_pairs_are_made_during_a_rotation_alone_and_only_for_who_has_a_key() -> None:
    async with asking() as client:
        refused = await renew(client, {"messages": [NUMBER]})
        assert (refused.status_code, refused.json()["rule"]) == (409, "hashing_not_rotating")
        assert "khopso_hashing_rotating 0.0" in (await client.get("/metrics")).text
    async with asking(hashing_settings(linkage_secret_next=NEXT)) as client:
        assert (await renew(client, {"messages": [NUMBER]}, OTHER)).status_code == 401
        assert (await client.get("/v1/epoch")).status_code == 401
        assert (await renew(client, {"messages": [["intake.digest", "x"]]})).status_code == 422
    assert await hashing_client(hashing_settings(linkage_secret_next="")).epoch() == HashingEpoch(
        1, rotating=False
    )


async def test_a_rotation_has_an_allowance_of_its_own_which_counts_and_ends() -> None:
    settings = hashing_settings(linkage_secret_next=NEXT, hashing_daily_limit=1, hashing_renewals_limit=3)
    async with asking(settings) as client:
        assert (await renew(client, {"messages": [NUMBER] * 3})).status_code == 200
        refused = await renew(client, {"messages": [NUMBER]})
        assert (refused.status_code, refused.json()["rule"]) == (429, "hashing_limit")
        metrics = (await client.get("/metrics")).text
    assert 'khopso_hashing_renewed_total{caller="sample"} 3.0' in metrics
    assert 'khopso_hashing_refused_total{caller="sample",reason="limit"} 1.0' in metrics


def test_the_next_secret_is_another_one() -> None:
    good = {"linkage_secret": SECRET, "hashing_keys": json.dumps({"a": KEY})}
    for wrong in (SECRET, "short"):
        with pytest.raises(SettingsError) as refused:
            load_settings(HashingSettings, **good, linkage_secret_next=wrong)
        assert wrong not in str(refused.value)
