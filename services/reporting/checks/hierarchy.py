"""Areas during a period: which area the one asked about was on each day, and to which row a stay belongs on a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from reference import area_book
from services.reporting.checks.domain.movements import Stay
from services.reporting.figures import Scope, territory

_DAY = timedelta(days=1)


def area_on(uid: str, day: date) -> str | None:
    """Return the uid of the area that an area is on another day, earlier or later; None where it is not exactly one."""
    book = area_book()
    area = book.by_uid[uid]
    if area.exists_on(day):
        return uid
    if area.valid_to is not None and area.valid_to <= day:
        return book.carried_to(uid, day)
    assert area.valid_from is not None
    before = [
        other.uid
        for other in book.by_uid.values()
        if other.exists_on(day)
        and other.level == area.level
        and book.carried_to(other.uid, area.valid_from) == uid
    ]
    # Where several were merged into it, none of them alone is what the area was.
    return before[0] if len(before) == 1 else None


def borders(first: date, last: date) -> list[date]:
    """Return the days in (first, last] on which the hierarchy of areas changed."""
    changes = {area.valid_from for area in area_book().by_uid.values() if area.valid_from is not None}
    return sorted(day for day in changes if first < day <= last)


def area_before(scope: Scope) -> str | None:
    """Return the area asked as it was on the day before the period; in a named geography it is always itself."""
    assert scope.first is not None
    return scope.uid if scope.geography is not None else area_on(scope.uid, scope.first - _DAY)


class Rows:
    """The row of a stay on a day, as the figure has it on that day: area uids, since codes change their meaning."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[date, Mapping[str, str]] = {}

    def cell(self, stay: Stay, day: date) -> str | None:
        """Return the row; "" where no breakdown is asked; None outside the area."""
        if self._scope.by == "facility":
            inside = self._rows(day, None).get(stay.place or "") is not None
            return (stay.facility or "unknown") if inside else None
        return self._rows(day, self._scope.by).get(stay.place or "")

    def _rows(self, day: date, by: str | None) -> Mapping[str, str]:
        named = self._scope.geography
        era = area_book().era(named or day)
        if era not in self._known:
            here = self._scope.uid if named is not None else area_on(self._scope.uid, day)
            land = {} if here is None else territory(here, era, by, day).row_of
            self._known[era] = {uid: row_uid(row, era, by) if by else "" for uid, row in land.items()}
        return self._known[era]


class Lost:
    """Subjects with a stay in a divided commune: figures count them where their address lies, the log's movements cannot."""

    def __init__(self, stays: Iterable[Stay], geography: date | None) -> None:
        self._geography = geography
        self._stays: dict[str, list[Stay]] = defaultdict(list)
        for stay in stays:
            self._stays[stay.subject].append(stay)

    def on(self, subject: str, day: date) -> bool:
        """Return whether one of the subject's communes of the day was divided."""
        book = area_book()
        places = [stay.place for stay in self._stays.get(subject, ()) if stay.start <= day < stay.end]
        found = [book.placed(place, self._geography or day) for place in places if place is not None]
        # Movements know only the commune of a stay, which does not say in which of its successors the person lives.
        return any(place is None or place.lost is not None for place in found)


def row_uid(row: str, day: date, by: str | None) -> str:
    """Return the uid of the area behind a row in the hierarchy of ``day``; a row that is no area is returned unchanged."""
    area = area_book().resolve(row, day) if by in ("area", "commune") and "@" not in row else None
    return row if area is None else area.uid
