"""Text that says nothing to its next reader: from before Unicode, with lost letters, "as above", "not known". Pure."""

import re
import unicodedata
from functools import lru_cache

from contracts.forms import Column, normalise_header
from reference import OldEncoding, encoding_of, is_vietnamese
from services.registers.cell_error import CellError

_NAME = "full_name"
# ? within a word: it stands for a letter that an encoding has not.
_INSIDE = re.compile(r"[^\W0-9_]\?[^\W0-9_]")
# Letters, marks, digits and spaces, and the signs of names, nicknames and remarks in them.
_SIGNS_OF_NAMES = frozenset(".,;:/&-'\"()\u2018\u2019\u201c\u201d`\u00b4\u02bc")
_CATEGORIES = frozenset("LMNZ")  # by the first letter of Unicode's general category
_QUOTES = frozenset("\"'`\u00b4\u2018\u2019\u201c\u201d\u201e\u00bb\u00ab\u3003\u2033 ")
_AS_ABOVE = frozenset({"nt", "nhutren", "ditto"})
_LONGEST = 12  # a longer text is something else
# Without diacritics, as many write: no name of a person is any of these.
_NOT_KNOWN = frozenset(
    {
        *(
            "khongro",
            "khongroten",
            "khongrohoten",
            "khongxacdinh",
            "khongbiet",
            "khongbietten",
            "khongten",
            "khongcoten",
        ),
        *(
            "chuaro",
            "chuaroten",
            "chuarohoten",
            "chuaxacdinh",
            "chuabiet",
            "chuabietten",
            "chuacoten",
            "unknown",
        ),
    }
)
# "Nameless", with a circumflex: with a tilde, or with no mark at all, it is a name.
_NAMELESS, _CIRCUMFLEX, _TILDE = "vodanh", "\u0302", "\u0303"


def refuse_unreadable(column: Column, text: str) -> None:
    """Refuse a text that does not say what its writer meant.

    Raises:
        CellError: letters of it were lost, it says "as above"; of a person's name: it has signs that no name has, or says
            that the name is not known. Two people of whom only that is known would be taken for one.
    """
    if _has_lost_letters(column, text):
        raise CellError("letters_lost")
    if _says_as_above(text):
        raise CellError("ditto")
    if column.id != _NAME:
        return
    if _says_not_known(text):
        raise CellError("name_not_known")
    if not text.replace(" ", "").isalpha():
        _refuse_signs(text)


def _has_lost_letters(column: Column, text: str) -> bool:
    if "\ufffd" in text:
        return True
    # An address in the net has the sign for its own purposes, and who is not sure of a substance may ask.
    if "?" not in text or "://" in text:
        return False
    return not column.substance or _INSIDE.search(text) is not None


def _says_not_known(name: str) -> bool:
    folded = normalise_header(name)
    if folded != _NAMELESS:
        return folded in _NOT_KNOWN
    marks = unicodedata.normalize("NFD", name)
    return _CIRCUMFLEX in marks and _TILDE not in marks


def _refuse_signs(name: str) -> None:
    signs = {sign for sign in name if not _stands_in_names(sign)}
    if signs:
        raise CellError("name_signs", signs=" ".join(sorted(signs)))


def _stands_in_names(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in _CATEGORIES or category == "Pd" or sign in _SIGNS_OF_NAMES


def _says_as_above(text: str) -> bool:
    return len(text) <= _LONGEST and (not set(text) - _QUOTES or normalise_header(text) in _AS_ABOVE)


def refuse_old_encoding(raw: str) -> None:
    """Refuse a text in an encoding from before Unicode: nobody of such a name would ever be found.

    Raises:
        CellError: it is in one.
    """
    # As it was written: the sign that is invisible in Unicode (soft hyphen) is a letter in these encodings.
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    encoding = _old_encoding(text)
    if encoding is not None:
        raise CellError("old_encoding", encoding=encoding.name, after=encoding.decode(text))


@lru_cache(maxsize=65_536)
def _old_encoding(text: str) -> OldEncoding | None:
    return None if is_vietnamese(text) else encoding_of([text])
