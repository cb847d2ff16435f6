"""``/docs``: the interface of a service as a page of its own, whole, in one language, with nothing from elsewhere."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.service import Running, ServiceApp, http_app
from services.chassis.web.interface_page import interface_page, kind_of
from services.incidents.app import compose
from tests.support.platform import PACKAGE, platform_for

NOWHERE = "postgresql://u:p@127.0.0.1:1/db"


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


@pytest.fixture
def app() -> FastAPI:
    """A service with everything that its interface has."""
    platform = platform_for(NOWHERE, service="incidents")
    return http_app(platform, compose(platform), ["api"])


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as made:
        yield made


async def test_every_operation_and_every_shape_that_is_named_is_on_the_page(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    document = app.openapi()
    text = (await client.get("/docs")).text
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in text
            assert f"{method.upper()} {path}" in text
    anchors = set(re.findall(r'id="([^"]+)"', text))
    assert {f"shape-{name}" for name in document["components"]["schemas"]} <= anchors
    assert set(re.findall(r'href="#([^"]+)"', text)) <= anchors


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_page_is_in_one_language(client: httpx.AsyncClient, language: str) -> None:
    text = (await client.get("/docs", headers={"Accept-Language": language})).text
    assert f'<html lang="{language}">' in text
    told = {
        "vi": "Nộp nhiều dòng của một sổ, theo thứ tự",
        "en": "Hand in rows of a register, in their order",
    }
    assert [name for name, words in told.items() if words in text] == [language]


async def test_the_page_asks_for_nothing_from_elsewhere_and_runs_no_script(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r'(src|href)="(https?:)?//|<script|style=', answer.text)
    files = re.findall(r'(?:src|href)="(/[^"]+)"', answer.text)
    assert len(files) >= 3
    for file in files:
        assert (await client.get(file)).status_code == 200, file


async def test_where_operators_have_a_listener_of_their_own_the_page_is_there_alone() -> None:
    running = Running(platform_for(NOWHERE, operations_port=0), ServiceApp(PACKAGE), {"api"})
    assert running.operations_server is not None
    for server, status in ((running.server, 404), (running.operations_server, 200)):
        async with client_of(server.config.app) as client:  # type: ignore[arg-type]
            assert (await client.get("/docs")).status_code == status


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({}, "any"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"enum": ["nil", 1]}, "'nil' | 1"),
        ({"const": "nil"}, "'nil'"),
        ({"oneOf": [{"$ref": "#/components/schemas/One"}, {"type": "integer"}]}, "One | integer"),
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, "array of string (uuid)"),
    ],
)
def test_kinds_are_told_in_jsons_own_words(schema: dict[str, object], kind: str) -> None:
    assert kind_of(schema) == kind


def test_a_text_that_is_not_in_two_languages_is_shown_as_it_is() -> None:
    said = {"200": {"description": "one / two / three"}}
    document = {"info": {"title": "x"}, "paths": {"/a": {"get": {"operationId": "a", "responses": said}}}}
    (operation,) = interface_page(document, "en").operations
    assert operation.answers.rows[0][2].text == "one / two / three"
