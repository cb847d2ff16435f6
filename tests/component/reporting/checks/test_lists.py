"""Lists of checks are shown for a purpose, and a refusal says nothing of what there is."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.chassis.platform import Platform
from services.reporting.app import compose
from tests.component.reporting.checks.support import CALLERS, written
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW

AS_OF = {"as_of": "2023-12-14"}
PATH = "/v1/checks/methadone.not_listed"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


async def test_a_list_is_shown_to_whoever_says_what_for(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given patients on no list, and an official of health, whose they are
    await written(platform)
    # When he asks without a purpose of the province's list
    answer = await client.get(PATH, params=AS_OF, headers=bearer("health"))
    # Then he gets the number and no record
    assert (answer.json()["count"], answer.json()["findings"]) == (2, None)
    assert "purpose" in answer.json()["records_hidden"]["en"]


async def test_a_refusal_names_the_right_and_who_has_it_and_says_nothing_of_what_is_there(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given an administrator, and a check that finds nobody yet
    before = (await client.get(PATH, params=AS_OF, headers=bearer("admin"))).json()
    # When it finds somebody
    await written(platform)
    after = (await client.get(PATH, params=AS_OF, headers=bearer("admin"))).json()
    # Then the refusal is the same, and says who sees exact figures
    assert before["message"] == after["message"]
    assert "see exact figures" in after["message"]["en"]
    assert "the steering committee" in after["message"]["en"]
