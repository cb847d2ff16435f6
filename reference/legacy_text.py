"""Vietnamese text in encodings from before Unicode, and text that was decoded wrongly. Pure.

- TCVN3 (TCVN 5712:1993; the ".VnTime" fonts) and VNI put Vietnamese letters in the places of Western European ones:
  ``NguyÔn V¨n Thö`` and ``Nguyeãn Vaên Thöû`` are both Nguyễn Văn Thử.
- UTF-8 that was read as Windows-1252 ("mojibake") gives ``Nguyá»…n``, as Mac Roman ``Nguy·ªÖn``.

They show themselves by letters and syllables that no Vietnamese word has.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_ALPHABET = frozenset(
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"
)
_SYLLABLE = re.compile(
    r"(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu?|r|s|th?|tr|v|x)?[aeiouy]{1,3}(?:ch?|m|ng|nh|n|p|t)?"
)
# QĐ, NĐ-CP, BCĐ: what numbers of documents are made of.
_ABBREVIATION = re.compile(r"[BCDĐGHKLMNPQRSTVX]{2,5}")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SHAPES = frozenset("\u0302\u0306\u031b")
_WORD = re.compile(r"[^\W0-9_]+")
_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉËÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ®¡¢£¤¥¦§",
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđĂÂÊÔƠƯĐ",
)
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIR = re.compile(
    "([aeouyôö])([" + "".join(_VNI_MARKS) + "])|([" + "".join(_VNI_LETTERS) + "])", re.IGNORECASE
)
_MISREAD = re.compile(
    "√|·[∫ª]|∆[∞°]|ƒ[ÇÉê]|á[º»]|Ã[\u0080-\u00bf\u0152\u0160\u0178\u017d\u2010-\u2122]|Ä[\u0080-\u00bf\u2018\u0192]|Æ[°¡]"
)

# A capital of Latin-1 in the middle of a word: Ô is how TCVN3 looks that writes ễ.
_CAPITAL_INSIDE = re.compile("[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ](?![A-Z])")


@dataclass(frozen=True, slots=True)
class OldEncoding:
    """An encoding that text may be in: its name as clerks know it, and what makes Unicode of it."""

    name: str
    decode: Callable[[str], str]


def is_vietnamese(text: str) -> bool:
    """Return whether all letters are of the Vietnamese alphabet (with f, j, w, z), and no sign of an old encoding is there.

    Example: "Nguyễn Văn Thử" and "K'Brê" are, "NguyÔn V¨n Thö" is not.
    """
    if text.isascii():
        return True
    composed = unicodedata.normalize("NFC", text).replace("Ð", "Đ").casefold()
    if any(
        letter not in _ALPHABET and ("\u00a1" <= letter <= "\u024f" or letter.isalpha())
        for letter in composed
    ):
        return False
    return not _MISREAD.search(text) and not _CAPITAL_INSIDE.search(text)


def encoding_of(texts: Iterable[str]) -> OldEncoding | None:
    """Return the old encoding that all these texts are in; None where they are Unicode or cannot all be converted.

    At least one text must have what no Vietnamese text has, and each must be Vietnamese once it is converted.
    """
    marked = [text for text in texts if not text.isascii()]
    if all(is_vietnamese(text) and _spelt(text) for text in marked):
        return None
    for encoding in ENCODINGS:
        if all(_converts(encoding, text) for text in marked):
            return encoding
    return None


def _converts(encoding: OldEncoding, text: str) -> bool:
    # A letter beyond these encodings, such as ễ, was typed in Unicode: the texts are mixed.
    if encoding not in _MISREADINGS and any(ord(letter) > 0xFF for letter in text):
        return False
    decoded = encoding.decode(text)
    return is_vietnamese(decoded) and _spelt(decoded)


def _spelt(text: str) -> bool:
    """Return whether every word with a mark is a possible Vietnamese syllable, or short for several."""
    return all(
        _is_syllable(word) for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()
    )


def _is_syllable(word: str) -> bool:
    if _ABBREVIATION.fullmatch(word):
        return True
    marks = [mark for mark in unicodedata.normalize("NFD", word.casefold()) if unicodedata.combining(mark)]
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", word.casefold().replace("ð", "đ"))
        if not unicodedata.combining(letter)
    )
    tones = sum(mark in _TONES for mark in marks)
    return tones <= 1 and set(marks) <= _TONES | _SHAPES and _SYLLABLE.fullmatch(bare) is not None


def _from_vni(text: str) -> str:
    return unicodedata.normalize("NFC", _VNI_PAIR.sub(_vni_letter, text))


def _vni_letter(found: re.Match[str]) -> str:
    if found[3]:
        letter = _VNI_LETTERS[found[3].lower()]
        return letter.upper() if found[3].isupper() else letter
    base = _VNI_LETTERS.get(found[1].lower(), found[1].lower())
    letter = unicodedata.normalize("NFC", base + _VNI_MARKS[found[2].lower()])
    return letter.upper() if found[1].isupper() else letter


def _from_misread(text: str) -> str:
    try:
        return b"".join(_byte(letter) for letter in text).decode("utf-8")
    except UnicodeError:
        return text


def _from_misread_on_a_macintosh(text: str) -> str:
    try:
        return text.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return text


def _byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        # Windows-1252 leaves five bytes undefined; programs keep them as the control characters of Latin-1.
        return letter.encode("latin-1")


MISREAD_UTF8 = OldEncoding("UTF-8 → Windows-1252", _from_misread)
MISREAD_ON_MACINTOSH = OldEncoding("UTF-8 → Mac Roman", _from_misread_on_a_macintosh)
_MISREADINGS = (MISREAD_UTF8, MISREAD_ON_MACINTOSH)
TCVN3 = OldEncoding("TCVN3 (.VnTime)", lambda text: text.translate(_TCVN3))
VNI = OldEncoding("VNI", _from_vni)
ENCODINGS = (*_MISREADINGS, TCVN3, VNI)
