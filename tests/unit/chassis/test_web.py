"""The frame of pages: one language at a time, everything escaped, nothing inline, problems as pages."""

import gzip
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

import httpx
import pytest
from fastapi import FastAPI
from jinja2 import UndefinedError

from services.chassis.service import ServiceApp, http_app
from services.chassis.web import Page, add_assets, asset
from services.chassis.web.assets import FOLDER
from services.chassis.web.rendering import environment
from tests.support.platform import platform_for
from tests.support.sample_pages import sample_router
from tests.support.tokens import Issuer
from texts import number_written
from tools.files import ROOT

PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def app(issuer: Issuer) -> FastAPI:
    base = platform_for("postgresql://u:p@127.0.0.1:1/db", http_max_body_bytes=20_000)
    made = http_app(
        replace(base, verifier=issuer.verifier()), ServiceApp("tests.support.sample", pages=[sample_router()])
    )
    add_assets(made)
    return made


@pytest.fixture
async def browser(app: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        made.headers.update(
            {"Authorization": f"Bearer {issuer.token()}", "Accept": PAGE, "Accept-Language": "vi"}
        )
        yield made


async def test_page_has_the_texts_of_one_language(browser: httpx.AsyncClient) -> None:
    vietnamese = (await browser.get("/registry/")).text
    english = (await browser.get("/registry/", headers={"Accept-Language": "en-GB,en;q=0.8"})).text
    assert '<html lang="vi">' in vietnamese
    assert "Đăng xuất" in vietnamese
    assert "Sign out" not in vietnamese
    assert '<html lang="en">' in english
    assert "Sign out" in english
    assert "Đăng xuất" not in english
    assert "Enter one record" in english


async def test_numbers_are_written_as_the_language_has_them(browser: httpx.AsyncClient) -> None:
    assert "<p>1.234,5 –</p>" in (await browser.get("/registry/")).text
    assert "<p>1,234.5 –</p>" in (await browser.get("/registry/", headers={"Accept-Language": "en"})).text


@pytest.mark.parametrize(
    ("number", "vietnamese", "english"),
    [
        (0, "0", "0"),
        (1234567, "1.234.567", "1,234,567"),
        (-1234, "-1.234", "-1,234"),
        (2.25, "2,3", "2.3"),
        (1000.0, "1.000", "1,000"),
        (Decimal("12.50"), "12,5", "12.5"),
        (1e22, "10.000.000.000.000.000.000.000", "10,000,000,000,000,000,000,000"),
        (None, "–", "–"),
    ],
)
def test_number_is_written(number: float | None, vietnamese: str, english: str) -> None:
    assert (number_written(number), number_written(number, "en")) == (vietnamese, english)


@pytest.mark.parametrize("path", ["/registry/", "/registry/missing", "/registry/broken", "/nowhere"])
async def test_every_page_is_sent_with_the_same_protection(browser: httpx.AsyncClient, path: str) -> None:
    sent = (await browser.get(path)).headers
    assert sent["content-security-policy"] == POLICY
    assert sent["cache-control"] == "no-store"
    assert sent["referrer-policy"] == "same-origin"
    assert sent["x-content-type-options"] == "nosniff"
    assert sent["content-type"] == "text/html; charset=utf-8"


async def test_page_has_nothing_inline_and_nothing_from_elsewhere(browser: httpx.AsyncClient) -> None:
    text = (await browser.get("/registry/")).text
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"(?:href|src|action)=\"(?!/|#)[^\"]*", text) == []


async def test_ids_of_a_page_are_there_once_and_labels_name_one(browser: httpx.AsyncClient) -> None:
    text = (await browser.post("/registry/", data={"name": ""})).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    named = re.findall(r'<label for="([^"]+)"', text) + [
        name for names in re.findall(r'aria-describedby="([^"]+)"', text) for name in names.split()
    ]
    assert named
    assert set(named) <= set(ids)


async def test_what_is_typed_is_shown_again_escaped(browser: httpx.AsyncClient) -> None:
    typed = '"><script>alert(1)</script> Đỗ Thị Ễ'
    text = (await browser.post("/registry/", data={"name": typed})).text
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt; Đỗ Thị Ễ"' in text


async def test_refused_form_names_each_fault_at_its_field_and_above(browser: httpx.AsyncClient) -> None:
    answered = await browser.post("/registry/", data={"name": ""})
    assert answered.status_code == 422
    assert "<title>Lỗi: Nhập một hồ sơ" in answered.text
    assert '<li><a href="#name">Chưa nhập họ và tên</a></li>' in answered.text
    assert re.search(
        r'<input id="name"[^>]*aria-describedby="name-hint name-fault" aria-invalid="true">', answered.text
    )


async def test_typed_text_is_taken_in_composed_form(browser: httpx.AsyncClient) -> None:
    answered = await browser.post("/registry/", data={"name": "Tie\u0302\u0301n"})
    assert 'value="Ti\u1ebfn"' in answered.text


async def test_unusable_characters_in_a_form_are_refused_by_name(browser: httpx.AsyncClient) -> None:
    answered = await browser.post("/registry/", data={"name": "a\x00b"})
    assert answered.status_code == 422
    assert "<code>name</code>" in answered.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/registry/missing", 404, "Hãy kiểm tra địa chỉ"),
        ("/registry/broken", 500, "Hãy thử lại sau ít phút"),
        ("/registry/other?unknown=1", 422, "Hãy quay lại trang trước"),
        ("/registry/other?known=%00", 400, "Hãy quay lại trang trước"),
        ("/nowhere", 404, "Hãy kiểm tra địa chỉ"),
    ],
)
async def test_browser_gets_a_problem_as_a_page(
    browser: httpx.AsyncClient, path: str, status: int, said: str
) -> None:
    answered = await browser.get(path)
    assert answered.status_code == status
    assert said in answered.text
    assert answered.headers["x-correlation-id"] in answered.text
    assert int(answered.headers["content-length"]) == len(answered.content)


async def test_who_comes_to_where_only_a_form_is_sent_is_led_to_the_room(browser: httpx.AsyncClient) -> None:
    # As after a change of language on a page that a form was answered with
    led = await browser.get("/registry/search")
    assert (led.status_code, led.headers["location"]) == (303, "/registry/")
    # A program, and a method that nothing takes, hear what is wrong
    assert (await browser.get("/registry/search", headers={"Accept": "application/json"})).status_code == 405
    assert (await browser.put("/registry/search")).status_code == 405


async def test_too_large_a_form_is_refused_with_a_page(browser: httpx.AsyncClient) -> None:
    answered = await browser.post("/registry/", data={"name": "x" * 30_000})
    assert answered.status_code == 413
    assert "<h1>" in answered.text


async def test_nobody_reads_a_page_without_a_token(browser: httpx.AsyncClient) -> None:
    del browser.headers["Authorization"]
    answered = await browser.get("/registry/")
    assert answered.status_code == 401
    assert answered.headers["www-authenticate"] == "Bearer"
    assert 'href="/sign-in"' in answered.text
    assert "Nhập một hồ sơ" not in answered.text


@pytest.mark.parametrize(
    ("path", "accept"), [("/registry/missing", "application/json"), ("/v1/nowhere", PAGE)]
)
async def test_programs_get_a_problem_document(browser: httpx.AsyncClient, path: str, accept: str) -> None:
    answered = await browser.get(path, headers={"Accept": accept})
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.json()["rule"] == "not_found"


async def test_page_is_packed_for_whoever_takes_it_with_a_length_that_tells_nothing(
    browser: httpx.AsyncClient,
) -> None:
    plain = await browser.get("/registry/", headers={"Accept-Encoding": "identity"})
    packed = [await browser.get("/registry/", headers={"Accept-Encoding": "gzip, br"}) for _ in range(20)]
    assert "content-encoding" not in plain.headers
    assert {one.headers["content-encoding"] for one in packed} == {"gzip"}
    assert {one.text for one in packed} == {plain.text}
    # Twenty of a hundred lengths: that all are the same happens once in as many tries as there are atoms
    lengths = {int(one.headers["content-length"]) for one in packed}
    assert len(lengths) > 1
    assert max(lengths) < len(plain.content) / 2


async def test_head_of_a_problem_is_its_page_without_a_body(browser: httpx.AsyncClient) -> None:
    shown, asked = await browser.get("/registry/missing"), await browser.head("/registry/missing")
    assert asked.content == b""
    assert asked.headers["content-type"] == shown.headers["content-type"]


async def test_pages_stand_in_no_document_of_the_api(app: FastAPI) -> None:
    assert [
        path
        for path in app.openapi()["paths"]
        if not path.startswith(("/v1/", "/live", "/ready", "/metrics"))
    ] == []


async def test_assets_are_kept_for_ever_under_the_name_of_their_content(browser: httpx.AsyncClient) -> None:
    del browser.headers["Authorization"]
    address = asset("style.css")
    packed = await browser.get(address, headers={"Accept-Encoding": "gzip"})
    plain = await browser.get(address, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].startswith("text/css")
    assert (await browser.get("/assets/style.css")).status_code == 404
    assert (await browser.get("/assets/..%2Frendering.py")).status_code == 404


def test_style_sheet_is_small_and_names_only_files_that_there_are() -> None:
    content = (FOLDER / "style.css").read_bytes()
    assert len(content) < 25_000
    assert len(gzip.compress(content)) < 7_000
    named = re.findall(rb'url\("?([^")]+)', content)
    assert all((FOLDER / name.decode()).is_file() for name in named)


def test_what_every_page_loads_first_leaves_room_for_the_page_on_a_bad_line() -> None:
    # Given fonts, styles and the scripts of every page as they go over the wire
    fonts = sum(path.stat().st_size for path in FOLDER.glob("*.woff2"))
    names = ("style.css", "htmx.min.js", "frame.js", "lock.js", "drafts.js", "icon.svg")
    packed = sum(len(gzip.compress((FOLDER / name).read_bytes(), 9)) for name in names)
    # Then of the 60 kB of a first load at least seven are left for the page itself
    assert fonts + packed < 53_000


def test_scripts_are_small_enough_for_a_bad_line() -> None:
    packed = [len(gzip.compress(path.read_bytes(), 9)) for path in FOLDER.glob("*.js")]
    assert packed
    assert sum(packed) < 18_000


def test_no_template_asks_for_what_the_policy_forbids() -> None:
    # htmx evaluates these; under the policy of every page nothing is, so they would do nothing.
    evaluated = re.compile(r"hx-on|hx-(?:vals|headers|confirm)=.(?:js|javascript):|hx-trigger=.[^\"']*\[")
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:")
    templates = list((ROOT / "services").rglob("*.html"))
    assert templates
    wrong = [
        str(path.relative_to(ROOT))
        for path in templates
        for found in (evaluated, inline)
        if found.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


async def test_what_changes_in_place_takes_the_whole_content_and_the_way_back(
    browser: httpx.AsyncClient,
) -> None:
    text = (await browser.get("/registry/")).text
    assert '<nav class="pages" hx-boost:inherited="target:#main, select:#main' in text
    # What is taken out of the page is there once.
    assert [text.count(f'id="{name}"') for name in ("main", "return-to", "away")] == [1, 1, 1]


@dataclass(frozen=True, kw_only=True)
class Nameless(Page):
    """A page of a class whose template uses a name that it has not."""

    template: ClassVar[str] = "planted.html"


def test_name_that_a_page_has_not_is_an_error() -> None:
    template = environment("tests.support.sample_pages", "vi").from_string("{{ page.nothing }}")
    with pytest.raises(UndefinedError):
        template.render(page=Nameless(title=""))


def test_days_and_moments_are_written_on_the_clock_of_vietnam() -> None:
    template = environment("tests.support.sample_pages", "en").from_string(
        "{{ day(at.date()) }} {{ moment(at) }} {{ moment(none) }}"
    )
    assert template.render(at=datetime(2023, 12, 14, 17, 5, tzinfo=UTC)) == "14/12/2023 15/12/2023 00:05 –"
