"""The services with registers, each on a database of its own that is emptied for each test, after the merger of 2025."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from contracts.forms import FORMS
from deploy.embedded.postgres import PostgresServer
from services.incidents.app import compose as incidents
from services.registry.app import compose as registry
from services.treatment.app import compose as treatment
from tests.support.clock import RunningClock
from tests.support.keepers import CAMP, LISTED, SITE
from tests.support.registers import Service, emptied, running

_COMPOSED = {"registry": registry, "treatment": treatment, "incidents": incidents}
_KEEPERS = {
    "registry": "police:10525",
    "post_detox": "police:10525",
    "facilities": "health:31",
    "clinicians": "health:31",
    "determination": SITE,
    "methadone": SITE,
    "doses": SITE,
    "detox": CAMP,
}


@dataclass(frozen=True)
class Desk:
    """Hands rows in as the unit that keeps the register in 2026."""

    services: dict[str, Service]

    async def hand_in(
        self, form: str, *rows: dict[str, Any], by: str | None = None, **said: Any
    ) -> dict[str, Any]:
        """Return the answer for rows, numbered from 2 as in a sheet."""
        numbered = [{"row": number, "values": row} for number, row in enumerate(rows, 2)]
        return await self.hand_in_rows(form, numbered, by=by, **said)

    async def hand_in_rows(
        self, form: str, rows: Sequence[dict[str, Any]], by: str | None = None, **said: Any
    ) -> dict[str, Any]:
        """Return the answer for rows with numbers of their own."""
        service = self.services_of(form)
        unit = by or self.keeper_of(form)
        body = {"rows": [*rows], **said}
        headers = service.as_(role="clerk", unit=unit)
        answer = await service.client.post(f"/v1/forms/{form}/records", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def keeper_of(self, form: str) -> str:
        """Return the unit that keeps the form."""
        return _KEEPERS.get(form, "police:31")

    def services_of(self, form: str) -> Service:
        """Return the service that keeps the form."""
        return self.services[FORMS[form].service]

    async def records(self, form: str, by: str | None = None) -> list[dict[str, Any]]:
        """Return the form's records as the unit that keeps them reads them."""
        unit = by or self.keeper_of(form)
        service = self.services_of(form)
        answer = await service.client.get(
            f"/v1/forms/{form}/records?unit={unit}", headers=service.as_(role="clerk", unit=unit)
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    async def stored(self, form: str) -> list[dict[str, Any]]:
        """Return the contents of the form's records."""
        rows = await self.services_of(form).query(
            "SELECT content FROM record WHERE form = :form ORDER BY record_id", form=form
        )
        return [row[0] for row in rows]


@pytest.fixture(scope="session")
async def services_of_2026(postgres: PostgresServer) -> AsyncIterator[dict[str, Service]]:
    clock = RunningClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                running(name, compose, postgres.ensure_service(name, "secret"), clock)
            )
            for name, compose in _COMPOSED.items()
        }


@pytest.fixture
async def desk(services_of_2026: dict[str, Service]) -> Desk:
    found = Desk({name: await emptied(service, listed=False) for name, service in services_of_2026.items()})
    for (_, row), keeper in zip(LISTED, ("health:31", "police:31"), strict=True):
        answer = await found.hand_in("facilities", row, by=keeper)
        assert answer["accepted"] == 1, answer
    return found


@pytest.fixture
async def nobody_looked_at(desk: Desk) -> None:
    """No look at anybody is written down, in any service."""
    for service in desk.services.values():
        async with service.platform.uow() as session:
            await session.execute(text("TRUNCATE look, look_question, identity_reading"))
