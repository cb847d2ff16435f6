"""The OpenAPI document of every service, as its own application describes it.

The services are looked up by name at run time: nothing in ``contracts`` imports a service. Their applications are
composed with settings of nowhere, and never opened: no connection is made.
"""

import base64
import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from contracts.generators.asyncapi import SERVICES

# The example key of RFC 7517, appendix A.2: published, so it protects nothing.
_RFC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
}
_NOWHERE = {
    "database_url": "postgresql://nobody@nowhere.invalid/nothing",
    "kafka_bootstrap": "nowhere.invalid:9092",
    "jwks_url": "http://nowhere.invalid/jwks",
    "token_issuer": "nowhere",
    "token_audience": "nobody",
    "linkage_secret": "no secret, only long enough to be one",
    "field_keys": json.dumps({"none": base64.b64encode(bytes(32)).decode()}),
    "field_key_current": "none",
    "submission_private_key": json.dumps(_RFC_KEY),
}


def openapi_documents() -> dict[str, dict[str, Any]]:
    """OpenAPI by service, for every service that has its composition root (``services.<name>.app``)."""
    return {service: openapi_document(service) for service in SERVICES if composed(service)}


def composed(service: str) -> bool:
    """Whether the service has its composition root."""
    return find_spec(f"services.{service}") is not None and find_spec(f"services.{service}.app") is not None


def openapi_document(service: str) -> dict[str, Any]:
    """What the application of one service says of its own interface."""
    runtime = import_module("services.chassis.runtime")
    settings = import_module("services.chassis.settings").ServiceSettings
    platform = import_module("services.chassis.platform").Platform
    root = import_module(f"services.{service}.app")
    surroundings = platform.of(settings(service=service, **_NOWHERE))
    document: dict[str, Any] = runtime.http_app(surroundings, root.compose(surroundings)).openapi()
    return document
