"""A person at a real browser. What no page may ever do is watched all the time: errors, refused content, foreign requests."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Response

from tests.support.system_tools import node_tools

Theme = Literal["light", "dark"]
BUILD = Path(__file__).parents[2] / "build" / "pages"
_SERIOUS = ("serious", "critical")
_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], runOnly:
    ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map(
    (one) => `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""


class Visitor:
    """One browser of one person: its page, and what has gone wrong on it so far."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.sent: list[Request] = []
        context.on("request", self._requested)
        context.on("console", lambda said: self._said(said.type, said.text))
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        self.page: Page = context.new_page()

    def go(self, path: str) -> Response:
        """Open an address of the pages."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer

    def sign_in(self, who: str, back: str = "/") -> None:
        """Follow the links of the first page and choose who one is."""
        self.go(back)
        self.prove(who)

    def prove(self, who: str) -> None:
        """Say at the provider who one is, from a page that asks for it."""
        self.page.locator('a.button[href^="/sign-in"]').click()
        people = self.page.locator('a[href*="person="]')
        if "@" in who:
            # Of no unit that the page lists: of its form ``role@unit``.
            href = people.first.get_attribute("href") or ""
            self.page.goto(urljoin(self.page.url, re.sub("person=[^&]*", f"person={quote(who)}", href)))
        else:
            self.page.locator(f'a[href$="person={who}"]').click()
        self.page.wait_for_url(f"{self.address}/**")

    def fill(self, **typed: str) -> None:
        """Type into the inputs of a form of the desk, or choose."""
        for name, text in typed.items():
            control = self.page.locator(f"[id='c-{name}']")
            if control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(text)
            else:
                control.fill(text)

    def path(self) -> str:
        """The path of the page that is shown."""
        return urlsplit(self.page.url).path

    def expect(self, *words: str) -> None:
        """From now on, what the browser says with one of these words is what the test is about."""
        self.expected = words

    def serious(self, theme: Theme) -> Sequence[str]:
        """What axe finds on the page in a theme that keeps somebody from using it."""
        # What is still on its way from one colour to the other would be judged in between.
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(
                (node_tools() / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
            )
        found: list[str] = self.page.evaluate(_AXE)
        return found

    def picture(self, name: str, width: int, theme: Theme = "light") -> bool:
        """Keep a picture of the page for people to look at; return whether nothing stands out of it to the right."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        BUILD.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=BUILD / f"{name}-{width}-{theme}.png", full_page=True)
        fits: bool = self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return fits

    def cdp(self, command: str, **given: Any) -> Any:
        """Ask the browser itself."""
        return self.context.new_cdp_session(self.page).send(command, given)

    def _requested(self, request: Request) -> None:
        self.sent.append(request)
        parts = urlsplit(request.url)
        own = request.url.startswith((self.address, "data:"))
        # Signing in leads to the provider's own page, and from it back.
        if not own and not (request.is_navigation_request() and parts.hostname == "127.0.0.1"):
            self.faults.append(f"foreign: {request.url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(word in text for word in self.expected):
            self.faults.append(f"{kind}: {text}")
