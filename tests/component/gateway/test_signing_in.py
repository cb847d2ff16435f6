"""Signing in: only an attempt of this browser, with a code and an identity of this very attempt, begins a session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import text

from deploy.embedded.state import CLIENT_ID
from tests.support.browser import PROVIDER, PUBLIC, WHO, World, subject_of


def fields_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def with_fields(address: str, **changed: str) -> str:
    """The address with other parameters."""
    return f"{address.split('?')[0]}?{urlencode({**fields_of(address), **changed})}"


async def test_a_person_who_signs_in_comes_to_the_page_that_he_wanted_and_is_named_there(
    world: World,
) -> None:
    browser = world.browser()
    asked = await browser.get("/reporting/figures?by=area")
    assert asked.status_code == 401
    assert "/sign-in?return_to=%2Freporting%2Ffigures%3Fby%3Darea" in asked.text
    sent = await browser.sign_in(back="/reporting/figures?by=area")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/reporting/figures?by=area")
    page = await browser.get("/")
    assert page.status_code == 200
    assert subject_of(WHO) in page.text


async def test_the_request_to_the_provider_has_a_challenge_a_state_and_a_nonce_new_each_time(
    world: World,
) -> None:
    first, second = [fields_of(await world.browser().begin()) for _ in range(2)]
    assert first["code_challenge_method"] == "S256"
    assert (first["client_id"], first["redirect_uri"]) == (CLIENT_ID, f"{PUBLIC}/callback")
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43  # 256 bits
        assert first[name] != second[name]


async def test_the_session_is_known_by_a_hash_and_its_tokens_are_encrypted(world: World) -> None:
    browser = world.browser()
    given: list[dict[str, Any]] = []
    world.change_tokens = lambda document: given.append(document) or document  # type: ignore[func-returns-value]
    sent = await browser.sign_in()
    cookie = sent.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.session is not None
    async with world.gateway.database.engine.connect() as connection:
        stored = bytes(await connection.scalar(text("SELECT tokens FROM session")) or b"")
        named = bytes(await connection.scalar(text("SELECT id FROM session")) or b"")
    assert browser.session.encode() not in named
    assert all(
        given[0][name].encode() not in stored for name in ("access_token", "refresh_token", "id_token")
    )


async def refused(world: World, answer: Any) -> bool:
    """Whether a sign-in was refused without a session."""
    async with world.gateway.database.engine.connect() as connection:
        sessions = await connection.scalar(text("SELECT count(*) FROM session"))
    return (answer.status_code, answer.headers["Location"], sessions) == (303, "/not-signed-in", 0)


async def test_another_state_is_refused(world: World) -> None:
    browser = world.browser()
    back = world.choose(await browser.begin())
    assert await refused(world, await browser.get(with_fields(back, state="another")))


async def test_what_another_browser_began_is_refused(world: World) -> None:
    # A page that sends its visitors to the callback with its own code must not sign them in as somebody else.
    back = world.choose(await world.browser().begin())
    assert await refused(world, await world.browser().get(back))


async def test_a_callback_is_good_once_and_for_ten_minutes(world: World) -> None:
    browser = world.browser()
    back = world.choose(await browser.begin())
    assert (await browser.get(back)).headers["Location"] == "/"
    assert (await browser.get(back)).headers["Location"] == "/not-signed-in"
    late = world.browser()
    address = await late.begin()
    world.later(seconds=601)
    assert (await late.get(world.choose(address))).headers["Location"] == "/not-signed-in"


async def test_a_code_of_another_attempt_is_refused_for_its_verifier(world: World) -> None:
    browser, other = world.browser(), world.browser()
    stolen = fields_of(world.choose(await other.begin()))["code"]
    back = world.choose(await browser.begin())
    assert await refused(world, await browser.get(with_fields(back, code=stolen)))


async def test_two_tabs_may_sign_in_at_once(world: World) -> None:
    browser = world.browser()
    first, second = await browser.begin("/registry/"), await browser.begin("/reporting/")
    answers = [await browser.get(world.choose(address)) for address in (second, first)]
    assert [answer.headers["Location"] for answer in answers] == ["/reporting/", "/registry/"]


def _claims(world: World, **changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        claims = {**(world.issuer.read(document["id_token"]) or {}), **changed}
        return {**document, "id_token": world.issuer.sign(claims)}

    return change


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000},
        {"sub": "somebody else"},
    ],
)
async def test_an_identity_that_is_not_of_this_attempt_is_refused(
    world: World, changed: dict[str, Any]
) -> None:
    world.change_tokens = _claims(world, **changed)
    assert await refused(world, await world.browser().sign_in())


@pytest.mark.parametrize("session", ["idle", "forgotten"])
async def test_a_session_that_goes_on_at_the_provider_signs_nobody_in(world: World, session: str) -> None:
    # Given somebody who signed in half an hour ago, and a browser whose session here is idle or whose cookie was deleted
    browser, before = world.browser(), int(world.now.timestamp())
    if session == "idle":
        await browser.sign_in()
    world.later(minutes=30)
    held = browser.session
    # When the address loses what asks the provider for a proof, and the provider answers with that sign-in
    address = await browser.begin()
    asked = fields_of(address)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    world.change_tokens = _claims(world, auth_time=before)
    answer = await browser.get(world.choose(address.replace("prompt=login", "")))
    # Then nobody is signed in
    assert answer.headers["Location"] == "/not-signed-in"
    assert browser.session == held
    assert (await browser.get("/")).status_code == 401


async def test_a_provider_that_does_not_say_when_somebody_signed_in_signs_nobody_in(world: World) -> None:
    def untold(document: dict[str, Any]) -> dict[str, Any]:
        told = {}
        for name in ("access_token", "id_token"):
            claims = world.issuer.read(document[name]) or {}
            told[name] = world.issuer.sign({each: of for each, of in claims.items() if each != "auth_time"})
        return document | told

    world.change_tokens = untold
    assert await refused(world, await world.browser().sign_in())


async def test_where_no_machine_is_shared_the_providers_session_signs_in_unless_one_here_has_ended(
    migrated_database: Callable[[str], str], tmp_path: Path
) -> None:
    world = World(migrated_database("gateway"), tmp_path / "key.json", sign_in_anew=False)
    world.change_tokens = _claims(world, auth_time=int(world.now.timestamp()) - 1_800)
    browser = world.browser()
    assert "prompt" not in fields_of(await browser.begin())
    assert (await browser.sign_in()).headers["Location"] == "/"
    world.later(minutes=21)
    assert (await browser.sign_in()).headers["Location"] == "/not-signed-in"
    await world.close()


@pytest.mark.parametrize("token", ["id_token", "access_token"])
async def test_a_token_that_nobody_signed_is_refused(world: World, token: str) -> None:
    world.change_tokens = lambda document: {**document, token: document[token][:-8] + "AAAAAAAA"}
    assert await refused(world, await world.browser().sign_in())


async def test_an_identity_token_missing_is_refused(world: World) -> None:
    world.change_tokens = lambda document: {**document, "id_token": None}
    assert await refused(world, await world.browser().sign_in())


async def test_the_answer_of_another_provider_is_refused(world: World) -> None:
    browser = world.browser()
    back = world.choose(await browser.begin())
    assert await refused(world, await browser.get(with_fields(back, iss="https://elsewhere.example")))


async def test_a_refusal_of_the_provider_says_nothing_of_it_and_lets_one_begin_again(world: World) -> None:
    browser = world.browser()
    state = fields_of(await browser.begin())["state"]
    answer = await browser.get(f"/callback?state={state}&error=<script>alert(1)</script>")
    assert await refused(world, answer)
    page = await browser.get(answer.headers["Location"])
    assert page.status_code == 403
    assert 'href="/sign-in"' in page.text


async def test_no_session_that_a_browser_brings_is_taken_over_and_the_one_before_ends(world: World) -> None:
    # Fixation: whoever put a cookie into this browser must not know its session afterwards.
    browser = world.browser()
    browser.http.cookies.set("khopso-session", "fixed" * 10, domain="127.0.0.1")
    await browser.sign_in()
    first = browser.session
    assert first != "fixed" * 10
    await browser.sign_in(more="anew=1")
    assert browser.session != first
    left = world.browser(Cookie=f"khopso-session={first}")
    assert (await left.get("/")).status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "/%2F/elsewhere.example",
        "/registry/../../x",
        "javascript:alert(1)",
        "",
        "/a\r\nSet-Cookie: x=y",
        "/" + "a" * 3000,
    ],
)
async def test_nobody_is_led_to_another_site_after_signing_in(world: World, given: str) -> None:
    assert (await world.browser().sign_in(back=given)).headers["Location"] == "/"


async def test_over_https_the_cookie_is_of_this_host_alone(
    migrated_database: Callable[[str], str], tmp_path: Path
) -> None:
    world = World(migrated_database("gateway"), tmp_path / "key.json", public_url="https://khopso.example")
    sent = await world.browser().get("/sign-in")
    cookie = sent.headers["Set-Cookie"]
    assert cookie.startswith("__Host-khopso-sign-in-")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    await world.close()


async def test_while_the_provider_is_away_a_page_says_so_and_a_session_goes_on(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    world.provider_away = True
    assert (await world.browser().get("/sign-in?return_to=/")).status_code == 303  # its addresses are known
    assert (await browser.get("/")).status_code == 200


async def test_a_provider_that_was_never_reached_gives_a_page(world: World) -> None:
    world.provider_away = True
    answer = await world.browser().get("/sign-in")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert PROVIDER not in answer.text
