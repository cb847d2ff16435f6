"""Identifiers: time-ordered UUIDs, so that indexes grow at one end and big tables stay as fast as small ones."""

from collections.abc import Callable
from uuid import UUID

import uuid_utils.compat

NewId = Callable[[], UUID]
"""Returns a fresh id at each call."""


def uuid7() -> UUID:
    """Return a fresh UUIDv7."""
    return uuid_utils.compat.uuid7()
