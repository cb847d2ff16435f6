"""The person index: says which references of which services belong to one human being, and since when that is known."""

from services.registry.index.messages import Cause, sighting
from services.registry.index.repository import Sighting
from services.registry.index.usecases import learn, take_new_tokens

__all__ = [
    "Cause",
    "Sighting",
    "learn",
    "sighting",
    "take_new_tokens",
]
