"""Days off that were changed while the system runs reach a service over Kafka, also what was told while it was down."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from contracts.topics import TOPICS
from services.chassis.platform import Platform
from services.registers.days_off import days_off_at, days_off_consumer
from tests.support.days_off import tell
from tests.support.fixtures import Broker
from tests.support.rig import relay_of, working
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(120)
TOPIC = TOPICS["reporting.calendars"]
STORM, AFTER = date(2024, 11, 19), date(2024, 11, 20)


async def test_a_service_keeps_what_was_changed_and_catches_up_with_what_it_missed(
    platforms: Callable[..., Platform], migrated_database: Callable[[str], str], broker: Broker
) -> None:
    platform = platforms(migrated_database("incidents"), broker, service="incidents")
    now = platform.clock()

    async def working_days() -> tuple[bool, bool]:
        async with platform.uow() as session:
            known = await days_off_at(session, now)
        return known.is_working_day(STORM), known.is_working_day(AFTER)

    async def are(*wanted: bool) -> bool:
        return await working_days() == wanted

    async with working(relay_of(platform, TOPIC).run):
        # Given a service that hears that a day is off
        async with working(days_off_consumer(platform).run):
            async with platform.uow() as session:
                await tell(session, 1, "off", "2024-11-19", "2024-11-19", now - timedelta(hours=2))
            await eventually(lambda: are(False, True), deadline=60)
        # When it is down while another confirmation says that it was the day after
        async with platform.uow() as session:
            await tell(session, 2, "listed", "2024-11-19", "2024-11-19", now - timedelta(hours=1))
            await tell(session, 3, "off", "2024-11-20", "2024-11-20", now - timedelta(hours=1))
        # Then it knows once it is back
        async with working(days_off_consumer(platform).run):
            await eventually(lambda: are(True, False), deadline=60)
