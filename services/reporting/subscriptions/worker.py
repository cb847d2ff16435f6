"""The background loop that computes subscribed figures whenever the tables have changed, and notifies of new values."""

import asyncio
from datetime import date, datetime
from uuid import UUID

from contracts.envelope import VIETNAM
from services.chassis.persistence import look_until
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.reporting.figures import QueryService, Question, Reader, Reading
from services.reporting.subscriptions import model, repository
from services.reporting.subscriptions.model import Follow, Values

log = get_logger(__name__)
_LOOK_SECONDS = 0.5
_State = tuple[str, date, dict[UUID, int]]
"""What can cause a notification: the watermark, today (a question without a day is about today), and the number of the
last notification of each subscription."""
_Answered = list[tuple[Follow, Question, Values]]


class Notifier:
    """Runs in the role ``consume``. Several processes may look; each change is notified by one of them only."""

    def __init__(self, platform: Platform, queries: QueryService) -> None:
        self._platform = platform
        self._queries = queries
        self._seen: _State | None = None
        self._silent: set[UUID] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Look for changes until ``stop`` is set. Outages are waited out; only faults of this program are raised."""
        await look_until(stop, self.look, _LOOK_SECONDS, log, "following")

    async def look(self) -> int:
        """Notify of every change of every subscribed figure since its last notification; return the number of events."""
        async with self._platform.uow() as session:
            follows = await repository.listed(session)
        if not follows:
            return 0
        now = self._platform.clock()
        # A rebuild can drop the tables during the reading; then the tables of the next generation are read.
        watermark, seen, answered = await self._queries.read(
            lambda reading: self._answers(reading, follows, now)
        )
        sent = 0
        for follow, question, values in answered:
            found = model.changes(model.named_by_uid(follow.told, question), values)
            if not found:
                continue
            events = model.events_of(follow, question, found, watermark, now, self._platform.new_id)
            async with self._platform.uow() as session:
                if await repository.notify(session, follow, values, events, now):
                    sent += len(events)
                    # Our own notifications must not look like a change at the next look.
                    seen[2][follow.id] += len(events)
        # Set only after every notification: a look that was interrupted is done again in full.
        self._seen = seen
        return sent

    async def _answers(
        self, reading: Reading, follows: list[Follow], now: datetime
    ) -> tuple[str, _State, _Answered]:
        """Compute the values of every subscription from one state of the tables; none where nothing changed since the last look."""
        watermark = str(reading.watermark)
        today = now.astimezone(VIETNAM).date()
        seen = (watermark, today, {follow.id: follow.sequence for follow in follows})
        answered: _Answered = []
        if seen != self._seen:
            units = await reading.units()
            for follow in follows:
                reader = Reader.of(follow.follower, today, units)
                question = self._question(follow, reader, now)
                if question is not None:
                    document = await reading.answer(question, reader, now)
                    answered.append((follow, question, model.values_of(document, question)))
        return watermark, seen, answered

    def _question(self, follow: Follow, reader: Reader, now: datetime) -> Question | None:
        """Return the question of a subscription now; None, with one line in the log, where it cannot or may not be asked."""
        try:
            question = model.question_of(self._queries, follow, reader, now)
        except Problem as problem:
            # Logged once when notifications stop; a line at every look would fill the log.
            if follow.id not in self._silent:
                log.warning("followed figure is not told", follow=str(follow.id), rule=problem.rule)
            self._silent.add(follow.id)
            return None
        # Notifications continue, so it is logged again when they stop a second time.
        self._silent.discard(follow.id)
        return question
