"""Any of the four services on a database of its own, emptied for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module

import pytest

from contracts.forms import FORMS
from deploy.embedded.postgres import PostgresServer
from tests.support.clock import late_in_2024
from tests.support.registers import Service, emptied, running

Owner = Callable[[str], Awaitable[Service]]


@pytest.fixture(scope="session")
async def owners(postgres: PostgresServer) -> AsyncIterator[Owner]:
    """The service that owns a form, started when it is first asked for."""
    async with AsyncExitStack() as stack:
        started: dict[str, Service] = {}

        async def of(form: str) -> Service:
            name = FORMS[form].service
            if name not in started:
                compose = import_module(f"services.{name}.app").compose
                url = postgres.ensure_service(f"{name}_lists", "secret")
                started[name] = await stack.enter_async_context(running(name, compose, url, late_in_2024()))
            return started[name]

        yield of


@pytest.fixture
def owner_of(owners: Owner) -> Owner:
    """As `owners`, without what other tests handed in."""

    async def of(form: str) -> Service:
        return await emptied(await owners(form), listed=form != "facilities")

    return of
