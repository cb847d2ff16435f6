"""One embedded stack and one Chromium for the whole suite. Tests share the records, so each uses numbers of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from deploy.embedded.layout import Layout
from deploy.embedded.postgres import PostgresServer
from tests.support.stack.endings import end_in_good_order
from tests.support.stack.pages import address_of, stack_with_pages
from tests.support.system_tools import require
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]
_SLOW_MACHINE_MS = 30_000


def pytest_configure() -> None:
    """Nothing of a stack outlives its run."""
    end_in_good_order()


@pytest.fixture(scope="package")
def data_dir() -> Iterator[Path]:
    with stack_with_pages() as folder:
        yield folder


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(data_dir: Path, chromium: Browser) -> Iterator[Visit]:
    """A browser for somebody; at the end nothing may have gone wrong in any of them."""
    visitors: list[Visitor] = []

    def made(who: str | None = None, back: str = "/", **options: Any) -> Visitor:
        context = chromium.new_context(locale="vi-VN", **options)
        context.set_default_timeout(_SLOW_MACHINE_MS)
        visitor = Visitor(context, address_of(data_dir))
        visitors.append(visitor)
        # A page that asks to sign in is sent with 401, which the browser tells of as of an error.
        visitor.expect("401 (Unauthorized)")
        if who is not None:
            visitor.sign_in(who, back)
        return visitor

    yield made
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture
def idle(data_dir: Path) -> Callable[[], None]:
    """Half an hour in which nobody does anything, for everybody who has signed in."""

    def passed() -> None:
        gateway = PostgresServer(Layout(data_dir).postgres).admin_url("gateway")
        with psycopg.connect(gateway) as database:
            database.execute("UPDATE session SET seen_at = seen_at - interval '30 minutes'")

    return passed
