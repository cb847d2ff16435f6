"""Sessions end when idle, when old, when signed out here or at the provider; tokens are renewed once, whoever asks."""

import asyncio
import time
from typing import Any

import pytest

from deploy.embedded.provider import ACCESS_SECONDS
from deploy.embedded.state import CLIENT_ID
from tests.support.browser import PROVIDER, WHO, Browser, World, subject_of
from tests.support.wait import eventually

EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def signed_in(world: World, who: str = WHO) -> Browser:
    browser = world.browser()
    assert (await browser.sign_in(who)).status_code == 303
    return browser


async def goes_on(browser: Browser) -> bool:
    return (await browser.get("/")).status_code == 200


async def test_who_does_nothing_for_twenty_minutes_signs_in_again_and_proves_who_he_is(world: World) -> None:
    browser = await signed_in(world)
    for _ in range(3):
        world.later(minutes=19)
        assert await goes_on(browser)
    world.later(minutes=20)
    assert not await goes_on(browser)
    # A session that still goes on at the provider must not open the pages by itself.
    assert "prompt=login" in await browser.begin()


async def test_after_twelve_hours_a_session_ends_however_busy_it_was(world: World) -> None:
    browser = await signed_in(world)
    for _ in range(47):
        world.later(minutes=15)
        assert await goes_on(browser)
    world.later(minutes=15)
    assert not await goes_on(browser)


async def test_an_ended_session_does_not_come_back(world: World) -> None:
    browser = await signed_in(world)
    world.later(minutes=21)
    assert not await goes_on(browser)
    world.later(minutes=-20)
    assert not await goes_on(browser)


async def test_tokens_are_renewed_before_they_end(world: World) -> None:
    browser = await signed_in(world)
    world.later(seconds=ACCESS_SECONDS - 31)
    await browser.get("/registry/")
    assert world.tokens_asked() == 1
    world.later(seconds=2)
    await browser.get("/registry/")
    assert world.tokens_asked() == 2
    first, second = (request.headers["authorization"] for request in world.asked)
    assert first != second


async def test_tabs_that_renew_at_once_ask_the_provider_once_and_all_go_on(world: World) -> None:
    browser = await signed_in(world)
    world.later(seconds=ACCESS_SECONDS)
    # The provider answers once the others have come, too.
    world.before_token = lambda: eventually(lambda: world.in_flight() == 4)
    answers = await asyncio.gather(*(browser.get("/registry/") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert world.tokens_asked() == 2
    assert len({request.headers["authorization"] for request in world.asked}) == 1


async def test_a_session_that_has_ended_at_the_provider_ends_here_with_its_token(world: World) -> None:
    browser = await signed_in(world)
    refresh = "stolen and used"
    world.change_tokens = lambda document: {**document, "refresh_token": refresh}
    world.later(seconds=ACCESS_SECONDS)
    assert await goes_on(browser)
    world.later(seconds=ACCESS_SECONDS)
    assert not await goes_on(browser)


async def test_a_provider_that_is_away_ends_nothing(world: World) -> None:
    browser = await signed_in(world)
    world.provider_away = True
    world.later(seconds=ACCESS_SECONDS - 10)
    assert await goes_on(browser)  # the token is good for some seconds
    world.later(seconds=20)
    assert (await browser.get("/")).status_code == 503
    world.provider_away = False
    assert await goes_on(browser)


async def test_a_renewed_token_of_somebody_else_ends_the_session(world: World) -> None:
    browser = await signed_in(world)
    other = world.issuer.mint("police:30", "official", "30")
    world.change_tokens = lambda document: {**document, "access_token": other}
    world.later(seconds=ACCESS_SECONDS)
    assert not await goes_on(browser)


async def test_signing_out_ends_the_session_here_and_leads_to_the_providers_end(world: World) -> None:
    browser = await signed_in(world)
    cookie = browser.session
    answer = await browser.post("/sign-out")
    assert answer.status_code == 200
    assert answer.headers["Refresh"].startswith(f"0; url={PROVIDER}/end-session?")
    assert "id_token_hint=" in answer.headers["Refresh"]
    assert browser.session is None
    assert not await goes_on(world.browser(Cookie=f"khopso-session={cookie}"))
    assert (await browser.get("/signed-out")).status_code == 200


def logout_token(world: World, **changed: Any) -> str:
    now = int(world.now.timestamp())
    claims: dict[str, object] = {
        "iss": PROVIDER,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": str(time.monotonic_ns()),
        "events": {EVENT: {}},
        "sub": subject_of(WHO),
    }
    return world.issuer.sign({name: value for name, value in (claims | changed).items() if value is not None})


async def test_the_provider_ends_all_sessions_of_a_person_and_nobody_elses(world: World) -> None:
    his = [await signed_in(world) for _ in range(2)]
    other = await signed_in(world, "clerk.commune_police")
    answer = await world.browser().post(
        "/back-channel-logout", {"logout_token": logout_token(world)}, Accept="*/*"
    )
    assert answer.status_code == 204
    assert [await goes_on(browser) for browser in (*his, other)] == [False, False, True]


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"events": None},
        {"events": {"another": {}}},
        {"nonce": "n"},
        {"jti": None},
        {"sub": None},
        {"iat": 1_700_000_000},
    ],
)
async def test_what_is_no_log_out_token_ends_nothing(world: World, changed: dict[str, Any]) -> None:
    browser = await signed_in(world)
    token = logout_token(world, **changed)
    assert (await browser.post("/back-channel-logout", {"logout_token": token})).status_code == 400
    assert await goes_on(browser)


async def test_an_identity_token_is_no_log_out_token(world: World) -> None:
    browser = await signed_in(world)
    token = world.issuer.mint("police:30", "official")
    assert (await browser.post("/back-channel-logout", {"logout_token": token})).status_code == 400
    assert await goes_on(browser)
