"""The four services, empty but for the facilities, asked by anybody in any role who has just signed in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from importlib import import_module
from typing import Any

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.security.auth import Principal
from tests.component.rights.expected import CAMP, SITE, STATION
from tests.support.clock import late_in_2024
from tests.support.keepers import LISTED
from tests.support.registers import OpenVerifier, Service, emptied, running
from tests.support.reporting import Log, fold

CLOCK = late_in_2024()
NAMES = ("registry", "treatment", "incidents", "reporting")


class SignedIn(OpenVerifier):
    """Everybody has just signed in: what is walked here are rights, not step-up."""

    async def verify(self, token: str) -> Principal:
        """The caller that the token spells out."""
        return replace(await super().verify(token), signed_in_at=int(CLOCK().timestamp()))


@pytest.fixture(scope="module")
async def services(postgres: PostgresServer) -> AsyncIterator[Mapping[str, Service]]:
    """The four services, empty but for the facilities that treatment knows."""
    async with AsyncExitStack() as stack:
        found: dict[str, Service] = {}
        for name in NAMES:
            compose = import_module(f"services.{name}.app").compose
            url = postgres.ensure_service(f"{name}_rights", "secret")
            found[name] = await stack.enter_async_context(
                running(name, compose, url, CLOCK, verifier=SignedIn())
            )
            await emptied(found[name])
        station = {**LISTED[0][1], "facility_code": "TYT-10513", "level": "commune", "does": ""}
        await found["treatment"].post_rows("facilities", [station])
        await fold(found["reporting"].platform, _facilities().messages)
        yield found


def _facilities() -> Log:
    """The facilities of the list as treatment tells reporting of them."""
    log = Log()
    for code, level, does in (
        (SITE, "district", ["determination", "methadone", "dispensing"]),
        (CAMP, "province", ["detox"]),
        (STATION, "commune", []),
    ):
        given: dict[str, Any] = {
            "facility": code,
            "name": code,
            "level": level,
            "commune": "10513@2008",
            "does": does,
        }
        log.write("facilities", code, unit="health:30", valid_from=date(2015, 1, 1), **given)
    return log
