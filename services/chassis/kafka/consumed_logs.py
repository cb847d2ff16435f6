"""The logs that a consumer reads: which partitions exist, and whether its positions belong to them or to lost logs."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from services.chassis.kafka import positions
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.log_epochs import AGED, LogWatch, changed
from services.chassis.kafka.positions import Partition, Position
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger, pause

log = get_logger(__name__)
_LOOK_SECONDS = 0.25


class ConsumedLogs:
    """Watches the partitions of some topics for one consumer.

    ``truncated`` names partitions whose log ends before the consumer's position though its epoch looks unchanged; the
    next `awaited` starts them again.
    """

    def __init__(self, platform: Platform, consumer: str, topics: Iterable[TopicLike]) -> None:
        self._platform = platform
        self._consumer = consumer
        self._partitions = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
        self._watch = LogWatch(platform.settings, consumer)
        self.truncated: set[Partition] = set()

    async def awaited(self, stop: asyncio.Event, beat: Callable[[], None]) -> dict[Partition, str]:
        """Return the log epochs of the partitions that exist, with positions in each; empty when asked to stop.

        Waits until at least one partition exists: topics are created by the relay of the service that owns them.
        Raises LogUnreachableError.
        """
        said = False
        while not stop.is_set():
            beat()
            seen = {at: epoch for at, epoch in (await self.read()).items() if epoch is not None}
            if seen:
                await self._align(seen)
                return seen
            if not said:
                topics = sorted({topic for topic, _ in self._partitions})
                log.info("consumer waits for its topics", consumer=self._consumer, topics=topics)
                said = True
            await pause(stop, _LOOK_SECONDS)
        return {}

    async def read(self) -> dict[Partition, str | None]:
        """Return the log epoch of every partition, None where there is no log; raises LogUnreachableError."""
        return await self._watch.read(self._partitions)

    async def close(self) -> None:
        """Close the connections to the broker."""
        await self._watch.close()

    async def _align(self, seen: Mapping[Partition, str]) -> None:
        """Store a position for partitions without one; where the log is another one, set the position to its beginning."""
        async with self._platform.uow() as session:
            known = await positions.load(session, self._consumer)
            for at, epoch in sorted(seen.items()):
                if at not in known:
                    await positions.start(session, self._consumer, at, epoch)
                    continue
                lost = at in self.truncated or changed(known[at].epoch, epoch)
                # False where another process of this consumer was faster and has logged it already.
                if lost and await positions.restart(session, self._consumer, at, known[at].epoch, epoch):
                    self._lost(at, known[at])
        self.truncated.clear()

    def _lost(self, at: Partition, was: Position) -> None:
        self._platform.metrics.log_lost.labels("consumer", at[0]).inc()
        log.error(
            "LOG LOST: the broker has another log of this partition; applying it from its beginning",
            consumer=self._consumer,
            topic=at[0],
            partition=at[1],
            had_applied_up_to=was.next_offset,
        )


def is_another(assigned: Mapping[Partition, str], seen: Mapping[Partition, str | None]) -> bool:
    """Return whether a partition has appeared, or a log was replaced, since the consumer began to work."""
    return any(
        epoch is not None and (at not in assigned or changed(assigned.get(at, AGED), epoch))
        for at, epoch in seen.items()
    )
