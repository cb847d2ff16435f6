"""The paper (văn bản) that a number rests on: what a text must say to name one (``authority/papers.csv``). Pure."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from reference import Record
from services.chassis.security.rights import rights_on

_FIRST = date(1945, 9, 2)
"""No paper of the state is older than the state."""


def paper_rule(form: str, day: date) -> Record | None:
    """Return the row that says what names a paper in this form on the day: its ``column``, ``pattern`` and an ``example``."""
    return next(iter(rights_on(day).papers.get(form, ())), None)


def names_paper(form: str, text: str, day: date) -> bool:
    """Return whether the text names a paper that there can be on the day: by its number and its own day.

    Example: "Báo cáo số 12/BC-CAT ngày 05/01/2024" does; "số liệu công an" does not, nor does a day that is still to come.
    """
    rule = paper_rule(form, day)
    found = None if rule is None else _compiled(rule["pattern"]).search(unicodedata.normalize("NFC", text))
    dated = None if found is None else _day(found["day"])
    return dated is not None and _FIRST <= dated <= day


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFC", pattern))


def _day(written: str) -> date | None:
    try:
        day, month, year = map(int, re.findall(r"[0-9]+", written))
        return date(year, month, day)
    except ValueError:
        return None
