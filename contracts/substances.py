"""Substances as registers name them, and the codes under which they are counted (``reference/data/substances.csv``).

The columns are open: a new substance appears before any list has it. A word of the list is counted under its code, however
it is written; another word is counted as it is, without case and marks at its ends.
"""

from difflib import get_close_matches
from functools import cache, lru_cache

from contracts.forms import normalise_header
from reference import national_table

_LIKE = 0.75  # below it, two words are no two ways to write one
_ENDS = " .,;:-"


@lru_cache(maxsize=4096)
def substance_of(word: str) -> str:
    """Return the code of the substance that a word names; a word that the list has not, in small letters.

    Example: ``"Hồng phiến"``, ``"hàng đá"`` and ``"Methamphetamin."`` are ``methamphetamine``.
    """
    return _codes().get(normalise_header(word)) or " ".join(word.casefold().split()).strip(_ENDS) or word


def is_listed_substance(word: str) -> bool:
    """Return whether the list has the word."""
    return normalise_header(word) in _codes()


def nearest_substances(word: str) -> list[str]:
    """Return up to two substances that may be meant, as the list names them, likeliest first."""
    found = get_close_matches(normalise_header(word), list(_codes()), n=3, cutoff=_LIKE)
    names = {row["code"]: row["vi"] for row in national_table("substances.csv")}
    return list(dict.fromkeys(names[_codes()[each]] for each in found))[:2]


def substance_names() -> tuple[str, ...]:
    """Return the Vietnamese names of the listed substances, as templates offer them."""
    return tuple(row["vi"] for row in national_table("substances.csv"))


@cache
def _codes() -> dict[str, str]:
    """Return the codes by every word of the list. Codes and names come last: another one's word must not hide them."""
    table = national_table("substances.csv")
    words = {normalise_header(word): row["code"] for row in table for word in row["words"].split(";") if word}
    return words | {
        normalise_header(row[name]): row["code"] for row in table for name in ("vi", "en", "code")
    }
