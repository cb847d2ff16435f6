"""Schemathesis asks every route what its OpenAPI document allows, and what it does not, and holds the answers against it.

The services stand on real PostgreSQL behind uvicorn. What several of them document alike is asked in one. The cases follow from the seed, so what fails once fails again;
their number is bounded, and so is the time. A service that says 500, a status or a shape that its document does not
name, is a defect of one of the two.
"""

import asyncio
import copy
import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import SERVICES
from services.chassis.service import http_app
from tests.component.edge.operations import dealt
from tests.support.registers import Service
from tests.support.serving import served

EXAMPLES, SEED = 6, 138
SECONDS = 900
"""After so long it hangs; a busy machine takes a third of it."""
WAITS = {"start_rebuild", "rebuild_renewed", "forget_former_letters"}
"""A rebuild is waited for, up to an hour, and the processor that would do it is another process; so is the relay."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


DOCUMENTS = {
    name: json.loads(Path("contracts/openapi", f"{name}.json").read_text(encoding="utf-8"))
    for name in SERVICES
}


def ids(document: Mapping[str, Any]) -> set[str]:
    """The ids of the operations of a document."""
    return {
        operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
    }


def test_every_operation_is_asked_in_one_service_that_has_it() -> None:
    shares = dealt(DOCUMENTS)
    assert set().union(*shares.values()) == set().union(*map(ids, DOCUMENTS.values()))
    assert all(shares[name] <= ids(DOCUMENTS[name]) for name in SERVICES)
    assert sum(map(len, shares.values())) < sum(len(ids(document)) for document in DOCUMENTS.values()) / 2


def _asked(number: str, shares: Mapping[str, set[str]]) -> int:
    return sum(number in share for share in shares.values())


def test_an_operation_that_one_service_documents_otherwise_is_asked_there_too() -> None:
    # Given a service whose state looks different, a part of its answer to how it is
    changed = copy.deepcopy(DOCUMENTS["treatment"])
    number = changed["paths"]["/v1/status"]["get"]["operationId"]
    changed["components"]["schemas"]["ServiceState"]["title"] = "Another"
    # When operations are dealt out
    before, after = dealt(DOCUMENTS), dealt({**DOCUMENTS, "treatment": changed})
    # Then that is asked there, besides where it was asked before
    assert number in after["treatment"]
    assert _asked(number, after) == _asked(number, before) + 1


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 60)
async def test_every_answer_is_one_that_the_document_names(service: Service, tmp_path: Path) -> None:
    asked_here = sorted(dealt(DOCUMENTS)[service.name] - WAITS)
    compose = import_module(f"services.{service.name}.app").compose
    app = http_app(service.platform, compose(service.platform), ["api"])
    async with served(app) as address:
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"),
            *("--header", f"Authorization: {service.as_()['authorization']}"),
            *("--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED)),
            *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink", "--workers", "1"),
            *(word for number in asked_here for word in ("--include-operation-id", number)),
            *("--request-timeout", "30", "--suppress-health-check", "all", "--warnings", "off"),
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
