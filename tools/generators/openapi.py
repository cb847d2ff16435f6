"""The OpenAPI document of every service, as its own application describes it.

Their applications are composed with settings of nowhere, and never opened: no connection is made.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from services.chassis.platform import Platform
from services.chassis.runtime import ServiceSettings
from services.chassis.service import Compose, http_app
from services.incidents.app import compose as compose_incidents
from services.registry.app import compose as compose_registry
from services.reporting.app import compose as compose_reporting
from services.treatment.app import compose as compose_treatment

COMPOSE: Mapping[str, Compose] = {
    "registry": compose_registry,
    "treatment": compose_treatment,
    "incidents": compose_incidents,
    "reporting": compose_reporting,
}
"""The composition root of each service."""

# The example key of RFC 7517, appendix A.2: published, so it protects nothing.
_RFC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
}
_NOWHERE: Mapping[str, Any] = {
    "database_url": "postgresql://nobody@nowhere.invalid/nothing",
    "kafka_bootstrap": "nowhere.invalid:9092",
    "jwks_url": "http://nowhere.invalid/jwks",
    "token_issuer": "nowhere",
    "token_audience": "nobody",
    "hashing_url": "http://nowhere.invalid",
    "hashing_key": "no key, only long enough to be one either",
    "digest_key": "no key, only long enough to be one",
    "field_keys": json.dumps({"none": base64.b64encode(bytes(32)).decode()}),
    "field_key_current": "none",
    "submission_private_key": json.dumps(_RFC_KEY),
}


def openapi_documents() -> dict[str, dict[str, Any]]:
    """Return the OpenAPI document of every service."""
    return {service: openapi_document(service) for service in COMPOSE}


def openapi_document(service: str) -> dict[str, Any]:
    """Return what the application of one service says of its own interface."""
    surroundings = Platform.of(ServiceSettings(service=service, **_NOWHERE))
    document: dict[str, Any] = http_app(surroundings, COMPOSE[service](surroundings)).openapi()
    return document
