"""Texts of single features, merged into the one catalogue by ``texts.messages``."""

from texts.messages import Message, message
from texts.routes import ROUTES

__all__ = [
    "ROUTES",
    "Message",
    "message",
]
