"""Running a service: roles, signals, the order of starting and stopping.

``python -m services.<name> ROLE…`` with the roles ``migrate``, ``api``, ``consume``, ``relay``, ``all``; several
may be named, also joined by commas. Every role but ``migrate`` serves /live, /ready and /metrics.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NoReturn

import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData
from starlette.middleware import Middleware

from contracts.forms import FORMS
from services.chassis import migrating
from services.chassis.http import (
    Key,
    Lifespan,
    QuietServer,
    announcing,
    approvals_router,
    audit_router,
    create_app,
    create_operations_app,
    looks_router,
    operations,
    server_config,
    status_router,
    tokens_router,
)
from services.chassis.kafka import (
    Consumer,
    ConsumersWatch,
    Relay,
    Retired,
    TopicLike,
    dead_letter_topic,
    measure_until,
)
from services.chassis.operating import operating_router
from services.chassis.persistence import is_outage, migrations
from services.chassis.platform import Platform
from services.chassis.runtime import (
    ServiceSettings,
    check_province_or_exit,
    describe,
    get_logger,
    load_or_exit,
    logging,
    pause,
)
from services.chassis.web import Link, ProblemPages, add_interface_page

log = get_logger(__name__)

Role = Literal["api", "consume", "relay"]
ROLES: tuple[Role, ...] = ("api", "consume", "relay")
EXIT_USAGE, EXIT_FAILED = 2, 1
Background = Callable[[asyncio.Event], Awaitable[None]]
"""Work that runs until its event is set."""


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """What a service's ``app.py`` composes.

    ``topics`` are those that its relay creates and fills. ``consumers`` run in the role ``consume``, as does
    ``consume_background``; ``more_consumers`` names consumers that come and go (for retrying dead letters), and
    ``reads`` the topics that they read. ``retired`` names consumers that /v1/progress passes over. ``audited``: reads are
    written to the audit (`audit`), its heads signed with ``audit_key`` if there is one. ``tables`` are all tables of its
    database as they are declared: migrations are compared with them. ``answers_from_consumers``: what it answers is what
    its consumers have applied, so that it is not ready anywhere while one of them does not go on. ``pages`` are made with
    `page_router`: where there are any, a browser gets problems as pages too, and operators theirs (`operating_router`), with
    ``operators_links`` to what the service alone has for them.
    """

    package: str
    routers: Sequence[APIRouter] = ()
    topics: Sequence[TopicLike] = ()
    consumers: Sequence[Consumer] = ()
    reads: Sequence[TopicLike] = ()
    more_consumers: Callable[[], Iterable[Consumer]] = tuple
    consume_background: Sequence[Background] = ()
    api_background: Sequence[Background] = ()
    lifespan: Sequence[Lifespan] = ()
    retired: Retired | None = None
    audited: bool = False
    audit_key: Key | None = None
    tables: MetaData = field(default_factory=MetaData)
    answers_from_consumers: bool = False
    pages: Sequence[APIRouter] = ()
    operators_links: tuple[Link, ...] = ()

    def names(self) -> list[str]:
        """Return the names of the consumers of now."""
        return [consumer.name for consumer in self.all_consumers()]

    def all_consumers(self) -> list[Consumer]:
        """Return the consumers of now."""
        return [*self.consumers, *self.more_consumers()]

    def relayed(self, dead_letter_days: int) -> list[TopicLike]:
        """Return the topics of the relay: the service's own, and those of the dead letters of what it reads."""
        read = {topic.name for consumer in self.all_consumers() for topic in consumer.topics.values()}
        read |= {topic.name for topic in self.reads}
        return [*self.topics, *(dead_letter_topic(name, dead_letter_days) for name in sorted(read))]


Compose = Callable[[Platform], ServiceApp]


def http_app(platform: Platform, app: ServiceApp, roles: Iterable[Role] = ROLES) -> FastAPI:
    """Return the HTTP application: all routes in the role ``api``, else only those that need no token."""
    routers: list[APIRouter] = []
    if "api" in set(roles):
        routers = [
            *app.routers,
            *app.pages,
            operations.router(platform, app.all_consumers),
            status_router(platform, app.names, app.retired),
            tokens_router(platform),
            approvals_router(),
        ]
    if routers and app.pages:
        routers.append(operating_router(platform, app.all_consumers, app.retired, app.operators_links))
    if routers and app.audited:
        routers += [audit_router(platform, app.audit_key), looks_router()]
    made = create_app(
        platform,
        routers=routers,
        lifespan=app.lifespan,
        retired=app.retired,
        audited=app.audited,
        around=[Middleware(ProblemPages)] if app.pages else [],
    )
    if platform.settings.operations_port is None:
        add_interface_page(made, made.openapi)
    return made


def main(
    service: str,
    compose: Compose,
    *,
    settings: type[ServiceSettings] = ServiceSettings,
    argv: Sequence[str] | None = None,
) -> NoReturn:
    """Read the settings, run the roles and end the process; called by ``services/<name>/__main__.py``."""
    names = [name for word in (sys.argv[1:] if argv is None else argv) for name in word.split(",") if name]
    unknown = [name for name in names if name not in (*ROLES, "all", "migrate")]
    if unknown or not names or ("migrate" in names and len(names) > 1):
        sys.stderr.write(f"usage: python -m services.{service} migrate | {{api|consume|relay|all}}…\n")
        raise SystemExit(EXIT_USAGE)
    if names == ["migrate"]:
        migrating.main(service, settings)
    loaded = load_or_exit(settings, service=service)
    check_province_or_exit(FORMS)
    logging.configure(service, loaded.log_level)
    roles: set[Role] = set(ROLES) if "all" in names else {role for role in ROLES if role in names}
    raise SystemExit(asyncio.run(_run(Platform.of(loaded), compose, roles)))


async def _run(platform: Platform, compose: Compose, roles: set[Role]) -> int:
    running = Running(platform, compose(platform), roles)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    return await running.run()


@dataclass(slots=True)
class Running:
    """One process of a service with some of its roles; tests run it inside their own loop."""

    platform: Platform
    app: ServiceApp
    roles: set[Role]
    server: uvicorn.Server = field(init=False)
    operations_server: uvicorn.Server | None = field(default=None, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _migrated: bool = field(default=False, init=False)
    _failed: bool = field(default=False, init=False)
    _watch: ConsumersWatch = field(init=False)

    def __post_init__(self) -> None:
        settings = self.platform.settings
        self._watch = ConsumersWatch(
            self.platform,
            self.app.names,
            lambda: self._migrated,
        )
        app = http_app(self.platform, self.app, self.roles)
        self.server = QuietServer(server_config(app, settings, settings.http_host, settings.http_port))
        if settings.operations_port is not None:
            operators = create_operations_app(self.platform, app)
            add_interface_page(operators, app.openapi)
            self.operations_server = QuietServer(
                server_config(operators, settings, settings.operations_host, settings.operations_port)
            )

    def stop(self) -> None:
        """Begin to stop the parts in their order; called by signals."""
        self.platform.health.start_draining()
        self._stopping.set()

    async def run(self) -> int:
        """Run until `stop` or until a part fails; the exit status."""
        health, settings = self.platform.health, self.platform.settings
        health.ready_when("migrations", self._at_head)
        health.ready_when("database has room", self._has_room)
        if "consume" in self.roles:
            health.ready_when("consumers", self._consumers_ready)
        if "consume" in self.roles or self.app.answers_from_consumers:
            health.ready_when("applying", self._watch.going_on)
        else:
            # Hand-ins are accepted meanwhile, since consumers can apply them later.
            health.degraded_when("applying", self._watch.trouble)
        gc.freeze()  # what start-up made stays; the collector need not look at it again
        beat_stop, consume_stop, relay_stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
        beat = asyncio.create_task(health.beat_until("loop", beat_stop), name="heartbeat")
        servers = [server for server in (self.server, self.operations_server) if server is not None]
        http = [asyncio.create_task(server.serve(), name="http") for server in servers]
        consumers = [asyncio.create_task(part, name="consume") for part in self._consuming(consume_stop)]
        relays = [asyncio.create_task(part, name="relay") for part in self._relaying(relay_stop)]
        log.info("started", roles=sorted(self.roles))
        await self._until_stopped([*http, *consumers, *relays])
        # Down in the order of the flow: no new requests, then no new batches, then the outbox they filled.
        self.stop()
        for server in servers:
            server.should_exit = True
        consume_stop.set()
        # Four seconds are kept for the relay, which must still send what these parts have put into the outbox.
        await _ended([*http, *consumers], settings.graceful_seconds - 4)
        relay_stop.set()
        await _ended(relays, 4)
        beat_stop.set()
        await _ended([beat], 1)
        await self.platform.close()
        log.info("stopped", failed=self._failed)
        return EXIT_FAILED if self._failed else 0

    def _consuming(self, stop: asyncio.Event) -> list[Any]:
        parts: list[Any] = []
        if "consume" in self.roles:
            parts.append(self._after_migration(self._watch.forget_failures, stop))
            parts += [self._after_migration(consumer.run, stop) for consumer in self.app.consumers]
            parts += [self._after_migration(work, stop) for work in self.app.consume_background]
        if "api" in self.roles:
            parts += [self._after_migration(work, stop) for work in self.app.api_background]
            if self.app.audited:
                heads = announcing(self.platform, self.app.audit_key)
                parts.append(self._after_migration(heads, stop))
        return parts

    def _relaying(self, stop: asyncio.Event) -> list[Any]:
        if "relay" not in self.roles:
            return []
        days = self.platform.settings.dead_letter_retention_days
        # The backlog is measured by itself: while the broker is away, the relay gets no further than its door.
        return [
            self._after_migration(Relay(self.platform, self.app.relayed(days)).run, stop),
            self._after_migration(partial(measure_until, self.platform), stop),
        ]

    async def _after_migration(self, work: Background, stop: asyncio.Event) -> None:
        said = False
        while not stop.is_set():
            try:
                if await self._at_head():
                    await work(stop)
                    return
            except Exception as error:
                # Before the migrations the database may still be starting; later the work itself rides out outages.
                if self._migrated or not is_outage(error):
                    raise
            if not said:
                log.warning("waiting for the database and its migrations")
                said = True
            await pause(stop, 0.5)

    async def _at_head(self) -> bool:
        if not self._migrated:
            self._migrated = await migrations.at_head(self.platform.database.probes, self.app.package)
            return self._migrated
        return await migrations.reachable(self.platform.database.probes)

    async def _has_room(self) -> bool:
        return self.platform.uow.has_room()

    async def _consumers_ready(self) -> bool:
        return all(consumer.ready for consumer in self.app.consumers)

    async def _until_stopped(self, parts: Sequence[asyncio.Task[Any]]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
        for part in done - {stopping}:
            error = part.exception()
            # A part that ends before it was asked to has failed, and the exit status must say so.
            self._failed = True
            log.error("a part has ended", part=part.get_name(), **(describe(error) if error else {}))
            if error is not None and part.get_name() == "consume":
                await self._watch.note_failure(error)
        stopping.cancel()


async def _ended(parts: Sequence[asyncio.Task[Any]], seconds: float) -> None:
    if not parts:
        return
    done, late = await asyncio.wait(parts, timeout=max(seconds, 0.1))
    for part in late:
        log.warning("did not stop in time", part=part.get_name())
        part.cancel()
    if late:
        await asyncio.wait(late, timeout=1)
    for part in done:
        if not part.cancelled() and (error := part.exception()) is not None:
            log.error("ended with an error", part=part.get_name(), **describe(error))
