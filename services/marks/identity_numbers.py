"""Texts in which somebody has written a national ID number, in whatever way. Pure."""

import re
import unicodedata
from itertools import accumulate

# Digits as clerks write one number: together, or in groups with up to two spaces, dots, dashes or slashes between.
_BETWEEN = r"[ .\-/]{1,2}"
_NUMBER = re.compile(rf"[0-9]+(?:{_BETWEEN}[0-9]+)*")
_GROUP = re.compile(_BETWEEN)
# Numbers with nothing but signs between them, of whatever kind and number.
_CHAIN = re.compile(r"[0-9]+(?:[\W_]+[0-9]+)*")
# A day is no part of a number: "lần 2 05/01/2024" has nine digits and names nobody.
_DAY = re.compile(r"(?<![0-9/])(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/(?:19|20)[0-9]{2}(?![0-9/])")
_IDENTITY = frozenset({9, 12})
_TIME = re.compile(r"(?<![0-9:])(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?![0-9:])")
_OF_MONTH, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)[0-9]{2}"
_WITH_YEAR = rf"(?:{_YEAR}-{_MONTH}-{_OF_MONTH}|(?:{_OF_MONTH}[./-])?{_MONTH}[./-]{_YEAR})"
_DATE = rf"(?:{_WITH_YEAR}|{_OF_MONTH}[./-]{_MONTH}|{_YEAR})"
_DATES = re.compile(rf"{_DATE}(?:{_BETWEEN}{_DATE})*")
_DATES_WITH_YEAR = re.compile(rf"(?:{_DATE}{_BETWEEN})*{_WITH_YEAR}")
# Mobile and fixed lines by their prefixes in Viet Nam, also with the country's code.
_TELEPHONE = re.compile(r"(?:0|84)(?:(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}|2[0-9]{9})")
# An amount of money has its own groups: "150.000.000 đồng" has nine digits and names nobody.
_MONEY = re.compile(r"[0-9]{1,3}(?:[. ][0-9]{3})+(?=[ ]?(?:đồng|đ|VND|VNĐ)(?!\w))", re.IGNORECASE)


def writes_identity_number(text: str) -> bool:
    """Return whether a text contains 9 or 12 digits written as one number, together or in groups; amounts in đồng do not count.

    For texts full of numbers, such as those of a report, where `has_identity_number` would take several counts with signs
    between them ("78,3%; 51,3%; 12,4%") for one number in pieces.
    """
    return _is_written_as_one(_MONEY.sub("x", _as_read(text)))


def has_identity_number(text: str) -> bool:
    """Return whether a text contains what looks like a national ID number: 9 or 12 digits, with any signs between them.

    Example: ``"CCCD 030 090 001 234"`` and ``"030 - / - 090 (001) 234"`` do; a phone number of ten digits, days and times do
    not, nor do several of them side by side.
    """
    plain = _as_read(text)
    return _is_written_as_one(plain) or _is_in_pieces(plain)


def _as_read(text: str) -> str:
    # Full-width and other digits are read as numbers by people, too.
    return "".join(_plain(letter) for letter in unicodedata.normalize("NFKC", text))


def _is_written_as_one(plain: str) -> bool:
    numbers = _NUMBER.findall(_DAY.sub(",", plain))
    groups = [group for number in numbers for group in _GROUP.split(number)]
    return any(_length(part) in _IDENTITY for part in (*numbers, *groups))


def _is_in_pieces(plain: str) -> bool:
    # A letter in the place of what is no part of a number divides what stands on both sides.
    timed = _TIME.sub("x", _DAY.sub("x", plain))
    told = _NUMBER.sub(lambda number: "x" if _is_ordinary(number[0]) else number[0], timed)
    return any(_makes_one(_NUMBER.findall(chain)) for chain in _CHAIN.findall(told))


def _is_ordinary(number: str) -> bool:
    """Return whether it is a telephone number, or one or several days or months with their year."""
    digits = "".join(filter(str.isdigit, number))
    return any((_TELEPHONE.fullmatch(digits), _DATES_WITH_YEAR.fullmatch(number)))


def _makes_one(pieces: list[str]) -> bool:
    """Return whether neighbouring pieces have as many digits together as a national ID, and are not days or years alone."""
    for first in range(len(pieces)):
        rest = pieces[first:]
        for count, digits in enumerate(accumulate(map(_length, rest)), 1):
            if digits in _IDENTITY and not all(map(_DATES.fullmatch, rest[:count])):
                return True
    return False


def _length(text: str) -> int:
    return sum(map(str.isdigit, text))


def _plain(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(letter)
    # All dashes and spaces are one; what is invisible separates nothing.
    return {"Pd": "-", "Zs": " ", "Cf": ""}.get(kind, letter)
