"""The HTTP application: problems, tokens on every route, limits, correlation, nothing personal in logs."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from pydantic import BaseModel

from services.chassis.http.app import Caller, Fault, Problem, create_app
from services.chassis.runtime.logging import configure
from services.chassis.service import ServiceApp, http_app
from tests.support.platform import platform_for
from tests.support.routes import OPEN_PATHS
from tests.support.tokens import Issuer

SECRET = "Nguyễn Bí Mật 030090001234"


class Body(BaseModel):
    """A body."""

    name: str
    count: int


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/v1/things/{key}")
    async def post(key: str, body: Body, caller: Caller) -> dict[str, str]:
        return {"unit": caller.unit, "key": key, "name": body.name}

    @router.get("/v1/broken/{key}")
    async def broken(key: str, name: str = "") -> None:
        raise RuntimeError(f"cannot work on {key}")

    @router.get("/v1/refused")
    async def refused() -> None:
        raise Problem.invalid(
            [Fault.of("birth_date", "31/02/1990", "date"), Fault.of("sex", "x", "required", column="Giới")]
        )

    return router


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def client(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    base = platform_for("postgresql://u:p@127.0.0.1:1/db", http_max_body_bytes=2048)
    app = create_app(replace(base, verifier=issuer.verifier()), routers=[routes()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        made.headers["Authorization"] = f"Bearer {issuer.token()}"
        yield made


async def test_a_caller_with_a_token_gets_through(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things/7", json={"name": "a", "count": 1})
    assert (answer.status_code, answer.json()) == (200, {"unit": "police:30", "key": "7", "name": "a"})


async def test_every_route_but_the_open_ones_needs_a_token(issuer: Issuer) -> None:
    platform = replace(platform_for("postgresql://u:p@127.0.0.1:1/db"), verifier=issuer.verifier())
    app = http_app(platform, ServiceApp("tests.support.sample", routers=[routes()]))
    checked = 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as bare:
        for path, methods in app.openapi()["paths"].items():
            if path in OPEN_PATHS:
                continue
            for method in methods:
                answer = await bare.request(method, path.replace("{", "").replace("}", ""), json={})
                assert answer.status_code == 401, (method, path)
                assert answer.json()["rule"] == "token_missing"
                assert answer.headers["www-authenticate"] == "Bearer"
                checked += 1
    assert checked >= 9


async def test_operations_are_for_administrators(client: httpx.AsyncClient, issuer: Issuer) -> None:
    platform = replace(platform_for("postgresql://u:p@127.0.0.1:1/db"), verifier=issuer.verifier())
    app = http_app(platform, ServiceApp("tests.support.sample"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as other:
        for role in ("clerk", "official", "analyst"):
            other.headers["Authorization"] = f"Bearer {issuer.token(role=role)}"
            for method, path in (
                ("GET", "/v1/dlq"),
                ("POST", "/v1/dlq/1/retry"),
                ("POST", "/v1/consumers/x/resume"),
            ):
                answer = await other.request(method, path)
                assert (answer.status_code, answer.json()["rule"]) == (403, "role_required")


async def test_all_faults_of_a_body_come_at_once_in_both_languages(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things/7", json={"count": "many"})
    document = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in document["errors"]} == {"name", "count"}
    assert all(
        error["message"]["vi"] and error["message"]["en"] and error["rule"] for error in document["errors"]
    )
    assert document["type"].startswith("urn:khopso:problem:")
    assert (document["status"], document["instance"]) == (422, "/v1/things/{key}")


async def test_a_problem_of_our_own_has_every_fault(client: httpx.AsyncClient) -> None:
    document = (await client.get("/v1/refused")).json()
    assert [(error["field"], error["value"], error["rule"]) for error in document["errors"]] == [
        ("birth_date", "31/02/1990", "date"),
        ("sex", "x", "required"),
    ]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/things"])
async def test_unknown_paths_are_problems_too(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_bad_json_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/things/7", content=b'{"name": ', headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["rule"]) == (422, "invalid_input")


async def test_bodies_over_the_limit_are_refused_declared_or_streamed(client: httpx.AsyncClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    headers = {"content-type": "application/json"}
    for content in (b" " * 5000, stream()):
        answer = await client.post("/v1/things/7", content=content, headers=headers)
        assert (answer.status_code, answer.json()["rule"]) == (413, "body_too_large")


async def test_the_callers_correlation_id_comes_back_and_a_malformed_one_is_replaced(
    client: httpx.AsyncClient,
) -> None:
    mine = "0193b0c6-1111-7000-8000-00000000abcd"
    given = await client.get("/live", headers={"x-correlation-id": mine})
    assert given.headers["x-correlation-id"] == mine
    for other in (SECRET.encode(), b"Nguyen.Van.An", b"abc-123"):
        replaced = await client.get("/live", headers={b"x-correlation-id": other})
        assert UUID(replaced.headers["x-correlation-id"]).version == 7


async def test_an_error_nobody_caught_tells_nothing_outside_and_no_value_to_the_log(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure("sample", "INFO")
        answer = await client.get(f"/v1/broken/{SECRET}", params={"name": SECRET})
        await client.post(f"/v1/things/{SECRET}", json={"name": SECRET, "count": SECRET})
        logging.getLogger("elsewhere").error("an old library", exc_info=ValueError(SECRET))
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    assert (answer.status_code, answer.json()["rule"]) == (500, "internal")
    assert "Bí Mật" not in answer.text
    logged = capsys.readouterr().err
    assert "RuntimeError" in logged
    assert "/v1/broken/{key}" in logged
    for form in (SECRET, SECRET.encode("unicode_escape").decode(), "030090001234"):
        assert form not in logged
    assert all(json.loads(line) for line in logged.splitlines())


async def test_metrics_count_by_route_template(client: httpx.AsyncClient) -> None:
    await client.post(f"/v1/things/{SECRET}", json={"name": "a", "count": 1})
    await client.get(f"/nowhere/{SECRET}")
    text = (await client.get("/metrics")).text
    assert 'khopso_http_requests_total{method="POST",route="/v1/things/{key}",status="200"} 1.0' in text
    assert 'route="unmatched"' in text
    assert "030090001234" not in text


async def test_a_database_that_is_away_makes_503(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/progress")
    assert (answer.status_code, answer.json()["rule"]) == (503, "database_unreachable")
    assert (await client.get("/live")).status_code == 200


async def test_the_openapi_document_has_problems_and_a_bearer_scheme(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert "ProblemDocument" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    operation = document["paths"]["/v1/things/{key}"]["post"]
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    assert operation["security"] == [{"HTTPBearer": []}]
