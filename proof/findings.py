"""What does not hold in a closing, a chain, a proof or a report, in words of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proof.canonical_json import InexactNumberError, NotCanonicalError

DAMAGED = "closing_damaged"
"""The rule of a document that is not built as this system builds it, where nothing more is known."""
_MISSING, _MISSHAPEN = "closing_part_missing", "closing_part_misshapen"
_NUMBER, _TEXT = "closing_number_inexact", "closing_text_unusable"
DAMAGES = frozenset({DAMAGED, _MISSING, _MISSHAPEN, _NUMBER, _TEXT})
"""The rules that say what is damaged: of such a document nothing more can be told."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold. ``rule`` names a text of the catalogue, ``parts`` fill it."""

    rule: str
    parts: Mapping[str, object]


class MisshapenError(ValueError):
    """A part of a document is of another kind than belongs in its place, as a text instead of a list."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part} is of another kind")
        self.part = part


def as_object(value: Any, part: str) -> Mapping[str, Any]:
    """Return the value where it is an object of JSON; MisshapenError names the part of the document otherwise."""
    if not isinstance(value, Mapping):
        raise MisshapenError(part)
    return value


def as_list(value: Any, part: str) -> Sequence[Any]:
    """Return the value where it is a list of JSON; MisshapenError names the part of the document otherwise."""
    if not isinstance(value, list | tuple):
        raise MisshapenError(part)
    return value


def damage_of(error: Exception) -> Finding:
    """Return what is damaged in a document, from the error that reading its parts raised."""
    match error:
        case KeyError():
            return Finding(_MISSING, {"part": _short(error.args[0])})
        case MisshapenError():
            return Finding(_MISSHAPEN, {"part": _short(error.part)})
        case InexactNumberError():
            return Finding(_NUMBER, {"number": _short(error.number)})
        case NotCanonicalError():
            return Finding(_TEXT, {})
        case _:
            return Finding(DAMAGED, {})


def _short(value: object) -> str:
    # A damaged document may say anything at any length.
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
