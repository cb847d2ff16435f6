"""The person index: says which references of which services belong to one human being, and since when that is known."""

from services.registry.index.decided import end_decided, hold_links, link_decided, lock_links
from services.registry.index.looking_up import LookedUp, look_up
from services.registry.index.messages import Cause, sighting
from services.registry.index.queries import IndexedRecord, LinkedReference
from services.registry.index.repository import Sighting
from services.registry.index.sharing import DUTY, REASON_CLASS, SharedValues
from services.registry.index.ties import DETOX, POST_DETOX, ties
from services.registry.index.together import Together, together
from services.registry.index.usecases import learn, take_new_tokens

__all__ = [
    "DETOX",
    "DUTY",
    "POST_DETOX",
    "REASON_CLASS",
    "Cause",
    "IndexedRecord",
    "LinkedReference",
    "LookedUp",
    "SharedValues",
    "Sighting",
    "Together",
    "end_decided",
    "hold_links",
    "learn",
    "link_decided",
    "lock_links",
    "look_up",
    "sighting",
    "take_new_tokens",
    "ties",
    "together",
]
