"""Every page that links lead to: readable in both themes, for everybody, from a telephone to a wide screen."""

import re
from collections import deque

import pytest

from tests.browser.conftest import Visit
from tests.browser.desk import NEW, SAVE, WHO, new_number, saved, typed
from tests.support.visitor import Visitor

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_NAMED = re.compile(r"(/(?:checks|figures|reconciliation|rules)/)[^/?]+")
_MOST_PAGES = 60
WIDTHS = (360, 768, 1440)


def kind_of(path: str) -> str:
    """What pages of one template have in common: their path without what it names: a record, form, figure, check."""
    path = _NAMED.sub(r"\1-", _ID.sub("-", path.partition("?")[0].partition("#")[0]))
    return re.sub(r"(/forms/)[^/]+", r"\1-", path)


def links(visitor: Visitor) -> list[str]:
    """The addresses of our own that the page links to, without files."""
    found = [link.get_attribute("href") or "" for link in visitor.page.locator("a[href^='/']").all()]
    return [
        href
        for href in found
        if not href.partition("?")[0].endswith((".csv", ".xlsx", ".pdf", ".docx", ".json"))
    ]


def wrong_with(visitor: Visitor, name: str) -> list[str]:
    """Everything that would keep somebody from using the page that is shown."""
    wrong = [
        f"{name}, {width} px: stands out to the right" for width in WIDTHS if not visitor.picture(name, width)
    ]
    visitor.picture(name, WIDTHS[-1], "dark")
    wrong += [f"{name}, dark: {each}" for each in visitor.serious("dark")]
    wrong += [f"{name}, light: {each}" for each in visitor.serious("light")]
    if visitor.page.locator("h1").count() != 1 or not visitor.page.title():
        wrong.append(f"{name}: not one heading, or no title")
    return wrong


def name_of(who: str, kind: str) -> str:
    """The name of the pictures of a page."""
    return f"{who}{kind}".replace("/", "_").strip("_")


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Kinds of pages that were looked at for another role already."""
    return set()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("who", ["official.committee", WHO, "operator.committee"])
def test_every_page_that_links_lead_to_can_be_used_by_everybody(
    visit: Visit, looked_at: set[str], who: str
) -> None:
    visitor = visit(who)
    if who == WHO:
        typed(visitor, new_number()).locator(SAVE).click()
        saved(visitor)
    been, waiting, wrong = set[str](), deque(["/"]), list[str]()
    while waiting and len(been) < _MOST_PAGES:
        path = waiting.popleft()
        kind = kind_of(path)
        if kind in been:
            continue
        been.add(kind)
        if visitor.go(path).status != 200:
            wrong.append(f"{path}: a link to a page that is not there")
            continue
        waiting.extend(links(visitor))
        if kind == "/" or kind not in looked_at:
            looked_at.add(kind)
            wrong += wrong_with(visitor, name_of(who, kind))
    assert wrong == []
    assert len(been) < _MOST_PAGES, "more pages than are looked at"


def test_pages_of_what_went_wrong_can_be_used_by_everybody(visit: Visit) -> None:
    visitor = visit()
    visitor.expect("401 (Unauthorized)", "404 (Not Found)", "422 (Unprocessable")
    wrong: list[str] = []
    # Given the pages that ask to sign in, and that say who may
    visitor.go("/")
    wrong += wrong_with(visitor, "must_sign_in")
    visitor.page.locator('a.button[href^="/sign-in"]').click()
    assert [fault for theme in ("light", "dark") for fault in visitor.serious(theme)] == []
    visitor.page.locator(f'a[href$="person={WHO}"]').click()
    # And a refused form, a page that there is not, the page of kept forms
    visitor.go(NEW)
    visitor.page.locator(SAVE).click()
    assert visitor.page.locator(".error-summary").evaluate("one => one === document.activeElement")
    wrong += wrong_with(visitor, "refused_form")
    for name, path in (("not_there", "/incidents/no-such-page"), ("kept_forms", "/resume")):
        visitor.go(path)
        wrong += wrong_with(visitor, name)
    assert wrong == []
