"""Linkage keys: keyed hashes of normalised identity, by which records of one human being find each other.

In the manner of the statistical linkage keys of health statistics (architecture, section 5). Nothing here can be
reversed without the province's secret; with it, still only by guessing.
"""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64encode
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Literal

NationalIdKind = Literal["nid12", "nid9"]
# The five tone marks of Vietnamese: grave, acute, tilde, hook above, dot below.
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_LOOK_ALIKE = str.maketrans({"ð": "đ", "\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
_SEPARATORS = re.compile(r"[\s.\-]+")
# Official province codes 001-096; a CCCD starts with the code of the province of birth registration.
_PROVINCES = range(1, 97)


def normalise_name(name: str) -> str:
    """A name in the one form that is hashed: case, NFC/NFD, tone-mark placement and spacing do not matter.

    The tone mark of each syllable moves to its end, so ``hoà``, ``hòa`` and ``HÒA`` in either Unicode form
    give the same text, while the letters â, ă, ê, ô, ơ, ư, đ stay distinct.
    """
    return " ".join(plain for syllable in name.split() if (plain := _syllable(syllable)))


@lru_cache(maxsize=16_384)
def _syllable(text: str) -> str:
    """One syllable of a name; there are few of them, and the names of a province are made of the same ones."""
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(_LOOK_ALIKE))
    letters = [mark for mark in decomposed if mark not in _INVISIBLE]
    tones = sorted(mark for mark in letters if mark in _TONES)
    plain = unicodedata.normalize("NFC", "".join(mark for mark in letters if mark not in _TONES))
    return plain + "".join(tones) if plain else ""


def normalise_national_id(number: str) -> str:
    """The digits of a number as written, without spaces, dots and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", number))


def national_id_kind(number: str) -> NationalIdKind | None:
    """``nid12`` for a well-formed 12-digit CCCD, ``nid9`` for a 9-digit CMND, None for anything else.

    Only the number of digits decides, as the forms say; `national_id_says` looks into a CCCD.
    """
    digits = normalise_national_id(number)
    if not digits.isascii() or not digits.isdigit() or set(digits) == {"0"}:
        return None
    if len(digits) == 12:
        return "nid12"
    return "nid9" if len(digits) == 9 else None


def national_id_says(number: str) -> tuple[Literal["male", "female"], int] | None:
    """Sex and birth year that a 12-digit CCCD carries; None for other numbers. For findings, never for refusal.

    A CCCD starts with a province code (001-096), then one digit for century and sex and two of the birth year
    (decree 137/2015/NĐ-CP, art. 13). A CMND has no inner structure.
    """
    digits = normalise_national_id(number)
    if national_id_kind(digits) != "nid12" or int(digits[:3]) not in _PROVINCES:
        return None
    century, year = divmod(int(digits[3]), 2)
    return ("female" if year else "male"), 1900 + 100 * century + int(digits[4:6])


class LinkageKeys:
    """Makes the keys of a person under the province's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(
        self,
        full_name: str,
        birth: date | int | None,
        sex: str | None,
        national_id: str | None = None,
        commune_uid: str | None = None,
    ) -> dict[str, str]:
        """The keys that these data can make: ``nid12``, ``nid9``, ``name_birth_sex``, ``name_year_commune``.

        ``birth`` is a full date, or a year alone, which makes no ``name_birth_sex`` key (a year-only birth date
        never links by itself). Values are base64url of HMAC-SHA-256, without padding.
        """
        keys: dict[str, str] = {}
        kind = national_id_kind(national_id) if national_id else None
        if kind and national_id:
            keys[kind] = self.hash(kind, normalise_national_id(national_id))
        name = normalise_name(full_name)
        if not name or birth is None:
            return keys
        if isinstance(birth, date) and sex:
            keys["name_birth_sex"] = self.hash("name_birth_sex", name, birth.isoformat(), sex)
        if commune_uid:
            year = birth.year if isinstance(birth, date) else birth
            keys["name_year_commune"] = self.hash("name_year_commune", name, str(year), commune_uid)
        return keys

    def hash(self, kind: str, *parts: str) -> str:
        """HMAC-SHA-256 of the parts under the secret, kinds kept apart; base64url without padding."""
        message = "\x1f".join((kind, *parts)).encode()
        digest = hmac.new(self._secret, message, sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
