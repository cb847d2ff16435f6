"""A client of reporting as the committee, and a drug case as data queries are tried on."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import HAI_DUONG, NOW, Log

CALLERS = {
    "committee": Principal("committee:30", "30", "official", "b"),
    "district": Principal("police:288", "288", "clerk", "c"),
    "health": Principal("health:30", "30", "official", "e"),
}
ADX = Path(__file__).parents[3] / "tools/adx/adx_loose.xsd"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        made.headers.update(bearer("committee"))
        yield made


def case(log: Log, number: str, day: date, commune: str = HAI_DUONG, **given: Any) -> None:
    row = {"commune": commune, "detected_on": day, "offence": "trade", "subjects": 1, **given}
    log.write("drug_cases", number, **row)
