"""The blind index: keyed tokens of who a record is about, by which it is found without decrypting the others.

A name gives, without diacritics, one token for each three letters of its syllables and one for each two syllables that
follow each other; an identity number and a year of birth give one each. A token is an HMAC cut down to a bucket that several texts share, so whoever reads the table without the key
sees neither texts nor which of several texts a bucket stands for (docs/security.md). What is found by tokens is therefore
a candidate: it counts only after its decrypted values were compared (`similarity`, `has_number`).
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from contracts.forms import normalise_header
from services.linkage import normalise_name, normalise_national_id

LETTERS, PAIRS, YEARS, NUMBERS = 128, 1_024, 32, 32_768
"""How many tokens there are of each kind: three letters of a name, two syllables, years of birth, identity numbers."""
EXACT, SAME_LETTERS = 1_000, 990
"""Similarity of the same name, and of one that differs in diacritics alone."""
LEAST = 600
"""Share of the asked letters, in thousandths, that a name must have to be like the asked one."""
_PARTS = re.compile(r"[\s.\-]+")
_KEEP = 16_384


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of who a record is about; a blank term asks nothing. ``birth_year`` alone finds nobody."""

    name: str = ""
    national_id: str = ""
    birth_year: int | None = None

    def __bool__(self) -> bool:
        return bool(self.name or self.national_id or self.birth_year is not None)


class BlindIndex:
    """Makes tokens under the current key, and what to ask for under every key that stored tokens may have."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        self._keys = keys
        self.current = current

    @property
    def key_ids(self) -> list[str]:
        """Return the ids of the field keys beside which stored tokens may have their key."""
        return list(self._keys)

    def tokens(self, identity: Mapping[str, Any]) -> set[int]:
        """Return the tokens of who a record is about, from its decrypted identity columns."""
        key = self._keys[self.current]
        name, number, born = (identity.get(column) for column in ("full_name", "national_id", "birth_date"))
        syllables = folded(str(name or "")).split()
        found = _of_letters(key, syllables) | _of_pairs(key, syllables)
        if number:
            found.add(_of_number(key, str(number)))
        if born:
            found.add(_of_year(key, year_of(born)))
        return found

    def asked(self, terms: Terms) -> list[list[int]]:
        """Return the tokens that a record must have, all of one of these lists: one list for each key.

        Of a name these are its pairs of syllables, which fewer records have; of a single syllable its letters.
        """
        return [sorted(self._asked(key, terms)) for key in self._keys.values()]

    def asked_loosely(self, terms: Terms) -> list[list[int]]:
        """Return the same for names that are like the asked one: with all its syllables in any order, or with all but one."""
        syllables = folded(terms.name).split()
        if len(syllables) < 2:
            return []
        kept = [syllables[:place] + syllables[place + 1 :] for place in range(len(syllables))]
        return [
            sorted(_of_letters(key, some) | self._asked(key, Terms("", terms.national_id, terms.birth_year)))
            for key in self._keys.values()
            for some in kept
        ]

    def _asked(self, key: bytes, terms: Terms) -> set[int]:
        syllables = folded(terms.name).split()
        found = _of_pairs(key, syllables) or _of_letters(key, syllables)
        if terms.national_id:
            found.add(_of_number(key, terms.national_id))
        if terms.birth_year is not None:
            found.add(_of_year(key, terms.birth_year))
        return found


def folded(name: str) -> str:
    """Return a name without diacritics, case, dots and hyphens: ``Nguyễn-Văn Ân`` → ``nguyen van an``."""
    return " ".join(plain for part in _PARTS.split(name) if (plain := _plain(part)))


def similarity(asked: str, name: str) -> int:
    """Return how much a name is like the asked one, 0 to 1,000; 0 where it is not like it.

    Most counts how much of what was asked is in the name, so that a part of a name finds the whole; then how much else is.
    """
    if normalise_name(asked) == normalise_name(name):
        return EXACT
    wanted, given = folded(asked), folded(name)
    if wanted == given:
        return SAME_LETTERS
    ours, theirs = trigrams(wanted.split()), trigrams(given.split())
    common = len(ours & theirs)
    share = common * 1_000 // max(len(ours), 1)
    if share < LEAST:
        return 0
    return (share * 7 + common * 1_000 // len(ours | theirs) * 2) // 10


def has_number(asked: str, identity: Mapping[str, Any]) -> bool:
    """Return whether the person has this identity number."""
    number = identity.get("national_id")
    return bool(number) and normalise_national_id(str(number)) == normalise_national_id(asked)


def year_of(born: Any) -> int:
    """Return the year of a stored birth date: an ISO date, or the year alone."""
    return int(str(born).partition("-")[0])


def trigrams(syllables: Iterable[str]) -> set[str]:
    """Return each three letters of the syllables, a space before and behind: ``an`` → `` an``, ``an ``."""
    return {f" {part} "[place : place + 3] for part in syllables for place in range(len(part))}


@lru_cache(maxsize=_KEEP)
def _plain(part: str) -> str:
    return normalise_header(part)


# Each kind has a range of its own within 16 bits.
def _of_letters(key: bytes, syllables: Sequence[str]) -> set[int]:
    return set().union(*(_of_syllable(key, syllable) for syllable in syllables))


@lru_cache(maxsize=_KEEP)
def _of_syllable(key: bytes, syllable: str) -> frozenset[int]:
    return frozenset(_bucket(key, "letters", three, LETTERS) for three in trigrams((syllable,)))


def _of_pairs(key: bytes, syllables: Sequence[str]) -> set[int]:
    return {LETTERS + _bucket(key, "pair", f"{one} {other}", PAIRS) for one, other in pairwise(syllables)}


def _of_year(key: bytes, year: int) -> int:
    return LETTERS + PAIRS + _bucket(key, "year", str(year), YEARS)


def _of_number(key: bytes, number: str) -> int:
    return -1 - _hashed(key, "number", normalise_national_id(number), NUMBERS)


@lru_cache(maxsize=_KEEP)
def _bucket(key: bytes, kind: str, text: str, buckets: int) -> int:
    return _hashed(key, kind, text, buckets)


def _hashed(key: bytes, kind: str, text: str, buckets: int) -> int:
    made = hmac.digest(key, f"{kind}\x1f{text}".encode(), "sha256")
    return int.from_bytes(made[:4]) % buckets
