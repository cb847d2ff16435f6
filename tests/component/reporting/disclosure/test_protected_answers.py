"""What readers outside the owning agencies are answered: releases on a grid, in which no small count can be found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

import httpx
import pytest

from contracts.areas import area_book
from services.chassis.auth import NotAuthenticatedError, Principal, TokenVerifier
from services.chassis.clock import FixedClock
from services.chassis.platform import Platform
from services.chassis.runtime import http_app
from services.reporting.app import compose
from tests.component.reporting.support import NOW, Log, fold, listed

CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "committee": Principal("committee:30", "30", "official", "b"),
    "police": Principal("police:30", "30", "official", "c"),
    "health": Principal("health:30", "30", "official", "d"),
    "analyst": Principal("committee:30", "30", "analyst", "e"),
    "other analyst": Principal("health:30", "30", "analyst", "f"),
    "police analyst": Principal("police:30", "30", "analyst", "g"),
}
USERS = "/v1/figures/registry.users"
DAY = date(2023, 12, 31)


class Verifier:
    """Tokens are the callers' names."""

    async def verify(self, token: str) -> Principal:
        if token not in CALLERS:
            raise NotAuthenticatedError("token_invalid")
        return CALLERS[token]


def client_of(platform: Platform, now: Any = NOW) -> httpx.AsyncClient:
    there = replace(platform, verifier=cast(TokenVerifier, Verifier()), clock=FixedClock(now))
    transport = httpx.ASGITransport(http_app(there, compose(there), ["api"]))
    return httpx.AsyncClient(transport=transport, base_url="http://reporting")


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(platform) as made:
        yield made


def asking(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"}


def province(log: Log, counts: dict[str, int], status: str = "user") -> None:
    """So many persons of a status in each commune (by uid)."""
    for uid, count in counts.items():
        for number in range(count):
            listed(log, f"{status} {uid} {number}", status, date(2023, 1, 1), commune=uid)


def uneven(day: date = DAY) -> dict[str, int]:
    """A province as it is: many communes with none, many with a few, some with many."""
    communes = area_book().communes("30@2008", day)
    pattern = (0, 1, 2, 0, 7, 3, 0, 12, 4, 6)
    return {commune.uid: pattern[number % len(pattern)] for number, commune in enumerate(communes[:60])}


async def test_readers_outside_the_owner_see_no_small_count_and_exact_totals(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log, truth = Log(), uneven()
    province(log, truth)
    await fold(platform, log.messages)
    asked = {"as_of": DAY.isoformat(), "by": "commune"}
    for reader in ("health", "analyst", "police analyst"):
        answer = await client.get(USERS, params=asked, headers=asking(reader))
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["value"] == sum(truth.values())
        assert not [row for row in found["rows"] if row["value"] in (1, 2, 3, 4)]
        by_code = {area_book().by_uid[uid].code: count for uid, count in truth.items()}
        for row in found["rows"]:
            count = by_code.get(row["commune"], 0)
            assert row["value"] in (count, None)
            assert (row["value"] is None) == row.get("suppressed", False)
            assert not (0 < count < 5 and row["value"] is not None)
        assert found["protection"]["threshold"] == 5
    for reader in ("admin", "committee", "police"):
        exact = (await client.get(USERS, params=asked, headers=asking(reader))).json()
        assert {row["commune"]: row["value"] for row in exact["rows"]} == {
            row["commune"]: by_code.get(row["commune"], 0) for row in exact["rows"]
        }
        assert "protection" not in exact
