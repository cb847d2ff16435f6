"""Words as people type them to find something: in any case, with or without diacritics, in any order."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

_BARRED = "\u0335"
"""A stroke, by which đ is taken as a d with a mark, since Unicode does not take the letter apart."""


def bare(text: str) -> str:
    """Return the letters in lower case, without tone and vowel marks."""
    return " ".join(plain for word in text.split() if (plain := _taken_apart(word)[0]))


QUESTION_LENGTH = 100
"""How many characters of a question are taken: no name is longer, and each word is compared with each word of every name."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody looks for. Marks that were typed must be there; those that were not may be there.

    Example: ``ngoc ch`` and ``Châu ngọc`` find "Phường Ngọc Châu"; ``Ngoc Chấu`` does not.
    """

    text: str
    _asked: list[tuple[str, Counter[str]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_asked", list(map(_taken_apart, self.text.split())))

    def rank(self, names: Iterable[str]) -> int | None:
        """Return how well the best of the names answers: the lower, the better.

        0: it is what was typed; 1: it is that but for marks; 2: it has the words; 3: its words begin so. None where none of the names has a word for each of those typed.
        """
        ranks = [rank for name in names if (rank := self._rank(name)) is not None]
        return min(ranks, default=None)

    def _rank(self, name: str) -> int | None:
        asked, held = self._asked, list(map(_taken_apart, name.split()))
        if not asked or not all(any(_begins(word, other) for other in held) for word in asked):
            return None
        if [word for word, _ in asked] == [word for word, _ in held]:
            return 0 if asked == held else 1
        return 2 if {word for word, _ in asked} <= {word for word, _ in held} else 3


def _begins(asked: tuple[str, Counter[str]], held: tuple[str, Counter[str]]) -> bool:
    return held[0].startswith(asked[0]) and asked[1] <= held[1]


@lru_cache(maxsize=16_384)
def _taken_apart(word: str) -> tuple[str, Counter[str]]:
    """Return a word's letters without marks, and its marks: where a tone mark stands in its syllable does not matter."""
    # ð looks like đ and gets typed for it.
    decomposed = unicodedata.normalize("NFD", word.casefold().replace("ð", "đ").replace("đ", "d" + _BARRED))
    marks = Counter(letter for letter in decomposed if unicodedata.combining(letter))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)), marks
