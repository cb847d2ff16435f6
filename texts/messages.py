"""What users read, by message id: Vietnamese first, English second."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from texts.catalogue import translations

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Message:
    """A text in Vietnamese (shown first) and English."""

    vi: str
    en: str

    def __str__(self) -> str:
        """Return both languages side by side; what is the same in both, once."""
        return self.vi if self.vi == self.en else f"{self.vi} / {self.en}"

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        return self.vi if language == "vi" else self.en


def joined(parts: Iterable[Message], between: Message | str) -> Message:
    """Return several texts as one, in each language, with ``between`` between them; an empty text where there are none."""
    listed = list(parts)
    vi, en = (between.vi, between.en) if isinstance(between, Message) else (between, between)
    return Message(vi.join(part.vi for part in listed), en.join(part.en for part in listed))


def message(code: str, /, **values: object) -> Message:
    """Return the text with this message id in both languages, its placeholders filled in.

    A value that is itself a ``Message`` is filled in by language: ``message("needs", needed=Message("“Giới”", "sex"))``
    names the column in Vietnamese in the one text and by its id in the other.

    Raises:
        KeyError: the catalogue has no such id, or its text needs a value that is not given.
    """
    return Message(_filled(code, values, "vi"), _filled(code, values, "en"))


def _filled(code: str, values: dict[str, object], language: Language) -> str:
    text = translations(language).gettext(code)
    # Gettext answers an unknown id with the id itself, and people would read that instead of a text.
    if text == code:
        raise KeyError(code)
    given = {
        name: value.in_language(language) if isinstance(value, Message) else value
        for name, value in values.items()
    }
    return text.format(**given)
