"""Shutdown budgets add up: a drain ends before the graceful stop, and that before the process is killed."""

import base64
import json

import pytest
from pydantic import ValidationError

from deploy.embedded import layout
from services.chassis.runtime.settings import ServiceSettings

KEYS = json.dumps({"k1": base64.b64encode(bytes(32)).decode()})
REST = {
    "service": "registry",
    "database_url": "postgresql://u:p@localhost:5432/registry",
    "kafka_bootstrap": "localhost:9092",
    "jwks_url": "http://localhost/jwks",
    "token_issuer": "i",
    "token_audience": "a",
    "digest_key": "d" * 32,
    "field_keys": KEYS,
    "field_key_current": "k1",
}


def settings(**budgets: float) -> ServiceSettings:
    return ServiceSettings.model_validate({**REST, **budgets})


def test_defaults_add_up() -> None:
    given = settings()
    assert given.drain_seconds < given.graceful_seconds < given.stop_grace_seconds


@pytest.mark.parametrize(
    "budgets",
    [
        {"drain_seconds": 20, "graceful_seconds": 20},
        {"drain_seconds": 25},
        {"graceful_seconds": 30},
        {"stop_grace_seconds": 15},
    ],
    ids=str,
)
def test_budgets_that_do_not_add_up_are_refused_at_start(budgets: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="budgets must add up"):
        settings(**budgets)


def test_local_stack_waits_longer_than_its_services_need() -> None:
    assert layout.DRAIN_SECONDS < layout.GRACEFUL_SECONDS < layout.STOP_SECONDS


# Inside the budgets, by the chassis: a Kafka shell may take 3 s beyond its drain (kafka.stop_shell); of the graceful
# time the last 4 s are the relay's; cancelling what is late, the heartbeat and closing take 3 s more (runtime.Running).
SHELL, RELAY, CLOSING = 3, 4, 3


@pytest.mark.parametrize(
    ("drain", "graceful", "stop"),
    [
        (settings().drain_seconds, settings().graceful_seconds, settings().stop_grace_seconds),
        (layout.DRAIN_SECONDS, layout.GRACEFUL_SECONDS, layout.STOP_SECONDS),
    ],
    ids=["defaults", "local stack"],
)
def test_what_a_shutdown_really_takes_fits_its_budgets(drain: float, graceful: float, stop: float) -> None:
    assert drain + SHELL <= graceful - RELAY, "consumers are cancelled before their drain is over"
    assert graceful + CLOSING < stop, "the process is killed before it has closed"
