"""Numbers and codes as they are compared: without what offices and their programs write differently.

An office suite makes a dash of a hyphen, a form filled in on a phone has full-width letters, and a clerk types small letters. All of
these name the same record, facility or unit. What is stored and shown is the first spelling (`docs/handing-in.md`).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

_PLAIN = re.compile(r"[0-9A-Z._/-]*")  # most numbers; nothing in them folds
# Marks that look like a hyphen or a slash, besides Unicode's own category of dashes.
_DASHES = frozenset("\u02d7\u2043\u2212")
_SLASHES = frozenset("\u2044\u2215")
_INVISIBLE = "Cf"  # soft hyphen, zero-width space, byte-order mark
_AROUND = re.compile(r" ?([-/]) ?")
_LIKE = 0.7  # below it, two codes share little more than the letters that all codes begin with
_MOST_ASKED = 20
_ROUNDS = 4  # one is enough for every letter that offices use


def tidy(text: str) -> str:
    """Return the code with plain marks: one kind of dash and slash with no space beside it, single spaces, no full-width forms.

    Letters keep their case. Example: ``"CDC – 30"`` → ``"CDC-30"``.
    """
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii():  # in ASCII there is one dash and one slash, and nothing invisible or composed
        plain = "".join(_mark(letter) for letter in unicodedata.normalize("NFKC", text))
        text = unicodedata.normalize("NFC", plain)
    text = " ".join(text.split())
    return _AROUND.sub(r"\1", text) if " " in text else text


def fold(text: str) -> str:
    """Return what two spellings of one number or code have in common: `tidy`, in capitals.

    Example: ``"CDC-30"``, ``"cdc – 30"`` and ``"ＣＤＣ－３０"`` fold to ``"CDC-30"``; ``"CDC30"`` is another code.
    """
    if _PLAIN.fullmatch(text):
        return text
    # Capitals, since most numbers are written in them: a stored key then mostly is its own folded form. A few letters
    # decompose only once they are capitals.
    for _ in range(_ROUNDS):
        folded = tidy(text).upper()
        if folded == text:
            break
        text = folded
    return text


class Nearest:
    """The codes that may be meant by unknown ones of one batch, for the first `_MOST_ASKED` of them.

    Comparing a code with a long list takes milliseconds: a batch of thousands of unknown ones would stop everybody else.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, date], list[str]] = {}

    def of(self, code: str, day: date, known: Iterable[str]) -> list[str]:
        """Return up to two of the codes known on the day, likeliest first; none after the first unknown codes."""
        key = (code, day)
        if key not in self._found and len(self._found) < _MOST_ASKED:
            self._found[key] = _nearest(code, known)
        return self._found.get(key, [])


def _nearest(code: str, known: Iterable[str]) -> list[str]:
    """Return up to two of the known codes that may be meant, likeliest first; marks within codes weigh nothing.

    Example: for a code without its dash the one with it.
    """
    names = {_bare(each): each for each in known}
    return [names[found] for found in get_close_matches(_bare(code), names, n=2, cutoff=_LIKE)]


def _bare(code: str) -> str:
    return "".join(letter for letter in fold(code) if letter.isalnum())


def _mark(letter: str) -> str:
    if letter in _DASHES:
        return "-"
    if letter in _SLASHES:
        return "/"
    category = unicodedata.category(letter)
    return "-" if category == "Pd" else "" if category == _INVISIBLE else letter
