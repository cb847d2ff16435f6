"""Where records belong on a day: the hierarchy of the day asked, never a guess.

A record's commune may have been merged or divided since. A whole succession carries the record along; a record of a
divided commune falls to the smallest area of the day that surely holds it and is shown there as not attributed.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contracts.areas import Area, area_book

UNATTRIBUTED = "unattributed"
"""Row of what belongs to the area but to none of its parts for sure ("chưa phân bổ")."""
UNKNOWN = "unknown"
"""Row of a blank value; for areas: of a facility whose commune nobody has listed."""


@dataclass(frozen=True, slots=True)
class Territory:
    """One area on one day. ``parts`` are the rows of a breakdown, ``row_of`` maps area uids to those rows."""

    area: Area
    day: date
    parts: tuple[str, ...]
    row_of: dict[str, str]

    @property
    def whole(self) -> bool:
        """Whether nothing lies above the area: what is somewhere unknown is here all the same."""
        return self.area.parent_uid is None


def default_province(day: date) -> str | None:
    """The uid of the province of that day."""
    return area_book().carried_to("30@2008", day)


@lru_cache(maxsize=512)
def territory(uid: str, day: date, by: str | None) -> Territory:
    """The area as a territory on the day, split by ``area`` (its children), ``commune``, or not at all (None).

    A commune has no parts but itself.
    """
    book = area_book()
    area = book.by_uid[uid]
    if by == "area":
        parts = book.children(uid, day) or [area]
    elif by == "commune":
        parts = book.communes(uid, day)
    else:
        parts = []
    part_uids = {part.uid: part.code for part in parts}
    row_of: dict[str, str] = {}
    for candidate in book.by_uid:
        home = book.nearest_known(candidate, day)
        if home is None:
            continue
        chain = book.ancestors(home)
        if uid in chain:
            row_of[candidate] = next((part_uids[up] for up in chain if up in part_uids), UNATTRIBUTED)
    return Territory(area, day, tuple(part.code for part in parts), row_of)


@lru_cache(maxsize=64)
def commune_of(day: date) -> dict[str, str]:
    """Area uid → uid of the one commune of the day that it is, or has wholly become part of."""
    book = area_book()
    found = {}
    for candidate in book.by_uid:
        home = book.carried_to(candidate, day)
        if home is not None and book.by_uid[home].level == "commune" and book.by_uid[home].exists_on(day):
            found[candidate] = home
    return found
