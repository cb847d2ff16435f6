"""The services with registers, each on a database of its own, as a browser behind the gateway asks them."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from importlib import import_module
from typing import Any

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from tests.support.clock import late_in_2024
from tests.support.keepers import KEEPERS
from tests.support.registers import Service, emptied, running

NAMES = ("registry", "treatment", "incidents")


@dataclass(frozen=True)
class Browser:
    """A browser in which somebody has signed in."""

    service: Service
    headers: Mapping[str, str]

    async def get(self, path: str, **asked: str) -> httpx.Response:
        """The answer to a link."""
        return await self.service.client.get(self._below(path), params=asked or None, headers=self.headers)

    async def send(self, path: str, **typed: Any) -> httpx.Response:
        """The answer to a form, without following where it leads."""
        return await self.service.client.post(self._below(path), data=typed, headers=self.headers)

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that a form leads to."""
        assert answer.status_code == 303, answer.text
        return await self.service.client.get(answer.headers["location"], headers=self.headers)

    def _below(self, path: str) -> str:
        return path if path.startswith("/") else f"/{self.service.name}/{path}"


def browser_of(service: Service, unit: str, role: str = "clerk", **more: str) -> Browser:
    """A browser of somebody of the unit."""
    headers = service.as_(role, unit, "30", **{"accept": "text/html", "accept-language": "vi", **more})
    return Browser(service, headers)


def keeper_of(service: Service, form: str) -> Browser:
    """A browser of a clerk of the unit that keeps the form."""
    return browser_of(service, KEEPERS[form])


def cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the inputs of its form send it."""
    return {f"c-{name}": text for name, text in row.items()}


def inputs(page: str) -> dict[str, str]:
    """The values that a page's inputs of text are filled with."""
    found = re.findall(r'<input id="c-([a-z_0-9]+)"[^>]* value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def said(page: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="session")
async def services_with_desks(postgres: PostgresServer) -> AsyncIterator[Mapping[str, Service]]:
    async with AsyncExitStack() as stack:
        found: dict[str, Service] = {}
        for name in NAMES:
            compose = import_module(f"services.{name}.app").compose
            url = postgres.ensure_service(f"{name}_desk", "secret")
            found[name] = await stack.enter_async_context(running(name, compose, url, late_in_2024()))
        yield found


@pytest.fixture
async def desks(services_with_desks: Mapping[str, Service]) -> Mapping[str, Service]:
    """The three services without records; treatment knows its two facilities."""
    for service in services_with_desks.values():
        await emptied(service)
    return services_with_desks


@pytest.fixture
async def treatment(desks: Mapping[str, Service]) -> Service:
    return desks["treatment"]
