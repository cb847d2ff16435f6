"""Apache Kafka (KRaft mode) from its own jars: no Docker, no installation."""

from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from deploy.kafka.probe import known_brokers
from deploy.kafka.runtime import KafkaCluster, KafkaServer

__all__ = [
    "KafkaCluster",
    "KafkaServer",
    "KafkaUnavailableError",
    "known_brokers",
    "resolve_jars",
    "resolve_java",
]
