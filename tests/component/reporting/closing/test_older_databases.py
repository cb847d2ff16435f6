"""A database that was made before periods could be closed."""

from dataclasses import replace
from datetime import date

import psycopg

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.reporting.closing.ordering import Acceptance, Order
from services.reporting.closing.usecases import close, replay
from services.reporting.figures import Reader
from tests.component.reporting.closing.conftest import CALLERS, OFFICE_KEY
from tests.support.clock import FixedClock
from tests.support.reporting import NOW, Log, fold, listed, queries_of, reporting_settings


async def test_an_older_database_learns_to_close_and_keeps_what_events_replace(
    server: PostgresServer,
) -> None:
    url = server.ensure_service("older", "a-password")
    settings = reporting_settings(url, signing_key=OFFICE_KEY)
    migrations.upgrade(settings, "services.reporting", revision="0001_reporting")
    with psycopg.connect(url) as connection:
        kept = connection.execute("SELECT to_regclass('g1.link_replaced')").fetchone()
    assert kept == (None,)
    migrations.upgrade(settings, "services.reporting", revision="0006_publishing")
    platform = replace(Platform.of(settings), clock=FixedClock(NOW))
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1))
    await fold(platform, log.messages)
    migrations.upgrade(settings, "services.reporting")
    listed(log, "binh", "user", date(2023, 2, 1))
    for who in ("an", "binh"):
        log.link(who, "one", known=date(2023, 2, 1))
    await fold(platform, log.messages)
    queries, official = queries_of(platform), Reader.of(CALLERS["official"], NOW.date())
    sealed = await close(
        platform,
        queries,
        official,
        Order("civil", "2023", figures="police", accepted=Acceptance("Trần Thị Thử", "a drill")),
    )
    log.link("an", "one", known=date(2023, 2, 1), unlink=True)
    await fold(platform, log.messages)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT id FROM closing").fetchone()
        kept = connection.execute("SELECT count(*) FROM g1.link_replaced").fetchone()
    assert found is not None
    assert kept == (1,)
    assert sealed
    assert (await replay(platform, queries, official, found[0]))["equal"]
    await platform.close()
