"""The pages' door of a stack as its user meets it: one address, one sign-in, and each service behind it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from deploy.embedded import read_stack
from deploy.embedded.state import SERVICES
from tests.support.stack.pages import address_of, khopso

WHO = "person=official.commune_police"


@pytest.fixture
def browser(data_dir: Path) -> Iterator[httpx.Client]:
    address = khopso("status", "--data-dir", str(data_dir))["pages"]
    assert address == address_of(data_dir)
    headers = {"Accept": "text/html", "Accept-Language": "vi"}
    with httpx.Client(base_url=address, trust_env=False, headers=headers, timeout=30) as client:
        yield client


def signed_in(browser: httpx.Client) -> httpx.Response:
    """What a person sees after following the links of the first page and choosing who he is."""
    first = browser.get("/")
    assert first.status_code == 401
    link = re.search(r'href="(/sign-in[^"]*)"', first.text)
    assert link is not None
    people = browser.get(unescape(link[1]), follow_redirects=True)
    chosen = next(each for each in re.findall(r'href="([^"]+)"', people.text) if WHO in each)
    return browser.get(urljoin(str(people.url), unescape(chosen)), follow_redirects=True)


def test_a_person_signs_in_reaches_every_service_and_signs_out(browser: httpx.Client) -> None:
    home = signed_in(browser)
    assert home.status_code == 200
    assert "official@police:" in home.text
    for service in SERVICES:
        # The service has answered, as itself: 200 where it has pages for this person, else that there is none.
        assert browser.get(f"/{service}/no-such-page").status_code == 404
        assert browser.get(f"/{service}/../v1/progress").status_code in (401, 404)
    out = browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    onwards = out.headers["Refresh"].partition("url=")[2]
    assert browser.get(onwards, follow_redirects=True).url.path == "/signed-out"
    assert browser.get("/").status_code == 401


def test_the_gateway_is_one_of_the_processes_that_the_stack_keeps(data_dir: Path) -> None:
    entry = read_stack(data_dir).processes["gateway"]
    assert entry.ready
