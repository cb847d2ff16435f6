"""What one search box may mean: people type a number, a name or an identity number, and need not say which of them."""

import re
from collections.abc import Mapping, Sequence

from services.linkage import national_id_kind

_BORN = re.compile(r"(?P<name>\D+\s\D*\S)\s+(?P<year>(?:19|20)[0-9]{2})")
_DIGIT = re.compile(r"[0-9]")


def meanings(text: str) -> Sequence[Mapping[str, str]]:
    """Return what a text may mean, as terms of a search, the likeliest first: the next counts where nothing is found.

    A number of 9 or 12 digits is that of a person before that of a record, words without a digit are a name before a
    number. A name may be followed by a year of birth; it has two words at least, since "HS 2019" is a number.

    >>> meanings("nguyen van thu 1990")
    [{'name': 'nguyen van thu', 'birth_year': '1990'}, {'number': 'nguyen van thu 1990'}]
    >>> meanings("HS-12/2019")
    [{'number': 'HS-12/2019'}]
    >>> meanings("")
    []
    """
    typed = " ".join(text.split())
    if not typed:
        return []
    by_number = {"number": typed}
    if born := _BORN.fullmatch(typed):
        return [{"name": born["name"], "birth_year": born["year"]}, by_number]
    if national_id_kind(typed):
        return [{"national_id": typed}, by_number]
    return [by_number] if _DIGIT.search(typed) else [{"name": typed}, by_number]
