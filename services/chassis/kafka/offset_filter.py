"""The offset filter: selects, of the records of a poll, those that come next by the positions in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis.kafka.delivery import Delivered, Undelivered, receive
from services.chassis.kafka.middleware import Records
from services.chassis.kafka.positions import Partition, Position
from services.chassis.runtime import get_logger

log = get_logger(__name__)
_GIVE_UP_REWINDS = 2
_LOG_APPEND_TIME = 1  # the timestamp type of a record that the broker has stamped


@dataclass(slots=True)
class Filtered:
    """The result of filtering one poll.
    ``items`` are to be applied in this order. ``seek`` names partitions whose records do not join the position: they
    must be fetched again from there. ``truncated`` names partitions whose log ends before the position.
    """

    items: list[Delivered | Undelivered] = field(default_factory=list)
    seek: list[Partition] = field(default_factory=list)
    truncated: set[Partition] = field(default_factory=set)


class OffsetFilter:
    """Compares records with the positions of one consumer. Remembers what it has already sought once."""

    def __init__(self, consumer: str, known_types: frozenset[str] | None) -> None:
        self._consumer = consumer
        self._known_types = known_types
        self._rewinds: dict[Partition, int] = {}
        self._gaps: dict[Partition, int] = {}

    def forget(self) -> None:
        """Forget earlier seeks, since a new client was started."""
        self._rewinds.clear()
        self._gaps.clear()

    def apply(self, records: Records, cursor: Mapping[Partition, Position]) -> Filtered:
        """Return what of these records comes next.

        ``cursor`` holds the next offset of each partition that this process owns. Records of other partitions are
        dropped, as are those before the position: they were applied already.
        """
        batches: dict[Partition, list[Any]] = {}
        for record in records:
            batches.setdefault((record.topic, record.partition), []).append(record)
        result = Filtered()
        for at, batch in batches.items():
            position = cursor.get(at)
            if position is not None and self._follows(at, position.next_offset, batch, result):
                result.items += [
                    self._item(record) for record in batch if record.offset >= position.next_offset
                ]
        return result

    def _follows(self, at: Partition, expected: int, batch: Sequence[Any], result: Filtered) -> bool:
        first, last = batch[0].offset, batch[-1].offset
        if last < expected:
            # Such records were fetched before a seek took effect. They come repeatedly only where the log ends before
            # the position.
            self._rewinds[at] = self._rewinds.get(at, 0) + 1
            if self._rewinds[at] > _GIVE_UP_REWINDS:
                result.truncated.add(at)
            else:
                result.seek.append(at)
            return False
        if first > expected:
            # A record is missing: after one seek it either arrives, or it was deleted by retention.
            if self._gaps.get(at) != first:
                self._gaps[at] = first
                result.seek.append(at)
                return False
            log.warning(
                "the log has a gap (retention)",
                consumer=self._consumer,
                topic=at[0],
                partition=at[1],
                missing_from=expected,
                missing_to=first,
            )
        # Records continue at the position again, so the earlier ones came only from before the seek.
        self._rewinds.pop(at, None)
        return True

    def _item(self, record: Any) -> Delivered | Undelivered:
        return receive(
            record.topic,
            record.partition,
            record.offset,
            record.key,
            record.value,
            record.headers,
            record.timestamp,
            self._known_types,
            broker_time=record.timestamp_type == _LOG_APPEND_TIME,
        )
