"""What users read: gettext catalogues in Vietnamese and English, their one reader, and how numbers and days are written."""

from texts.messages import LANGUAGES, Language, Message, joined, message
from texts.writing import day_written, moment_written, number_message, number_written

__all__ = [
    "LANGUAGES",
    "Language",
    "Message",
    "day_written",
    "joined",
    "message",
    "moment_written",
    "number_message",
    "number_written",
]
