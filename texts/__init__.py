"""What users read: gettext catalogues in Vietnamese and English, and their one reader."""

from texts.messages import LANGUAGES, Language, Message, message

__all__ = [
    "LANGUAGES",
    "Language",
    "Message",
    "message",
]
