"""Apply the messages of one poll: in transactions that store the positions too, with retries and dead letters.

A *poll* is one fetch of records from Kafka. A message that cannot be applied is found and stored as a dead letter, so that
the other messages of the poll are applied.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.chassis.kafka import circuit_breaker, dead_letters, positions
from services.chassis.kafka.circuit_breaker import InARow
from services.chassis.kafka.delivery import MARKER_TYPE, Delivered, Permanent, Retryable, Undelivered, Waiting
from services.chassis.kafka.measures import Measures
from services.chassis.kafka.middleware import Apply
from services.chassis.kafka.positions import Partition, Position, StalePosition
from services.chassis.persistence import AsyncSession, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger

log = get_logger(__name__)

Item = Delivered | Undelivered
Refused = Callable[[Undelivered, AsyncSession], Awaitable[None]]
"""Answers the sender of a message that becomes a dead letter, in the transaction that stores the letter."""
_FIRST_PAUSE_SECONDS = 0.05


class CircuitOpenError(Exception):
    """Too many dead letters in a row: nothing further is applied until an operator resumes the consumer."""


class _AbandonedError(Exception):
    """The group takes partitions away, or the process stops; the next owner applies what is not committed."""


@dataclass(frozen=True, slots=True)
class _Poll:
    """How the items of one poll are applied, and the offsets of all of them by partition."""

    apply: Apply
    offsets: Mapping[Partition, list[int]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Items of one transaction, the count of dead letters in a row after them, and whether that count is too high."""

    items: list[Item]
    in_a_row: InARow
    trips: bool


class Applier:
    """Applies items for one consumer. ``cursor`` holds the positions of the partitions that it owns now."""

    def __init__(
        self, platform: Platform, consumer: str, *, outsiders: bool = False, refused: Refused | None = None
    ) -> None:
        self._outsiders = outsiders
        self._refused = refused
        self._platform = platform
        self._settings = platform.settings
        self._consumer = consumer
        self._measures = Measures(platform, consumer)
        self._owned: set[Partition] = set()
        self._in_a_row = InARow()
        self._all: dict[Partition, Position] = {}
        self.cursor: dict[Partition, Position] = {}
        self.draining = False
        self.tripped = False
        self.failure: Exception | None = None
        self.attention = asyncio.Event()

    async def load(self) -> None:
        """Read the positions and the state of the circuit breaker."""
        async with self._platform.uow() as session:
            state = await circuit_breaker.load(session, self._consumer)
        self._in_a_row = InARow(state.consecutive)
        self.tripped = state.stopped_at is not None
        self.failure = None
        self.attention.clear()
        await self.reload()

    async def tripped_because(self) -> str | None:
        """Return why the circuit breaker stops the consumer, None when it may run."""
        async with self._platform.uow() as session:
            state = await circuit_breaker.load(session, self._consumer)
        self.tripped = state.stopped_at is not None
        return (state.reason or "") if self.tripped else None

    def own(self, partitions: Sequence[Partition], *, more: bool = False) -> None:
        """Note that this process owns these partitions from now on: only these, or with ``more`` these as well."""
        self._owned = self._owned | set(partitions) if more else set(partitions)
        self.cursor = {at: position for at, position in self._all.items() if at in self._owned}

    def disown(self, partitions: Iterable[Partition]) -> None:
        """Note that this process no longer owns these partitions."""
        self._owned -= set(partitions)
        self.cursor = {at: position for at, position in self.cursor.items() if at in self._owned}

    async def reload(self) -> None:
        """Read the positions from the database again; after any error they count, not those in memory."""
        async with self._platform.uow() as session:
            self._all = await positions.load(session, self._consumer)
        self.cursor = {at: position for at, position in self._all.items() if at in self._owned}

    async def reload_until_possible(self) -> None:
        """Read the positions from the database again, waiting while it cannot be reached."""
        seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await self.reload()
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(seconds)
                seconds = min(seconds * 2, self._settings.consume_backoff_max_seconds)

    async def apply(self, items: list[Item], apply: Apply) -> bool:
        """Apply items in their order; return False when some are left, which must be fetched again from the positions."""
        offsets: dict[Partition, list[int]] = {}
        for item in items:
            offsets.setdefault((item.topic, item.partition), []).append(item.offset)
        try:
            await self._apply(_Poll(apply, offsets), items, attempts=0)
        except StalePosition:
            self._measures.fenced()
            await self.reload_until_possible()
            return False
        except _AbandonedError:
            return False
        except CircuitOpenError:
            self.fail(None)
            return False
        except Exception as error:  # noqa: BLE001 - no message is at fault: handed to `run`, which stops for it
            self.fail(error)
            return False
        return True

    def fail(self, failure: Exception | None) -> None:
        """Stop applying. ``failure`` is raised later in the task that runs the consumer."""
        self.failure = failure
        self.tripped = True
        self.attention.set()

    async def _apply(self, poll: _Poll, items: list[Item], attempts: int) -> None:
        """Commit items, trying again after outages and Waiting for ever, after Retryable a bounded number of times."""
        seconds = _FIRST_PAUSE_SECONDS
        while items := self._still_to_do(items):
            try:
                await self._commit(poll, items)
                return
            except (StalePosition, CircuitOpenError):
                raise
            except Exception as error:  # noqa: BLE001 - a handler may raise anything; judged here, never swallowed
                if is_outage(error):
                    cause = "outage"
                elif isinstance(error, Waiting):
                    cause = "waiting"
                elif isinstance(error, Retryable) and attempts + 1 < self._settings.consume_retry_attempts:
                    cause, attempts = "retryable", attempts + 1
                else:
                    await self._isolate(poll, items, error)
                    return
                self._measures.retried(cause, seconds, error)
            if self.draining:
                raise _AbandonedError
            await asyncio.sleep(seconds)
            seconds = min(seconds * 2, self._settings.consume_backoff_max_seconds)
            # The reply to the last COMMIT may have been lost: only the database knows whether it succeeded.
            await self.reload_until_possible()

    async def _isolate(self, poll: _Poll, items: list[Item], error: Exception) -> None:
        """Find the message that cannot be applied: the handler names it, it is the only one, or halves are tried."""
        named = error.delivered if isinstance(error, Permanent) else None
        deliverable = _deliverable(items)
        culprit = named if named in deliverable else deliverable[0] if len(deliverable) == 1 else None
        if culprit is not None:
            verdict = _verdict(culprit, error)
            log.warning(
                "message put aside",
                consumer=self._consumer,
                topic=culprit.topic,
                partition=culprit.partition,
                offset=culprit.offset,
                reason=verdict.reason,
                **describe(error),
            )
            # All of them are applied again, because the failed transaction was rolled back.
            await self._apply(poll, [verdict if item is culprit else item for item in items], attempts=0)
            return
        if not deliverable:
            raise error  # no message of the batch can be at fault
        middle = max(1, len(items) // 2)
        for half in (items[:middle], items[middle:]):
            # A half is tried once, a single message as often as allowed: otherwise the pauses would add up.
            tried = isinstance(error, Retryable) and len(_deliverable(half)) > 1
            await self._apply(poll, half, self._settings.consume_retry_attempts - 1 if tried else 0)

    async def _commit(self, poll: _Poll, items: list[Item]) -> None:
        """Run the subscriber and store dead letters and positions, in one transaction."""
        started = time.perf_counter()
        chunk = self._up_to_limit(items)
        moves = self._moves(poll, chunk.items)
        handled = _deliverable(chunk.items)
        letters = [item for item in chunk.items if isinstance(item, Undelivered)]
        now = self._platform.clock()
        async with self._platform.uow() as session:
            # First the positions: their row locks make a second owner of the same partition wait, then fail.
            await positions.advance(session, self._consumer, moves)
            if letters:
                epochs = {at: expected.epoch for at, expected, _ in moves}
                placed = [(item, epochs[item.topic, item.partition]) for item in letters]
                await dead_letters.put(
                    session, self._consumer, placed, now, self._settings.kafka_max_message_bytes
                )
            if self._refused is not None:
                for letter in letters:
                    await self._refused(letter, session)
            if handled:
                await poll.apply(handled, session)
            if chunk.trips:
                reason = letters[-1].reason if letters else ""
                await circuit_breaker.trip(session, self._consumer, chunk.in_a_row.most, now, reason)
            elif chunk.in_a_row.most != self._in_a_row.most:
                await circuit_breaker.count(session, self._consumer, chunk.in_a_row.most)
        # Only after the commit: after a failed transaction memory must be the same as the database.
        self._in_a_row = chunk.in_a_row
        for at, expected, next_offset in moves:
            self._all[at] = Position(expected.epoch, next_offset)
            if at in self._owned:
                self.cursor[at] = self._all[at]
        self._measures.committed(handled, letters, len(chunk.items), time.perf_counter() - started)
        if chunk.trips:
            # Only after the commit, which stores the last dead letter and the state "stopped".
            raise CircuitOpenError(self._consumer)

    def _up_to_limit(self, items: list[Item]) -> _Chunk:
        """Return the items up to the dead letter that trips the circuit breaker; all items where none does."""
        in_a_row = self._in_a_row.copy()
        for index, item in enumerate(items):
            if isinstance(item, Delivered):
                # A marker is not given to the handler, so it does not prove that messages can be applied again.
                if item.type != MARKER_TYPE:
                    in_a_row.end()
                continue
            found = in_a_row.add(item.source)
            # Bad messages of outsiders are no sign of a bad deployment, and must not delay other senders' messages.
            if found >= self._settings.dead_letter_limit and not self._outsiders:
                return _Chunk(items[: index + 1], in_a_row, trips=True)
        return _Chunk(items, in_a_row, trips=False)

    def _moves(self, poll: _Poll, items: Sequence[Item]) -> list[tuple[Partition, Position, int]]:
        """Return the moves of the positions: partition, expected position and next offset.

        Raises:
            StalePosition: the items of a partition do not begin at its position, because another process has moved it
                since the poll. To move on from there would skip records that nobody has applied.
        """
        starts: dict[Partition, int] = {}
        ends: dict[Partition, int] = {}
        for item in items:
            at = (item.topic, item.partition)
            starts.setdefault(at, item.offset)
            ends[at] = item.offset + 1
        for at, start in starts.items():
            offsets = poll.offsets[at]
            if offsets[bisect_left(offsets, self.cursor[at].next_offset)] != start:
                raise StalePosition(f"{self._consumer} {at[0]}/{at[1]}")
        return [(at, self.cursor[at], end) for at, end in ends.items()]

    def _still_to_do(self, items: Sequence[Item]) -> list[Item]:
        return [
            item
            for item in items
            if (position := self.cursor.get((item.topic, item.partition))) is not None
            and item.offset >= position.next_offset
        ]


def _deliverable(items: Sequence[Item]) -> list[Delivered]:
    """Return the messages for the subscriber: without refused messages and markers."""
    return [item for item in items if isinstance(item, Delivered) and item.type != MARKER_TYPE]


def _verdict(culprit: Delivered, error: Exception) -> Undelivered:
    """Return the message as a dead letter, with the reason that follows from the error."""
    if isinstance(error, Permanent):
        reason = error.reason
    else:
        reason = "retries-exhausted" if isinstance(error, Retryable) else "handler-error"
    # Only the class of the error is stored: its text may contain values, and these may be personal data.
    return Undelivered(
        culprit.topic,
        culprit.partition,
        culprit.offset,
        culprit.key,
        culprit.value,
        culprit.raw_headers,
        culprit.timestamp,
        reason,
        f"{type(error).__module__}.{type(error).__qualname__}",
    )
