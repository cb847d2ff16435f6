"""The home page leads to the rooms of its reader's role, and to nothing that is not there."""

import pytest

from services.chassis.platform import Platform
from services.chassis.service import http_app
from services.gateway.pages import ROOMS
from tests.support.browser import World
from tests.support.platform import settings_for
from tests.support.routes import routes_of
from tools.generators.openapi import COMPOSE


@pytest.mark.parametrize("service", [room.service for room in ROOMS])
def test_every_room_is_a_page_of_its_service(service: str) -> None:
    platform = Platform.of(settings_for("postgresql://u:p@127.0.0.1:1/db", service=service))
    assert f"GET /{service}/" in routes_of(http_app(platform, COMPOSE[service](platform)))


@pytest.mark.parametrize("role", ["clerk", "official", "analyst", "operator"])
async def test_a_person_is_led_to_the_rooms_of_his_role(world: World, role: str) -> None:
    browser = world.browser()
    await browser.sign_in(f"{role}.commune_police")
    page = (await browser.get("/")).text
    his = {room.service for room in ROOMS if role in room.roles}
    assert {room.service for room in ROOMS if f'href="/{room.service}/"' in page} == his
    assert bool(his) == (role in ("clerk", "official", "analyst"))
