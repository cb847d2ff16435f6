"""Metrics and log lines of a consumer about its transactions. FastStream's own metrics are about polls."""

from collections import Counter
from collections.abc import Sequence

from services.chassis.kafka.delivery import Delivered, Undelivered
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger

log = get_logger(__name__)


class Measures:
    """The metrics of one consumer. Each call also sends the consumer's heartbeat."""

    def __init__(self, platform: Platform, consumer: str) -> None:
        self._platform = platform
        self._metrics = platform.metrics
        self._consumer = consumer

    def fenced(self) -> None:
        """Note that another process has moved the position: a transaction was refused."""
        self._metrics.fenced.labels(self._consumer).inc()
        log.warning("fenced: another process has moved the position", consumer=self._consumer)

    def retried(self, cause: str, pause_seconds: float, error: Exception) -> None:
        """Note that a transaction is tried again after a pause."""
        self._platform.health.beat(self._consumer)
        self._metrics.retries.labels(self._consumer, cause).inc()
        log.warning(
            "batch tried again",
            consumer=self._consumer,
            cause=cause,
            pause_seconds=pause_seconds,
            **describe(error),
        )

    def committed(
        self, handled: Sequence[Delivered], letters: Sequence[Undelivered], records: int, seconds: float
    ) -> None:
        """Note a committed transaction of so many records: messages applied, dead letters, and markers."""
        self._platform.health.beat(self._consumer)
        self._metrics.batch_size.labels(self._consumer).observe(records)
        for letter in letters:
            self._metrics.dead_letters.labels(self._consumer, letter.topic, letter.reason).inc()
        for topic, count in Counter(item.topic for item in handled).items():
            self._metrics.applied.labels(self._consumer, topic).inc(count)
        # Without applied messages (only markers and dead letters) there is no time per message.
        if handled:
            self._metrics.handling.labels(self._consumer).observe(seconds / len(handled))
            waited = self._platform.clock() - min(item.timestamp for item in handled)
            delay = self._metrics.projection_delay.labels(self._consumer)
            # The clocks of two machines differ a little: without a lower limit a delay could be negative.
            delay.observe(max(0.0, waited.total_seconds()))
