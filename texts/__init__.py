"""What users read: gettext catalogues in Vietnamese and English, and their one reader."""

from texts.messages import LANGUAGES, Language, Message, message
from texts.routes import ROUTES

__all__ = [
    "LANGUAGES",
    "ROUTES",
    "Language",
    "Message",
    "message",
]
