"""Days as offices write them: which spellings of a day have one meaning. Pure."""

import re
from datetime import date

from contracts.forms import day_in_words

_CLOCK = r"(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
# One sign between the parts, with blanks around it or not: 05/02/1990, 5.2.1990, 05 - 02 - 1990.
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}}) ?([-/.\\]) ?([0-9]{{1,2}}) ?\2 ?([0-9]{{4}}){_CLOCK}")
_YEAR_FIRST = re.compile(rf"([0-9]{{4}}) ?([-/.\\]) ?([0-9]{{1,2}}) ?\2 ?([0-9]{{1,2}}){_CLOCK}")


def day_as_written(text: str) -> tuple[date, tuple[int, int, int] | None] | None:
    """Return the day and the time of day as clerks write them; None for anything else, also for a year of two digits.

    Raises:
        ValueError: it is written like a date, and there is no such day or hour.
    """
    if (parts := day_in_words(text)) is not None:
        return date(*parts), None
    if found := _DAY_FIRST.fullmatch(text):
        day = date(int(found[4]), int(found[3]), int(found[1]))
    elif found := _YEAR_FIRST.fullmatch(text):
        day = date(int(found[1]), int(found[3]), int(found[4]))
    else:
        return None
    return day, None if found[5] is None else (int(found[5]), int(found[6]), int(found[7] or 0))
