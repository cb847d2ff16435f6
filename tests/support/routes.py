"""Every route of a composed application, as ``GET /v1/figures/{code}``."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

OPEN_PATHS = ("/live", "/ready", "/metrics", "/docs", "/openapi.json")
"""What anybody may ask without a token."""
OPEN = frozenset(f"GET {path}" for path in (*OPEN_PATHS, "/assets/{name}"))


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path that the application answers, also those that its OpenAPI document leaves out."""
    return {
        f"{method} {path}"
        for route in app.routes
        for path, methods in _flat(route)
        for method in methods - {"HEAD", "OPTIONS"}
    }


def _flat(route: Any) -> Iterator[tuple[str, set[str]]]:
    """Path and methods of a route; of an included router those of its routes.

    A route that is neither (a mount, a socket) has no methods, and is listed as one that nobody has looked at.
    """
    if hasattr(route, "effective_candidates"):
        for inner in route.effective_candidates():
            yield from _flat(inner)
    else:
        yield route.path, set(getattr(route, "methods", None) or {"ANY"})
