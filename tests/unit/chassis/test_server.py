"""The server's own limits on a real socket: half-sent requests are closed, whole ones served meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from services.chassis.http import create_app, create_operations_app, server_config
from tests.support.platform import platform_for, settings_for
from tests.support.wait import eventually

NOWHERE = "postgresql://u:p@127.0.0.1:1/db"
HALVES = (
    b"",
    b"GET /live HT",
    b"GET /live HTTP/1.1\r\nhost: a\r\nx-slow: ",
    b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc",
)


@asynccontextmanager
async def served(app: FastAPI, **given: Any) -> AsyncIterator[int]:
    """The port of the application on loopback."""
    settings = settings_for(NOWHERE, **given)
    server = uvicorn.Server(server_config(app, settings, "127.0.0.1", 0))
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, message="the server listens")
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


def echoing() -> FastAPI:
    app = FastAPI()

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/live")
    async def live() -> bool:
        return True

    return app


async def held_open(port: int, sent: bytes) -> bytes:
    """What the server says before it closes a connection on which nothing more comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    said = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return said


@pytest.mark.parametrize("sent", HALVES)
async def test_half_sent_requests_are_closed_and_others_served_meanwhile(sent: bytes) -> None:
    async with served(echoing(), http_head_seconds=3, http_body_seconds=3) as port:
        held = [asyncio.create_task(held_open(port, sent)) for _ in range(200)]
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/live")).status_code == 200
        said = await asyncio.gather(*held)
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in said)


async def test_a_byte_now_and_then_does_not_prolong_the_time() -> None:
    async with served(echoing(), http_head_seconds=0.5) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        dripping = asyncio.create_task(_drip(writer))
        said = await asyncio.wait_for(reader.read(), 10)
        dripping.cancel()
        writer.close()
    assert said.startswith(b"HTTP/1.1 408 ")


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /live HTTP/1.1\r\n")
    deadline = asyncio.get_running_loop().time() + 5
    while asyncio.get_running_loop().time() < deadline:
        writer.write(b"x: a\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_a_later_request_of_a_connection_has_its_time_too() -> None:
    async with served(echoing(), http_head_seconds=0.5, http_keep_alive_seconds=60) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n")
        assert (await reader.readuntil(b"true")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET /li")
        assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_more_connections_than_allowed_are_turned_away() -> None:
    async with served(echoing(), http_max_connections=8, http_head_seconds=30) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/live")).status_code == 503
        for _, writer in held:
            writer.close()


async def test_what_operators_read_moves_to_their_own_listener() -> None:
    platform = platform_for(NOWHERE, operations_port=0)
    app = create_app(platform)
    operators = create_operations_app(platform, app)
    for application, status in ((app, 404), (operators, 200), (create_app(platform_for(NOWHERE)), 200)):
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for path in ("/metrics", "/openapi.json"):
                assert (await client.get(path)).status_code == status, path
            assert (await client.get("/live")).status_code == 200
    assert operators.openapi() == app.openapi()
