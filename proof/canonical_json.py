"""The one text that a value has in JSON (RFC 8785), its hash, and reading JSON in which nothing is said twice."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

_LARGEST = 2**53 - 1  # RFC 8785: whole numbers that every reader of JSON holds exactly
# RFC 8785 sorts names by units of UTF-16, orjson by bytes of UTF-8: the same but for texts with characters from U+E000 up.
_SORTED_OTHERWISE = re.compile(rb"[\xee-\xf4]")


class NotCanonicalError(ValueError):
    """The value has no canonical form here: a float, a number beyond 2^53, or no JSON at all."""


class InexactNumberError(NotCanonicalError):
    """A number that not every reader of JSON holds exactly; ``number`` as it was read."""

    def __init__(self, number: float) -> None:
        super().__init__("a float" if isinstance(number, float) else "a number beyond 2^53")
        self.number = number


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value (RFC 8785). NotCanonicalError for what it must not hold, floats first.

    A closing has tens of thousands of values, so the fast writer of JSON makes its text where both writers agree.
    """
    if _is_plain(value):
        with suppress(orjson.JSONEncodeError):
            written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            if _SORTED_OTHERWISE.search(written) is None:
                return written
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as refused:
        raise NotCanonicalError(str(refused)) from None


def _is_plain(value: Any) -> bool:
    """Return whether only the plain types of JSON are in a value. No float is the number that it was written as.

    Raises:
        InexactNumberError: a float, or a whole number that not every reader holds exactly.
    """
    waiting, plain = [value], True
    while waiting:
        part = waiting.pop()
        kind = type(part)
        if kind is str or part is None or kind is bool:
            continue
        if kind is dict:
            waiting.extend(part.values())
        elif kind is list:
            waiting.extend(part)
        elif kind is int:
            _refuse_large(part)
        else:
            plain = False
            waiting.extend(_unusual(part))
    return plain


def _unusual(part: Any) -> Iterable[Any]:
    """Return what is in a value of another type than those that reading JSON makes."""
    if isinstance(part, float):
        raise InexactNumberError(part)
    if isinstance(part, int):
        _refuse_large(part)
    if isinstance(part, Mapping):
        return part.values()
    return part if isinstance(part, list | tuple) else ()


def _refuse_large(number: int) -> None:
    if not -_LARGEST <= number <= _LARGEST:
        raise InexactNumberError(number)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def read_json(data: bytes) -> Any:
    """JSON in which no member is named twice: the second would silently win. ValueError otherwise."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a member is named twice")
        return found

    return json.loads(data.decode("utf-8"), object_pairs_hook=once)
