"""The parts of a gateway, made once per process from its settings."""

from dataclasses import dataclass

import httpx

from services.chassis.persistence import Database, UnitOfWork, is_outage, migrations
from services.chassis.runtime import Clock, Health, Metrics, Tracing, system_clock, uuid7
from services.chassis.security import FieldCipher, TokenVerifier
from services.gateway.asking import Asker
from services.gateway.cookies import Cookies
from services.gateway.forwarding import Forwarder
from services.gateway.kept import KeptForms
from services.gateway.locking import Locks
from services.gateway.provider import Provider
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings

_PACKAGE = "services.gateway"


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the routes are made of."""

    settings: GatewaySettings
    database: Database
    client: httpx.AsyncClient
    provider: Provider
    sessions: Sessions
    locks: Locks
    kept: KeptForms
    forwarder: Forwarder
    asker: Asker
    cookies: Cookies
    cipher: FieldCipher
    metrics: Metrics
    health: Health
    tracing: Tracing
    clock: Clock

    @classmethod
    def of(
        cls,
        settings: GatewaySettings,
        *,
        client: httpx.AsyncClient | None = None,
        services: httpx.AsyncBaseTransport | None = None,
        clock: Clock = system_clock,
    ) -> "Gateway":
        """Return everything that the settings describe. ``client`` asks the provider, ``services`` the services."""
        database = Database.of(settings)
        # Whom it asks is configured: a proxy of the environment would read codes and tokens.
        client = client or httpx.AsyncClient(trust_env=False, follow_redirects=False)
        provider = Provider(settings, client, lambda: clock().timestamp())
        cipher, metrics = FieldCipher.of(settings), Metrics(settings.service)
        verifier = TokenVerifier(
            settings.jwks_url,
            settings.token_issuer,
            settings.token_audience,
            cache_seconds=settings.jwks_cache_seconds,
            max_lifetime_seconds=settings.token_max_lifetime_seconds,
            client=client,
            now=lambda: clock().timestamp(),
        )
        sessions = Sessions(UnitOfWork(database), cipher, provider, verifier, settings, metrics, clock)
        health = Health(settings.heartbeat_limit_seconds, passing=is_outage)
        made = cls(
            settings=settings,
            database=database,
            client=client,
            provider=provider,
            sessions=sessions,
            locks=Locks(UnitOfWork(database), cipher, sessions, metrics, clock),
            kept=KeptForms(UnitOfWork(database), cipher, clock, uuid7),
            forwarder=Forwarder(settings, services),
            asker=Asker(settings, services),
            cookies=Cookies(settings),
            cipher=cipher,
            metrics=metrics,
            health=health,
            tracing=Tracing.of(settings),
            clock=clock,
        )
        health.ready_when("migrations", made._migrated)
        return made

    async def _migrated(self) -> bool:
        return await migrations.at_head(self.database.probes, _PACKAGE)

    async def close(self) -> None:
        """Close the connections."""
        await self.forwarder.close()
        await self.asker.close()
        await self.client.aclose()
        await self.database.close()
