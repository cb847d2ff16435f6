"""The lag of a consumer: the number of records between its position and the end of each partition that it owns."""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from services.chassis.kafka.positions import Partition, Position
from services.chassis.runtime import Metrics


def lags(client: Any, cursor: Mapping[Partition, Position]) -> dict[Partition, int]:
    """Return the number of records between position and end of each assigned partition, as of its last fetch."""
    assigned = client.assignment()
    ends = {at: client.highwater(KafkaPartition(*at)) for at in cursor if KafkaPartition(*at) in assigned}
    return {at: max(0, end - cursor[at].next_offset) for at, end in ends.items() if end is not None}


class LagGauge:
    """Sets the lag gauge of one consumer, for the partitions that this process owns now."""

    def __init__(self, metrics: Metrics, consumer: str) -> None:
        self._gauge = metrics.consumer_lag
        self._consumer = consumer
        self._shown: set[Partition] = set()

    def show(self, found: Mapping[Partition, int]) -> None:
        """Set the lag of these partitions, and remove the values of all others."""
        for topic, partition in self._shown - found.keys():
            self._gauge.remove(self._consumer, topic, str(partition))
        for (topic, partition), lag in found.items():
            self._gauge.labels(self._consumer, topic, str(partition)).set(lag)
        self._shown = set(found)
