"""Tracing: requests under the caller's trace, errors by class alone, and the context passed on though nothing is traced."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from services.chassis.http.app import create_app
from services.chassis.runtime.tracing import Tracing, continuing, current_traceparent
from tests.support.platform import platform_for
from tests.support.tokens import Issuer
from tests.support.traces import recording

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE}-{SPAN}-01"
OTHER = f"00-{'1' * 32}-{'2' * 16}-01"
SECRET = "Nguyễn Bí Mật 030090001234"


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/things/{key}")
    async def things(key: str) -> dict[str, str | None]:
        return {"traceparent": current_traceparent()}

    @router.get("/v1/broken/{key}")
    async def broken(key: str) -> None:
        raise RuntimeError(f"cannot work on {key}")

    return router


def client(tracing: Tracing) -> httpx.AsyncClient:
    issuer = Issuer()
    base = platform_for("postgresql://u:p@127.0.0.1:1/db")
    app = create_app(replace(base, verifier=issuer.verifier(), tracing=tracing), routers=[routes()])
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={"Authorization": f"Bearer {issuer.token()}"},
    )


@pytest.fixture
async def off() -> AsyncIterator[httpx.AsyncClient]:
    async with client(Tracing()) as made:
        yield made


async def test_a_request_is_a_span_of_the_callers_trace_named_by_its_route(
    spans: InMemorySpanExporter,
) -> None:
    async with client(recording(spans)) as on:
        answer = await on.get("/v1/things/030090001234", headers={"traceparent": GIVEN})
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind) == ("GET /v1/things/{key}", SpanKind.SERVER)
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, SPAN)
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/things/{key}",
        "http.response.status_code": 200,
    }
    assert answer.json() == {"traceparent": f"00-{TRACE}-{span.context.span_id:016x}-01"}


async def test_a_request_without_a_trace_begins_one_and_probes_begin_none(
    spans: InMemorySpanExporter,
) -> None:
    async with client(recording(spans)) as on:
        await on.get("/v1/things/1")
        for probe in ("/live", "/ready", "/metrics"):
            await on.get(probe)
    (span,) = spans.get_finished_spans()
    assert span.parent is None


async def test_no_value_of_an_error_reaches_a_span(spans: InMemorySpanExporter) -> None:
    async with client(recording(spans)) as on:
        await on.get(f"/v1/broken/{SECRET}", headers={"traceparent": GIVEN})
    tracing = recording(spans)
    with pytest.raises(ValueError, match=SECRET), tracing.span("fold"):
        raise ValueError(SECRET)
    request, fold = spans.get_finished_spans()
    assert (request.status.status_code, fold.status.description) == (StatusCode.ERROR, "ValueError")
    told = str([json.loads(span.to_json()) for span in (request, fold)])
    assert "/v1/broken/{key}" in told
    assert "Bí Mật" not in told
    assert "030090001234" not in told


@pytest.mark.parametrize(
    ("given", "passed"),
    [(GIVEN, GIVEN), ("", None), ("00-not-a-trace-01", None), (f"00-{'0' * 32}-{SPAN}-01", None)],
)
async def test_without_tracing_the_callers_context_is_passed_on_unless_it_is_malformed(
    off: httpx.AsyncClient, given: str, passed: str | None
) -> None:
    answer = await off.get("/v1/things/1", headers={"traceparent": given})
    assert answer.json() == {"traceparent": passed}


def test_the_trace_of_a_message_is_continued_unless_a_span_is_current(spans: InMemorySpanExporter) -> None:
    with continuing(GIVEN):
        assert current_traceparent() == GIVEN
        with continuing(OTHER):
            assert current_traceparent() == GIVEN
    assert current_traceparent() is None
    with continuing(None):
        assert current_traceparent() is None
    with recording(spans).span("consume"), continuing(OTHER):
        assert (current_traceparent() or "").split("-")[1] != "1" * 32
