"""The parts that a service is composed from, made once per process from its settings."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from services.chassis.persistence import Database, UnitOfWork, is_outage, revoked
from services.chassis.runtime import (
    Clock,
    Health,
    Metrics,
    NewId,
    ServiceSettings,
    Tracing,
    system_clock,
    uuid7,
    watch_certificates,
)
from services.chassis.security import FieldCipher, HashingClient, Refusals, Revocations, TokenVerifier

_REFUSALS = 60


async def _revoked(work: UnitOfWork) -> Collection[str]:
    async with work() as session:
        return [str(row["id"]) for row in await revoked(session, system_clock())]


@dataclass(frozen=True, slots=True)
class Platform:
    """What composition roots hand to their features. Tests replace single parts with `dataclasses.replace`."""

    settings: ServiceSettings
    database: Database
    uow: UnitOfWork
    verifier: TokenVerifier
    cipher: FieldCipher
    hashing: HashingClient | None
    digest_key: bytes
    metrics: Metrics
    health: Health
    clock: Clock = field(default=system_clock)
    new_id: NewId = field(default=uuid7)
    tracing: Tracing = field(default_factory=Tracing)
    refusals: Refusals = field(default_factory=lambda: Refusals(_REFUSALS))

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Platform":
        """Return everything that the settings describe; opens no connection yet."""
        database = Database.of(settings)
        uow = UnitOfWork(database)
        metrics = Metrics(settings.service)
        watch_certificates(metrics, settings.certificate_files)
        return cls(
            settings=settings,
            database=database,
            uow=uow,
            verifier=TokenVerifier.of(settings, Revocations(partial(_revoked, uow), is_outage)),
            cipher=FieldCipher.of(settings),
            hashing=HashingClient.of(settings),
            digest_key=settings.digest_key.get_secret_value().encode(),
            metrics=metrics,
            health=Health(settings.heartbeat_limit_seconds, passing=is_outage),
            tracing=Tracing.of(settings),
            refusals=Refusals(settings.refusals_per_minute),
        )

    @property
    def probing(self) -> UnitOfWork:
        """Return transactions for probes of health, which no request can keep from their connection."""
        return UnitOfWork(self.database, engine=self.database.probes)

    async def close(self) -> None:
        """Close the connections and send the last spans."""
        await self.verifier.close()
        if self.hashing is not None:
            await self.hashing.close()
        await self.database.close()
        await asyncio.to_thread(self.tracing.close)
