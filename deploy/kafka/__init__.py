"""Apache Kafka (KRaft mode) from its own jars: no Docker, no installation."""

from deploy.kafka.runtime import KafkaCluster, KafkaServer, KafkaUnavailable, resolve_jars, resolve_java

__all__ = ["KafkaCluster", "KafkaServer", "KafkaUnavailable", "resolve_jars", "resolve_java"]
