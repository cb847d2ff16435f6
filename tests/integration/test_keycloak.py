"""Signing in with Keycloak and the realm that this project ships: the gateway, and the tokens that services get."""

import base64
import html
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.ports import free_ports
from services.chassis.security.auth import Principal, TokenVerifier
from services.gateway.app import create_gateway_app
from services.gateway.gateway import Gateway
from tests.support import keycloak
from tests.support.browser import Browser, World
from tests.support.serving import served
from tests.support.stack.lanes import need_keycloak
from tests.support.wait import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
NAME, PASSWORD, AUDIENCE = "can.bo.thu", "mat-khau-bia-dat-138", "khopso"
UNIT, AREA, ROLE = "police:10513", "10513", "official"
PERSON = {
    "username": NAME,
    "enabled": True,
    "attributes": {"unit": [UNIT], "area": [AREA], "role": [ROLE]},
    "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
}


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Of Keycloak, and of the gateway."""
    provider, gateway = free_ports(2)
    return provider, gateway


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int]) -> Iterator[str]:
    """The address of the realm, with one person in it."""
    need_keycloak()
    given = {"PUBLIC_URL": f"http://127.0.0.1:{ports[1]}", "TOKEN_AUDIENCE": AUDIENCE}
    folder = tmp_path_factory.mktemp("keycloak")
    with keycloak.running(folder, ports[0], keycloak.realm([PERSON]), given) as address:
        yield address


@pytest.fixture
async def world(
    issuer: str, ports: tuple[int, int], migrated_database: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[World]:
    """A gateway that people reach by the realm alone, on a port: Keycloak tells it of ended sessions."""
    made = World(
        migrated_database("gateway"),
        tmp_path / "key.json",
        jwks_url=f"{issuer}/protocol/openid-connect/certs",
        token_issuer=issuer,
        token_audience=AUDIENCE,
        public_url=f"http://127.0.0.1:{ports[1]}",
        oidc_issuer=issuer,
        oidc_client_id="khopso",
        sign_in_anew=False,  # two browsers of one sign-in there
    )
    # Keycloak's clock is the machine's own, so the gateway's goes on with it.
    began = made.now
    made.gateway = Gateway.of(
        made.settings,
        services=httpx.MockTransport(made._service),
        clock=lambda: datetime.now(UTC) + (made.now - began),
    )
    made.app = create_gateway_app(made.gateway)
    async with served(made.app, ports[1]):
        yield made
    await made.close()


@pytest.fixture
async def there() -> AsyncIterator["AtKeycloak"]:
    """The person's browser at Keycloak."""
    made = AtKeycloak()
    yield made
    await made.http.aclose()


class AtKeycloak:
    """A person's browser at Keycloak's own pages, with the cookies that it has there."""

    def __init__(self) -> None:
        self.http = httpx.AsyncClient(timeout=120)

    async def get(self, address: str) -> httpx.Response:
        # A browser takes the loopback address for safe and sends such cookies there; this client does not.
        for cookie in self.http.cookies.jar:
            cookie.secure = False
        return await self.http.get(address)

    async def sign_in(self, address: str) -> str:
        """Fill in the form of an address; where it leads."""
        page = await self.get(address)
        assert 'lang="vi"' in page.text
        form = re.search(r'<form[^>]+action="([^"]+)"', page.text)
        assert form is not None, page.text
        for cookie in self.http.cookies.jar:
            cookie.secure = False
        sent = await self.http.post(html.unescape(form[1]), data={"username": NAME, "password": PASSWORD})
        assert sent.status_code == 302, sent.text
        return sent.headers["Location"]


async def signed_in(world: World, there: AtKeycloak) -> Browser:
    """A browser with a session, of the one person."""
    browser = world.browser()
    back = await browser.get(await there.sign_in(await browser.begin("/reporting/figures")))
    assert (back.status_code, back.headers["Location"]) == (303, "/reporting/figures")
    return browser


def token_sent(world: World) -> str:
    """The access token with which the gateway has asked a service last."""
    scheme, _, token = world.asked[-1].headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    return token


async def whom_services_see(world: World) -> Principal:
    """The caller by that token, checked as every service checks it."""
    verifier = TokenVerifier.of(world.settings)
    try:
        return await verifier.verify(token_sent(world))
    finally:
        await verifier.close()


async def test_a_person_of_the_realm_reaches_a_service_as_who_the_realm_says(
    world: World, there: AtKeycloak
) -> None:
    # Given a person who has signed in at Keycloak
    browser = await signed_in(world, there)
    # When he opens a page of a service
    page = await browser.get("/reporting/figures")
    # Then the service sees his unit, area and role, knows when he signed in, and nothing else of him
    assert page.status_code == 200
    caller = await whom_services_see(world)
    assert (caller.unit, caller.area, caller.role) == (UNIT, AREA, ROLE)
    assert caller.signed_in_at is not None
    assert NAME not in jwt_text(token_sent(world))


async def test_a_session_goes_on_with_new_tokens_while_it_is_used(world: World, there: AtKeycloak) -> None:
    browser = await signed_in(world, there)
    await browser.get("/reporting/figures")
    first = token_sent(world)
    # When the access token is about to end
    world.later(seconds=299)
    page = await browser.get("/reporting/figures")
    # Then the gateway has got another one, of the same sign-in
    assert page.status_code == 200
    assert token_sent(world) != first
    assert claims_of(token_sent(world))["auth_time"] == claims_of(first)["auth_time"]


async def test_whoever_must_prove_who_he_is_again_is_asked_for_his_password_although_he_is_signed_in(
    world: World, there: AtKeycloak
) -> None:
    # Given a person with a session here and one at Keycloak
    browser = await signed_in(world, there)
    await browser.get("/reporting/figures")
    before = await whom_services_see(world)
    # When he must sign in anew
    address = await browser.begin("/reporting/figures", "anew=1")
    await browser.get(await there.sign_in(address))
    await browser.get("/reporting/figures")
    # Then Keycloak has asked him, and services see the later sign-in
    after = await whom_services_see(world)
    assert after.subject == before.subject
    assert (after.signed_in_at or 0) > (before.signed_in_at or 0)


async def test_signing_out_ends_the_persons_other_sessions_too(world: World, there: AtKeycloak) -> None:
    # Given two browsers' sessions of one sign-in at Keycloak
    first = await signed_in(world, there)
    second = world.browser()
    onwards = await there.get(await second.begin("/"))
    await second.get(onwards.headers["Location"])
    assert (await second.get("/")).status_code == 200
    # When one signs out, here and at Keycloak
    left = await first.post("/sign-out")
    await there.get(left.headers["Refresh"].partition("url=")[2])
    # Then Keycloak has told the gateway, which ended the other
    await eventually(lambda: _ended(second), deadline=60, message="the other session has ended")


async def _ended(browser: Browser) -> bool:
    return (await browser.get("/")).status_code == 401


def jwt_text(token: str) -> str:
    """What a token says, as text."""
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    claims: dict[str, Any] = json.loads(jwt_text(token))
    return claims
