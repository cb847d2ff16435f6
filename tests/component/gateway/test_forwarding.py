"""What is passed on to a service, what is not, and what comes back."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_to_bytes

import httpx
import pytest

from tests.support.browser import PUBLIC, WHO, Browser, World, subject_of
from tests.support.routes import routes_of
from texts import message


@pytest.fixture
async def browser(world: World) -> Browser:
    made = world.browser()
    await made.sign_in()
    return made


async def test_a_service_is_told_who_asks_and_in_which_language_and_nothing_that_the_browser_claims(
    world: World, browser: Browser
) -> None:
    spoofed = {
        "Authorization": "Bearer forged",
        "Cookie": "another=1",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "elsewhere.example",
        "Forwarded": "for=10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "Khopso-Purpose": "none",
        "Khopso-Approval": "none",
        "Connection": "keep-alive, X-Secret",
        "X-Secret": "1",
        "X-Http-Method-Override": "DELETE",
        "Proxy-Authorization": "Basic eA==",
    }
    cookie = f"khopso-session={browser.session}"
    await browser.get("/registry/records?page=2", **{**spoofed, "Cookie": f"another=1; {cookie}"})
    (asked,) = world.asked
    assert str(asked.url) == "http://registry.test:1/registry/records?page=2"
    token = asked.headers["authorization"].removeprefix("Bearer ")
    claims = world.issuer.read(token)
    assert claims is not None
    assert claims["sub"] == subject_of(WHO)
    assert asked.headers["accept-language"] == "vi"
    allowed = {"host", "accept", "accept-encoding", "authorization", "accept-language", "x-correlation-id"}
    assert set(asked.headers) <= allowed | {"x-forwarded-for"}
    assert asked.headers["x-forwarded-for"] != "10.0.0.1"
    assert asked.headers["host"] == "registry.test:1"


async def test_a_form_comes_whole_and_a_redirect_goes_back(world: World, browser: Browser) -> None:
    world.services = lambda _: httpx.Response(303, headers={"Location": "/registry/records/1"})
    answer = await browser.post("/registry/forms/registry/new", {"name": "Nguyễn Văn Thử", "request_id": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registry/records/1")
    assert (
        world.asked[0].content
        == httpx.Request("POST", PUBLIC, data={"name": "Nguyễn Văn Thử", "request_id": "1"}).content
    )
    assert world.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"


async def test_a_service_gives_no_cookie_and_none_stays_for_the_next_person(
    world: World, browser: Browser
) -> None:
    world.services = lambda _: httpx.Response(
        200, headers={"Set-Cookie": "mine=1", "Connection": "X-Inner", "X-Inner": "1"}
    )
    answer = await browser.get("/registry/")
    assert "set-cookie" not in answer.headers
    assert "x-inner" not in answer.headers
    await browser.get("/registry/")
    assert "cookie" not in world.asked[-1].headers


@pytest.mark.parametrize(
    "target",
    [
        "/v1/figures",
        "/metrics",
        "/live/x",
        "/internal/x",
        "/registry/../v1/records",
        "/registry/..%2fv1/records",
        "/registry/%2e%2e/v1/records",
        "/registry/.%2E/v1",
        "/registry/./x",
        "/registry//v1",
        "//registry/x",
        "/registry/%2Fv1",
        "/registry/a%5Cb",
        "/registry/a%00b",
        "/registry/a%0d%0ab",
        "/registry/%252e%252e/v1",
        "/registry/%ff",
        "/%72egistry/x",
        "/registry/a\\b",
        "/registryx/y",
        "/gateway/x",
        "/hashing/x",
        "http://elsewhere.example/registry/x",
    ],
)
async def test_tricks_with_paths_reach_no_service(world: World, browser: Browser, target: str) -> None:
    # As a request line has it: no client in between makes the path neat.
    answer = await raw_get(world, target, f"khopso-session={browser.session}")
    assert answer == 404
    assert world.asked == []


async def raw_get(world: World, target: str, cookie: str) -> int:
    """The status of a request whose target no client has changed."""
    status: list[int] = []
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "surrogateescape"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:20002"), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 20002),
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(part: dict[str, object]) -> None:
        if part["type"] == "http.response.start":
            status.append(int(str(part["status"])))

    await world.app(scope, receive, send)  # type: ignore[arg-type]
    return status[0]


async def test_a_path_that_is_plain_arrives_as_it_was_sent(world: World, browser: Browser) -> None:
    await browser.get("/registry/records/%E1%BB%85?q=%2F..%2F&b=1")
    assert world.asked[0].url.raw_path == b"/registry/records/%E1%BB%85?q=%2F..%2F&b=1"


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC}, True),
        ({"Origin": PUBLIC}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": f"{PUBLIC}.elsewhere.example"}, False),
        ({"Referer": PUBLIC}, False),
    ],
)
@pytest.mark.parametrize("path", ["/registry/forms/registry/new", "/sign-out", "/language"])
async def test_what_changes_something_comes_from_our_own_pages_alone(
    world: World, browser: Browser, path: str, headers: dict[str, str], taken: bool
) -> None:
    answer = await browser.http.post(path, data={"a": "1"}, headers=headers)
    assert (answer.status_code != 403) == taken
    if not taken:
        assert answer.headers["content-type"].startswith("text/html")
    assert bool(world.asked) == (taken and path.startswith("/registry"))


async def test_no_route_takes_what_another_site_sends_but_that_of_the_provider(world: World) -> None:
    unsafe = {route.removeprefix("POST ") for route in routes_of(world.app) if not route.startswith("GET ")}
    own = {"/language", "/session", "/pin", "/lock", "/unlock", "/sign-out", "/{service}/{rest:path}"}
    assert unsafe == own | {"/back-channel-logout"}
    for path in unsafe - {"/back-channel-logout"}:
        answer = await world.browser().post(path, Origin="https://elsewhere.example")
        assert answer.status_code == 403


async def test_methods_that_no_page_uses_are_refused(world: World, browser: Browser) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"):
        answer = await browser.http.request(
            method, "/registry/records/1", headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 405
    assert world.asked == []


async def test_a_service_that_is_down_is_named_and_the_others_work(world: World, browser: Browser) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        if request.url.host == "reporting.test":
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text="page")

    world.services = down
    answer = await browser.get("/reporting/")
    assert answer.status_code == 503
    assert message("page.home.room.reporting").vi in answer.text
    assert (await browser.get("/registry/")).text == "page"
    assert (await browser.get("/")).status_code == 200


async def test_a_session_that_a_service_refuses_leads_to_signing_in_anew(
    world: World, browser: Browser
) -> None:
    challenge = 'Bearer error="insufficient_user_authentication", max_age=900'
    world.services = lambda _: httpx.Response(401, headers={"WWW-Authenticate": challenge}, text="{}")
    answer = await browser.get("/reporting/closing")
    assert answer.status_code == 401
    assert "anew=1" in answer.text
    assert "return_to=%2Freporting%2Fclosing" in answer.text
    # Whoever follows it proves again who he is, although his session goes on.
    assert "prompt=login" in await browser.begin("/reporting/closing", "anew=1")


async def test_a_body_that_is_too_long_is_refused(world: World, browser: Browser) -> None:
    limit = world.settings.http_max_body_bytes
    answer = await browser.http.post(
        "/registry/x", content=b"a" * (limit + 1), headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 413

    async def streamed() -> AsyncIterator[bytes]:
        for _ in range(limit // 1_000_000 + 1):
            yield b"a" * 1_000_000

    answer = await browser.http.post(
        "/registry/x", content=streamed(), headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 413


async def test_the_language_is_the_readers_choice_here_and_at_the_services(
    world: World, browser: Browser
) -> None:
    answer = await browser.post("/language", {"language": "en", "return_to": "/registry/?page=2"})
    assert answer.headers["Location"] == "/registry/?page=2"
    assert 'lang="en"' in (await browser.get("/")).text
    await browser.get("/registry/")
    assert world.asked[-1].headers["accept-language"] == "en"
    elsewhere = await browser.post("/language", {"language": "en", "return_to": "//elsewhere.example"})
    assert elsewhere.headers["Location"] == "/"


async def test_pages_are_kept_by_no_cache_and_let_nothing_in_from_elsewhere(
    world: World, browser: Browser
) -> None:
    for answer in (
        await browser.get("/"),
        await world.browser().get("/registry/"),
        await browser.get("/nowhere"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_metrics_and_documents_are_not_served_where_the_pages_are(world: World) -> None:
    for path in ("/metrics", "/docs", "/openapi.json", "/v1/sessions"):
        assert (await world.browser().get(path)).status_code == 404
    assert (await world.browser().get("/ready")).json() == {"ready": True, "waiting_for": []}
