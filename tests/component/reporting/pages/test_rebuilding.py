"""The page of rebuilding: asked for once however often it is sent, with how far it is."""

import httpx
from sqlalchemy import text

from services.chassis.platform import Platform
from services.reporting.app import compose
from tests.component.reporting.pages.conftest import PEOPLE
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW

ADDRESS = "/reporting/operations/rebuild"
HEADERS = bearer("operator", Accept="text/html", **{"Accept-Language": "en"})
_BUILDING = "UPDATE generation SET state = 'building', started_at = now() WHERE state = 'asked'"
_READ = (
    "INSERT INTO position (consumer, topic, partition, incarnation, next_offset) VALUES"
    " ('reporting-g1', 'registry.records', 0, 'log-1', 200), ('reporting-g2', 'registry.records', 0, 'log-1', 50)"
)


def in_main(page: str) -> str:
    """What a page shows for itself, without the frame's dialogs."""
    return page.partition("<main")[2].partition("</main>")[0]


async def test_a_rebuild_is_asked_for_once_and_its_page_says_how_far_it_is(unfilled: Platform) -> None:
    platform = unfilled
    async with client_of(known_to(platform, PEOPLE, NOW), compose) as client:
        page = (await client.get(ADDRESS, headers=HEADERS)).text
        assert "<form" in in_main(page)
        # When it is asked for with a double click
        for _ in range(2):
            answer = await client.post(ADDRESS, headers=HEADERS)
            assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS)
        # Then one generation waits, and no further one can be asked for on the page
        assert await numbers(platform) == [1, 2]
        waiting = (await client.get(ADDRESS, headers=HEADERS)).text
        assert "Waits to begin" in waiting
        assert "<form" not in in_main(waiting)
        # And while it is built, the share that it has read
        async with platform.uow() as session:
            await session.execute(text(_BUILDING))
            await session.execute(text(_READ))
        assert "Being read: 25 %" in (await client.get(ADDRESS, headers=HEADERS)).text
        assert (await refused(client)) == {403}


async def refused(client: httpx.AsyncClient) -> set[int]:
    """What somebody is answered who does not run the system."""
    headers = bearer("committee", Accept="text/html")
    return {
        (await client.request(method, ADDRESS, headers=headers)).status_code for method in ("GET", "POST")
    }


async def numbers(platform: Platform) -> list[int]:
    """The numbers of the generations there are."""
    async with platform.uow() as session:
        return list(await session.scalars(text("SELECT number FROM generation ORDER BY number")))
