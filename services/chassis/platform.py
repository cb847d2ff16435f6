"""The parts that a service is composed from, made once per process from its settings."""

import asyncio
from dataclasses import dataclass, field

from services.chassis.persistence import Database, UnitOfWork, is_outage
from services.chassis.runtime import (
    Clock,
    Health,
    Metrics,
    NewId,
    ServiceSettings,
    Tracing,
    system_clock,
    uuid7,
)
from services.chassis.security import FieldCipher, Refusals, TokenVerifier
from services.linkage import LinkageKeys

_REFUSALS = 60


@dataclass(frozen=True, slots=True)
class Platform:
    """What composition roots hand to their features. Tests replace single parts with `dataclasses.replace`."""

    settings: ServiceSettings
    database: Database
    uow: UnitOfWork
    verifier: TokenVerifier
    cipher: FieldCipher
    linkage: LinkageKeys
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
        return cls(
            settings=settings,
            database=database,
            uow=UnitOfWork(database),
            verifier=TokenVerifier.of(settings),
            cipher=FieldCipher.of(settings),
            linkage=LinkageKeys(settings.linkage_secret.get_secret_value().encode()),
            metrics=Metrics(settings.service),
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
        await self.database.close()
        await asyncio.to_thread(self.tracing.close)
