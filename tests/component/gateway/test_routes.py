"""Who may ask each route of the gateway: a table by hand, which the composed application must equal."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping

import httpx
import pytest

from deploy.embedded.people import people
from services.chassis.http import ServiceStatus
from tests.support.browser import Browser, World
from tests.support.routes import routes_of

OPEN, SIGNED_IN, LOCKED_TOO, PROVIDER = (
    "anybody",
    "who has signed in",
    "who has locked pages, too",
    "the provider",
)
ROUTES: Mapping[str, str] = {
    "GET /live": OPEN,
    "GET /ready": OPEN,
    "GET /assets/{name}": OPEN,
    "GET /sign-in": OPEN,
    "GET /callback": OPEN,
    "GET /not-signed-in": OPEN,
    "GET /signed-out": OPEN,
    "POST /language": OPEN,
    "POST /sign-out": OPEN,
    "GET /session": LOCKED_TOO,
    "POST /session": LOCKED_TOO,
    "GET /unlocked": LOCKED_TOO,
    "POST /unlock": LOCKED_TOO,
    "POST /lock": SIGNED_IN,
    "GET /": SIGNED_IN,
    "GET /operations/": SIGNED_IN,
    "GET /pin": SIGNED_IN,
    "POST /pin": SIGNED_IN,
    "GET /resume": SIGNED_IN,
    "GET /{service}/{rest:path}": SIGNED_IN,
    "POST /{service}/{rest:path}": SIGNED_IN,
    "POST /back-channel-logout": PROVIDER,
}
OPERATING = ("operator", "admin")
LEADING = ("POST /lock", "POST /unlock")
"""Routes that lead to a page, which asks to sign in."""
REFUSED: Mapping[str, object] = {
    "status": 403,
    "message": {"vi": "Không có quyền", "en": "No right"},
    "errors": [],
    "correlationid": "",
}


async def ask(browser: Browser, route: str, **headers: str) -> httpx.Response:
    """The answer to a link or an empty form; a path of any service stands for all of them."""
    method, _, path = route.partition(" ")
    path = path.replace("{service}/{rest:path}", "registry/records")
    if method == "GET":
        return await browser.get(path)
    return await browser.post(path, None, **headers)


def role_of(request: httpx.Request) -> str:
    """The role that the gateway's token names to a service."""
    body = request.headers["authorization"].split(".")[1]
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return str(claims["role"])


def test_every_route_is_in_the_table(world: World) -> None:
    assert routes_of(world.app) == ROUTES.keys()


@pytest.mark.parametrize("route", [route for route, who in ROUTES.items() if who in (SIGNED_IN, LOCKED_TOO)])
async def test_who_has_not_signed_in_is_told_nothing_and_no_service_is_asked(
    world: World, route: str
) -> None:
    # Given services that would answer anybody, and a browser of nobody
    world.services = lambda _: httpx.Response(200, text="names of people")
    # When it asks
    found = await ask(world.browser(), route)
    # Then it is asked to sign in, and nobody else was asked
    assert found.status_code == (303 if route in LEADING else 401)
    assert "names of people" not in found.text
    assert not world.asked


@pytest.mark.parametrize("route", [route for route in ROUTES if ROUTES[route] == SIGNED_IN])
async def test_locked_pages_tell_nothing_and_ask_no_service(world: World, route: str) -> None:
    # Given a session that its person has locked with a PIN
    browser = world.browser()
    await browser.sign_in()
    await browser.post("/pin", {"pin": "135790", "again": "135790"})
    await browser.post("/lock")
    world.services = lambda _: httpx.Response(200, text="names of people")
    world.asked.clear()
    # When it asks for what signed-in people are shown
    found = await ask(browser, route)
    # Then it is told to unlock the pages, and nobody else was asked
    assert found.status_code == (303 if route in LEADING else 401)
    assert "names of people" not in found.text
    assert not world.asked


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.startswith("POST") and ROUTES[route] != PROVIDER]
)
async def test_a_form_of_another_site_is_refused_whoever_has_signed_in(world: World, route: str) -> None:
    # Given somebody who has signed in
    browser = world.browser()
    await browser.sign_in()
    world.asked.clear()
    # When another site's page sends a form in their browser
    found = await ask(browser, route, Sec_Fetch_Site="cross-site")
    # Then nothing is done, and the session goes on
    assert found.status_code == 403
    assert not world.asked
    assert (await browser.get("/")).status_code == 200


async def test_the_provider_alone_ends_sessions_from_machine_to_machine(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    refused = await browser.post("/back-channel-logout", {"logout_token": "of-nobody"})
    assert refused.status_code == 400
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize("who", sorted(people()))
async def test_each_role_sees_its_own_home_and_operations_as_the_services_let_it(
    world: World, who: str
) -> None:
    # Given services that tell their state to operators and administrators alone
    def status(request: httpx.Request) -> httpx.Response:
        if role_of(request) not in OPERATING:
            return httpx.Response(403, json=dict(REFUSED))
        told = ServiceStatus(service="any", waiting_for=[], degraded=[], state=None, backup=None)
        return httpx.Response(200, text=told.model_dump_json())

    world.services = status
    browser = world.browser()
    await browser.sign_in(who)
    # When somebody opens home and the operators' page
    home, operations = await browser.get("/"), await browser.get("/operations/")
    # Then home is everybody's, and the other is theirs whose role operates
    assert home.status_code == 200
    entitled = people()[who].role in OPERATING
    assert operations.status_code == (200 if entitled else 403)
    assert ('href="/operations/"' in home.text) == entitled
