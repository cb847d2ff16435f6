"""Normalisation: names and national IDs in the one form in which they are compared and hashed."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from reference import digits_only

NationalIdKind = Literal["nid12", "nid9"]
# The five tone marks of Vietnamese: grave, acute, tilde, hook above, dot below.
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
# They look the same to a reader, but another code point would give the same name another hash.
_LOOK_ALIKE = str.maketrans({"ð": "đ", "\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
# With all that `_LOOK_ALIKE` makes an apostrophe of.
_SIGNS = re.compile(r"[.,\-'_`\u2010-\u2015\u2018\u2019\u02bc\u2212\u00b7]+")
_SEPARATORS = re.compile(r"[\s.\-]+")


def normalise_name(name: str) -> str:
    """Return a name in the one form that is hashed: case, NFC/NFD, tone-mark placement and spacing do not matter.

    The tone mark of each syllable moves to its end, so ``hoà``, ``hòa`` and ``HÒA`` in either Unicode form
    give the same text, while the letters â, ă, ê, ô, ơ, ư, đ stay distinct.
    """
    return " ".join(plain for syllable in name.split() if (plain := _syllable(syllable)))


def fold_name(name: str) -> str:
    """Return a name as `normalise_name` does, without the signs that some write and others leave out.

    Dots, commas, hyphens, dashes and apostrophes separate as blanks do: ``Thuỷ-Hoà``, ``Thuỷ Hoà.`` and ``thủy  hòa`` are one
    name, and so are ``H'Hen`` and ``H Hen``.
    """
    return normalise_name(_SIGNS.sub(" ", name))


@lru_cache(maxsize=16_384)
def _syllable(text: str) -> str:
    """Return a syllable of a name in normalised form. Results are cached, since names use few different syllables."""
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(_LOOK_ALIKE))
    letters = [mark for mark in decomposed if mark not in _INVISIBLE]
    tones = sorted(mark for mark in letters if mark in _TONES)
    plain = unicodedata.normalize("NFC", "".join(mark for mark in letters if mark not in _TONES))
    return plain + "".join(tones) if plain else ""


def normalise_national_id(number: str) -> str:
    """Return the digits of a number as written, without spaces, dots and hyphens."""
    return number if digits_only(number) else _SEPARATORS.sub("", unicodedata.normalize("NFKC", number))


def national_id_kind(number: str) -> NationalIdKind | None:
    """Return ``nid12`` for a well-formed 12-digit CCCD, ``nid9`` for a 9-digit CMND, None for anything else.

    Only the number of digits decides, as the forms say; the birth year and sex in a CCCD do not.
    """
    digits = normalise_national_id(number)
    if not digits_only(digits) or set(digits) == {"0"}:
        return None
    if len(digits) == 12:
        return "nid12"
    return "nid9" if len(digits) == 9 else None
