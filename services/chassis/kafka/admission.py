"""Admission: which fetched records come next, judged by the positions; the rest is sought again or was applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis.kafka.clients import Records
from services.chassis.kafka.delivery import Delivered, Undelivered, receive
from services.chassis.kafka.positions import Partition, Position
from services.chassis.runtime import get_logger

log = get_logger(__name__)
_GIVE_UP_REWINDS = 2


@dataclass(slots=True)
class Admitted:
    """Items to apply, partitions to seek to their positions, partitions whose log is shorter than our position."""

    items: list[Delivered | Undelivered] = field(default_factory=list)
    seek: list[Partition] = field(default_factory=list)
    truncated: set[Partition] = field(default_factory=set)


class Admission:
    """Judges batches of one consumer; remembers what it has already sought once."""

    def __init__(self, consumer: str, known_types: frozenset[str] | None) -> None:
        self._consumer = consumer
        self._known_types = known_types
        self._rewinds: dict[Partition, int] = {}
        self._gaps: dict[Partition, int] = {}

    def forget(self) -> None:
        """A new client has been started."""
        self._rewinds.clear()
        self._gaps.clear()

    def admit(self, records: Records, cursor: Mapping[Partition, Position]) -> Admitted:
        """Judge a batch; records of partitions outside the cursor are not ours and are dropped."""
        lanes: dict[Partition, list[Any]] = {}
        for record in records:
            lanes.setdefault((record.topic, record.partition), []).append(record)
        result = Admitted()
        for at, lane in lanes.items():
            position = cursor.get(at)
            if position is not None and self._follows(at, position.next_offset, lane, result):
                result.items += [
                    self._item(record) for record in lane if record.offset >= position.next_offset
                ]
        return result

    def _follows(self, at: Partition, expected: int, lane: Sequence[Any], result: Admitted) -> bool:
        first, last = lane[0].offset, lane[-1].offset
        if last < expected:
            # Fetched before the seek took hold; again and again only when the log ends before our position.
            self._rewinds[at] = self._rewinds.get(at, 0) + 1
            if self._rewinds[at] > _GIVE_UP_REWINDS:
                result.truncated.add(at)
            else:
                result.seek.append(at)
            return False
        if first > expected:
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
        )
