"""The hashing process for tests within one process: its real application, reached without a network."""

import json
from datetime import date

import httpx

from services.chassis.security import HashingClient
from services.linkage import LinkageSecret, messages_of
from services.registry.hashing import HashingSettings, create_hashing_app

SECRET = "s" * 40
KEY = "h" * 40
HASHER = LinkageSecret(SECRET.encode())


def hashing_settings(**given: object) -> HashingSettings:
    """Settings of a hashing process that knows one caller, ``sample``."""
    values = {
        "linkage_secret": SECRET,
        "hashing_keys": json.dumps({"sample": KEY}),
        "hashing_daily_limit": 10**9,
    }
    return HashingSettings.model_validate(values | given)


def hashing_client(settings: HashingSettings | None = None, key: str = KEY) -> HashingClient:
    """A client whose requests reach a hashing application in this process."""
    transport = httpx.ASGITransport(app=create_hashing_app(settings or hashing_settings()))
    return HashingClient("http://hashing", key, client=httpx.AsyncClient(transport=transport))


def linkage_keys(
    full_name: str,
    birth: date | int | None,
    sex: str | None,
    national_id: str | None = None,
    commune_uid: str | None = None,
) -> dict[str, str]:
    """The linkage keys of a person under the tests' secret, by kind."""
    messages = messages_of(full_name, birth, sex, national_id, commune_uid)
    return {kind: HASHER.hash(*message) for kind, message in messages.items()}
