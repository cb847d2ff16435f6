"""Health of a service's consumers, which every process of the service can report from the database."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

from services.chassis.kafka import standing
from services.chassis.persistence import is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, pause
from texts import message

log = get_logger(__name__)


class ConsumersWatch:
    """What the database says about the consumers of a service; ``names`` gives those of now.

    ``migrated`` tells whether the database has its tables: until then there is nothing to say.
    Faults that end a process are counted under a name of the role ``consume``: all its parts end together.
    """

    def __init__(
        self, platform: Platform, names: Callable[[], Iterable[str]], migrated: Callable[[], bool]
    ) -> None:
        self._platform = platform
        self._migrated = migrated
        self._names = names
        self._role = f"{platform.settings.service}-consume"

    async def going_on(self) -> bool | str:
        """Return True where all consumers go on, else which does not and why."""
        return await self.trouble() or True

    async def trouble(self) -> bool | str:
        """Return which consumer does not go on and why; False where all do."""
        if not self._migrated():
            return False
        still = timedelta(seconds=self._platform.settings.standing_limit_seconds)
        async with self._platform.probing() as session:
            found = await standing.troubles(session, [self._role, *self._names()], still)
        return "; ".join(message(one.rule, consumer=one.consumer, what=one.what).en for one in found) or False

    async def note_failure(self, error: BaseException) -> None:
        """Store that a fault ends this process, so that it is reported after the process has been started again."""
        try:
            async with self._platform.probing() as session:
                await standing.note_failure(session, self._role, type(error).__name__)
        except Exception as away:  # noqa: BLE001 - the process ends by the first fault, whatever this one is
            log.warning("the fault is not counted", **describe(away))

    async def forget_failures(self, stop: asyncio.Event) -> None:
        """Delete the count of faults after the process has run for a while without one."""
        seconds = self._platform.settings.heartbeat_limit_seconds
        while not stop.is_set():
            await pause(stop, seconds)
            try:
                async with self._platform.probing() as session:
                    await standing.note_success(session, self._role)
            except Exception as error:
                if not is_outage(error):
                    raise
