"""The background work that looks at followed figures whenever the tables have moved, and tells what has changed."""

import asyncio
from datetime import date

from contracts.envelope import VIETNAM
from services.chassis.db import is_outage
from services.chassis.logging import describe, get_logger
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.waiting import pause
from services.reporting import desk
from services.reporting.figures.answer import answer, read_watermark
from services.reporting.figures.questions import Question, parse_question
from services.reporting.publishing import following
from services.reporting.publishing.following import Follow, Told

log = get_logger(__name__)
_LOOK_SECONDS = 0.5


class Follower:
    """Runs in the role ``consume``. Several processes may look; what one has told, no other tells again."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._seen: tuple[str, date, int] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`. Raises only what is a fault of this program."""
        while not stop.is_set():
            try:
                await self.look()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("following interrupted, trying again", **describe(error))
            await pause(stop, _LOOK_SECONDS)

    async def look(self) -> int:
        """Tell every change of every followed figure since it was told last; the number of events."""
        async with self._platform.uow() as session:
            follows = await following.listed(session)
        if not follows:
            return 0
        now = self._platform.clock()
        answers: list[tuple[Follow, Question, Told]] = []
        async with desk.reading(self._platform.uow) as (connection, number):
            watermark = await read_watermark(connection, number)
            # A question without a day is about today, so a new day moves it as well as a new fact.
            seen = (str(watermark), now.astimezone(VIETNAM).date(), len(follows))
            if seen == self._seen:
                return 0
            for follow in follows:
                try:
                    question = parse_question(follow.figure, follow.asked, now)
                except Problem as problem:
                    # A rolling question can outlive its area; the follow stays and says nothing.
                    log.warning("followed figure cannot be asked", follow=str(follow.id), rule=problem.rule)
                    continue
                document = await answer(connection, question, now)
                answers.append((follow, question, following.values_of(document, question.by)))
        told = 0
        for follow, question, values in answers:
            found = following.changes(follow.told, values)
            if not found:
                continue
            events = following.events_of(follow, question, found, str(watermark), now, self._platform.new_id)
            async with self._platform.uow() as session:
                if await following.tell(session, follow, values, events, now):
                    told += len(events)
        self._seen = seen
        return told
