"""Which lanes can run on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from deploy.kafka import KafkaServer
from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from tests.support.keycloak import KeycloakUnavailableError, distribution


def need_kafka() -> None:
    """Skip, or fail where Kafka is required, when Apache Kafka cannot be had."""
    try:
        resolve_java()
        resolve_jars()
    except KafkaUnavailableError as missing:
        _did_not_run(missing)


@contextmanager
def running_kafka(server: KafkaServer) -> Iterator[None]:
    """Run an Apache Kafka server for the length of a block; skip or fail as `need_kafka` does."""
    try:
        server.start()
    except KafkaUnavailableError as missing:
        _did_not_run(missing)
    try:
        yield
    finally:
        server.kill()


def need_keycloak() -> None:
    """Skip, or fail where lanes are required, when Keycloak cannot be had."""
    try:
        distribution()
    except (KafkaUnavailableError, KeycloakUnavailableError) as missing:
        _did_not_run(missing, "KEYCLOAK")


def _did_not_run(missing: Exception, lane: str = "APACHE KAFKA") -> NoReturn:
    if os.environ.get("KHOPSO_REQUIRE_KAFKA"):
        pytest.fail(str(missing))
    pytest.skip(f"{lane} LANE DID NOT RUN: {missing}")
