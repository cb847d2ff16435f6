"""How far a consumer is behind the end of each partition that is its own."""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from services.chassis.kafka.positions import Partition, Position
from services.chassis.runtime import Metrics


class Lag:
    """Keeps the gauge of one consumer. A partition that has gone to another process has no value here any more."""

    def __init__(self, metrics: Metrics, consumer: str) -> None:
        self._gauge = metrics.consumer_lag
        self._consumer = consumer
        self._shown: set[Partition] = set()

    def show(self, client: Any, cursor: Mapping[Partition, Position]) -> None:
        """Set the lag of the client's partitions, as of its last fetch."""
        found: dict[Partition, int] = {}
        for at, position in cursor.items():
            if KafkaPartition(*at) in client.assignment():
                end = client.highwater(KafkaPartition(*at))
                if end is not None:
                    found[at] = max(0, end - position.next_offset)
        self._keep(found)

    def forget(self) -> None:
        """Nothing is consumed now, so nothing is known."""
        self._keep({})

    def _keep(self, found: Mapping[Partition, int]) -> None:
        for topic, partition in self._shown - found.keys():
            self._gauge.remove(self._consumer, topic, str(partition))
        for (topic, partition), lag in found.items():
            self._gauge.labels(self._consumer, topic, str(partition)).set(lag)
        self._shown = set(found)
