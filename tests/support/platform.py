"""Settings and platforms for tests."""

import base64
import dataclasses
import json
from typing import Any

from joserfc.jwk import ECKey
from pydantic import SecretStr

from services.chassis.platform import Platform
from services.chassis.runtime.settings import ServiceSettings
from tests.support.hashing import KEY, hashing_client

FIELD_KEYS = json.dumps({"k1": base64.b64encode(bytes(range(32))).decode()})
SUBMISSION_KEY = json.dumps(ECKey.generate_key("P-256").as_dict(private=True))
PACKAGE = "tests.support.sample"


def settings_for(
    database_url: str, bootstrap: str = "127.0.0.1:1", flavour: str = "kafka", **given: Any
) -> Any:
    """Settings of a service named ``sample`` with short times."""
    values: dict[str, Any] = {
        "service": "sample",
        "database_url": database_url,
        "kafka_bootstrap": bootstrap,
        "kafka_flavour": flavour,
        "jwks_url": "http://127.0.0.1:1/jwks.json",
        "token_issuer": "https://issuer.test",
        "token_audience": "khopso",
        "hashing_url": "http://127.0.0.1:1",
        "hashing_key": KEY,
        "digest_key": "d" * 40,
        "field_keys": FIELD_KEYS,
        "field_key_current": "k1",
        "submission_private_key": SUBMISSION_KEY,
        "kafka_request_timeout_seconds": 5,
        "kafka_send_timeout_seconds": 8,
        "drain_seconds": 5,
        "graceful_seconds": 12,
        "stop_grace_seconds": 20,
        "consume_backoff_max_seconds": 0.5,
        "http_port": 0,
        # Tests of other things send many wrong tokens from one address.
        "refusals_per_minute": 100_000,
    }
    return ServiceSettings(**(values | given))


def environment_of(settings: ServiceSettings) -> dict[str, str]:
    """The variables by which another process gets these settings."""
    return {f"KHOPSO_{name.upper()}": _plain(value) for name, value in settings if value is not None}


def _plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def platform_for(
    database_url: str, bootstrap: str = "127.0.0.1:1", flavour: str = "kafka", **given: Any
) -> Platform:
    """A platform over these settings, with a hashing process in this one."""
    return hashing_here(Platform.of(settings_for(database_url, bootstrap, flavour, **given)))


def hashing_here(platform: Platform) -> Platform:
    """The platform with a hashing process that is in this one, instead of that of its settings."""
    return dataclasses.replace(platform, hashing=hashing_client())
