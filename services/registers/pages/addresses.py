"""Addresses of pages that other pages lead to, of whichever service; of a record or person only its id is in them."""

from urllib.parse import urlencode
from uuid import UUID


def record_address(service: str, record: UUID | str, what: str = "", **query: str) -> str:
    """Return the address of a record that a service keeps, or of what is done with it (``what``); blank parameters are left out."""
    return f"/{service}/records/{record}{f'/{what}' if what else ''}{_end(query)}"


def person_address(person: UUID | str, **query: str) -> str:
    """Return the address of what all units know of a person, which `registry` tells whoever keeps one of the records."""
    return f"/registry/persons/{person}{_end(query)}"


def _end(query: dict[str, str]) -> str:
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"?{asked}" if asked else ""
