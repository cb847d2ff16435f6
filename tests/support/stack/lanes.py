"""Which lanes can run on this machine."""

import os

import pytest

from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java


def need_kafka() -> None:
    """Skip, or fail where Kafka is required, when Apache Kafka cannot be had."""
    try:
        resolve_java()
        resolve_jars()
    except KafkaUnavailableError as missing:
        if os.environ.get("KHOPSO_REQUIRE_KAFKA"):
            pytest.fail(str(missing))
        pytest.skip(f"APACHE KAFKA LANE DID NOT RUN: {missing}")
