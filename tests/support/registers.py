"""A service with its registers on real PostgreSQL, spoken to through its HTTP application."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from sqlalchemy import text

from contracts.catalogue import parse_event
from contracts.envelope import Envelope
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.runtime.clock import Clock, system_clock
from services.chassis.runtime.settings import ServiceSettings
from services.chassis.security.auth import NotAuthenticatedError, Principal, TokenVerifier
from services.chassis.service import Compose, http_app
from tests.support.hashing import hashing_client
from tests.support.keepers import KEEPERS, LISTED, OFFICES, clerk, keeper
from tests.support.platform import settings_for

PROVINCE = "committee:30"


class OpenVerifier:
    """Takes ``role unit area`` as a token: who calls is not what these tests are about."""

    async def verify(self, token: str) -> Principal:
        """The caller that the token spells out."""
        parts = token.split(" ")
        if len(parts) != 3:
            raise NotAuthenticatedError("token_invalid")
        role, unit, area = parts
        return Principal(unit=unit, area=area, role=role, subject=f"test-{role}")  # type: ignore[arg-type]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Service:
    """One service of a test."""

    name: str
    platform: Platform
    client: httpx.AsyncClient

    def as_(self, role: str = "admin", unit: str = PROVINCE, area: str = "30", **more: str) -> dict[str, str]:
        """Headers of a caller."""
        return {"authorization": f"Bearer {role} {unit} {area}", **more}

    def keeper(self, form: str, **more: str) -> dict[str, str]:
        """Headers of a clerk of the unit that keeps the register."""
        return self.as_(**keeper(form), **more)

    def office(self, form: str) -> dict[str, str]:
        """Headers of a clerk of the office above the units that keep the register, with a purpose: reads who people are."""
        return self.as_(**clerk(OFFICES[form]), **{"Khopso-Purpose": "inspection"})

    async def post_row(self, form: str, row: dict[str, Any], **caller: str) -> httpx.Response:
        """One row by the single-record route; without a caller, by the unit that it is of."""
        headers = self.as_(**(caller or keeper(form, [row])))
        return await self.client.post(f"/v1/forms/{form}", json=row, headers=headers)

    async def post_rows(
        self,
        form: str,
        rows: list[dict[str, Any]],
        *,
        unit: str | None = None,
        dry_run: bool = False,
        by: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Rows by the batch route, numbered from 2 as in a sheet; the answer of a 200.

        Without ``by``, by the unit that they are of, or by the office above their units.
        """
        body: dict[str, Any] = {
            "rows": [{"row": number, "values": row} for number, row in enumerate(rows, 2)],
            "dry_run": dry_run,
        }
        headers = self.as_(**(by or keeper(form, rows, unit)))
        if unit is not None or by is None:
            body["unit"] = unit or KEEPERS[form]
        answer = await self.client.post(f"/v1/forms/{form}/records", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def events(self) -> list[Any]:
        """Every event in the outbox, in order, each of the model of its type and valid against its contract."""
        async with self.platform.uow() as session:
            rows = await session.execute(
                text("SELECT topic, key, subject, sequence, payload FROM outbox ORDER BY id")
            )
            found = []
            for topic, key, subject, sequence, payload in rows:
                event = parse_event(topic, bytes(payload))
                assert (event.partitionkey, event.subject, event.sequence) == (key, subject, sequence)
                found.append(event)
        return found

    async def query(self, statement: str, **values: Any) -> list[Any]:
        """Rows of a statement."""
        async with self.platform.uow() as session:
            return list(await session.execute(text(statement), values))

    async def dump(self) -> str:
        """Every readable value of every table, as one text."""
        tables = await self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        parts: list[str] = []
        for (table,) in tables:
            rows = await self.query(f'SELECT to_jsonb(t)::text FROM "{table}" AS t')
            parts.extend(str(row[0]) for row in rows)
        payloads = await self.query(
            "SELECT convert_from(payload, 'UTF8') FROM outbox WHERE payload IS NOT NULL"
        )
        return "\n".join([*parts, *(str(row[0]) for row in payloads)])


@asynccontextmanager
async def running(
    name: str,
    compose: Compose,
    database_url: str,
    clock: Clock = system_clock,
    settings: ServiceSettings | None = None,
    verifier: OpenVerifier | None = None,
    *,
    migrated: bool = False,
) -> AsyncIterator[Service]:
    """The service migrated and composed, its HTTP application reachable without a network."""
    if not migrated:
        migrations.upgrade(settings_for(database_url, service=name), f"services.{name}")
    platform = dataclasses.replace(
        Platform.of(settings or settings_for(database_url, service=name)),
        verifier=cast(TokenVerifier, verifier or OpenVerifier()),
        clock=clock,
        hashing=hashing_client(),
    )
    transport = httpx.ASGITransport(app=http_app(platform, compose(platform), ["api"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield Service(name, platform, client)
    await platform.close()


async def emptied(service: Service, *, listed: bool = True) -> Service:
    """The service without records and events; `treatment` knows the two facilities of `keepers` where ``listed``."""
    async with service.platform.uow() as session:
        await session.execute(text("TRUNCATE record, record_version, person_ref, outbox"))
        # Not every service has registers that are handed in period by period, or that are searched.
        for table in ("statement", "record_search", "draft", "preview", "day_change", "withdrawal"):
            if (await session.execute(text(f"SELECT to_regclass('{table}')"))).scalar() is not None:
                await session.execute(text(f"TRUNCATE {table}"))
    if listed and service.platform.settings.service == "treatment":
        for unit, row in LISTED:
            answer = await service.post_row("facilities", row, **clerk(unit))
            assert answer.status_code == 201, answer.text
        async with service.platform.uow() as session:
            await session.execute(text("TRUNCATE outbox"))
    return service


def types(events: list[Envelope]) -> list[str]:
    """The events' types without service and version: ``methadone.enrolled``."""
    return [event.type.partition(".")[2].removesuffix(".v1") for event in events]
