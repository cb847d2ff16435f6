"""The language that the command line speaks: both side by side, or the one that ``KHOPSO_LANG`` names."""

from functools import lru_cache

from khopso.failure import Exit, FailureError
from khopso.settings import CliSettings
from texts import LANGUAGES, Language, Message, message

BOTH = "both"


@lru_cache(maxsize=1)
def chosen() -> Language | None:
    """Return the language of ``KHOPSO_LANG``; None for both, which is the default.

    Read once: texts of help are made when the commands are loaded. What is no language counts as both here, and is
    refused by ``check_language`` before a command runs.
    """
    wanted = CliSettings().lang
    return next((language for language in LANGUAGES if language == wanted), None)


def check_language() -> None:
    """Raise a FailureError (exit 2) where ``KHOPSO_LANG`` names no language."""
    wanted = CliSettings().lang
    if wanted not in (*LANGUAGES, BOTH):
        raise FailureError(
            Exit.WRONG_USE, "cli.language", value=wanted, allowed=", ".join((*LANGUAGES, BOTH))
        )


def rendered(text: Message) -> str:
    """Return a text in the chosen language, or "Vietnamese / English"."""
    language = chosen()
    return str(text) if language is None else text.in_language(language)


def lines(text: Message) -> list[str]:
    """Return a text as lines of its own: one in each language that is spoken."""
    language = chosen()
    if language is not None:
        return [text.in_language(language)]
    return [text.vi] if text.vi == text.en else [text.vi, text.en]


def spoken(code: str, /, **values: object) -> str:
    """Return a text of the catalogue in the chosen language, or "Vietnamese / English"."""
    return rendered(message(code, **values))


def help_of(code: str, more: str = "") -> str:
    """Return a text of the catalogue as a sentence of ``--help``; ``more`` is put before its full stop."""
    text = spoken(code)
    if chosen() is not None:
        text = text[:1].upper() + text[1:]
    return f"{text}{more}."


def heading(code: str) -> str:
    """Return a text of the catalogue as a heading of a table: one line in each language that is spoken."""
    return "\n".join(lines(message(code)))


def brief(text: Message) -> str:
    """Return a text in one language where there is no room for two: Vietnamese, unless English is chosen."""
    return text.in_language(chosen() or "vi")
