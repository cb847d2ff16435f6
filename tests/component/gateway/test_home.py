"""The home page leads to the rooms of its reader's role, and to nothing that is not there."""

from datetime import date

import pytest

from services.chassis.platform import Platform
from services.chassis.service import http_app
from services.gateway.pages import ROOMS, rooms_of
from tests.support.browser import World
from tests.support.platform import settings_for
from tests.support.routes import routes_of
from tools.generators.openapi import COMPOSE


@pytest.mark.parametrize("service", [room.service for room in ROOMS])
def test_every_room_is_a_page_of_its_service(service: str) -> None:
    platform = Platform.of(settings_for("postgresql://u:p@127.0.0.1:1/db", service=service))
    assert f"GET /{service}/" in routes_of(http_app(platform, COMPOSE[service](platform)))


HIS = {
    "clerk.commune_police": {"registry", "treatment", "incidents", "reporting"},
    "clerk.province_police": {"registry", "treatment", "incidents", "reporting"},
    "clerk.health_department": {"treatment", "reporting"},
    "official.commune_police": {"reporting"},
    "analyst.commune_police": {"reporting"},
    "operator.commune_police": set[str](),
}
"""Desks are for the clerks of units that hand in one of the service's registers: users by the police, treatment by health,
after detox by both."""


@pytest.mark.parametrize("person", HIS)
async def test_a_person_is_led_to_the_rooms_in_which_he_has_something_to_do(
    world: World, person: str
) -> None:
    browser = world.browser()
    await browser.sign_in(person)
    page = (await browser.get("/")).text
    assert {room.service for room in ROOMS if f'href="/{room.service}/"' in page} == HIS[person]


def test_a_facility_is_led_to_the_desk_that_knows_what_it_is() -> None:
    found = [room.service for room in rooms_of("clerk", "TT-00", date(2024, 12, 2))]
    assert found == ["treatment", "reporting"]
