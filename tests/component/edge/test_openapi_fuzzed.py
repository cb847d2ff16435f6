"""Schemathesis asks every route what its OpenAPI document allows, and what it does not, and holds the answers against it.

The services stand on real PostgreSQL behind uvicorn. The cases follow from the seed, so what fails once fails again;
their number is bounded, and so is the time. A service that says 500, a status or a shape that its document does not
name, is a defect of one of the two.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import pytest
import uvicorn

from services.chassis.service import http_app
from tests.support.registers import Service
from tests.support.wait import eventually

EXAMPLES, SEED = 6, 138
SECONDS = 900
"""After so long it hangs; a busy machine takes a third of it."""
WAITS = ("start_rebuild", "rebuild_renewed", "forget_former_letters")
"""A rebuild is waited for, up to an hour, and the processor that would do it is another process; so is the relay."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[str]:
    """The address of the service on loopback."""
    compose = import_module(f"services.{service.name}.app").compose
    app = http_app(service.platform, compose(service.platform), ["api"])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, message="the server listens")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 60)
async def test_every_answer_is_one_that_the_document_names(service: Service, tmp_path: Path) -> None:
    async with served(service) as address:
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"),
            *("--header", f"Authorization: {service.as_()['authorization']}"),
            *("--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED)),
            *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink", "--workers", "1"),
            *(word for waits in WAITS for word in ("--exclude-operation-id", waits)),
            *(
                "--request-timeout",
                "30",
                "--suppress-health-check",
                "all",
                "--warnings",
                "off",
            ),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(asked.communicate(), SECONDS)
        except TimeoutError:
            asked.kill()
            raise
    assert asked.returncode == 0, said.decode()
