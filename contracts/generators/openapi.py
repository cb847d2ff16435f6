"""The OpenAPI document of every service, as its own application describes it.

The services are looked up by name at run time: nothing in ``contracts`` imports a service.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from contracts.generators.asyncapi import SERVICES


def openapi_documents() -> dict[str, dict[str, Any]]:
    """OpenAPI by service: what ``openapi()`` of ``services.<name>.app`` returns, built without any connection.

    A service without that module has no HTTP interface, and so no document.
    """
    return {
        service: import_module(f"services.{service}.app").openapi()
        for service in SERVICES
        if find_spec(f"services.{service}") is not None and find_spec(f"services.{service}.app") is not None
    }
