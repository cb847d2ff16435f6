"""Which areas a page offers: the one shown, those above it that the reader reaches, and its parts. Pure."""

from dataclasses import dataclass
from datetime import date

from reference import Area, area_book
from services.reporting.figures import Reader, reaches


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area that can be chosen; ``depth`` is how many offered areas lie above it."""

    uid: str
    code: str
    name: str
    depth: int


def home_of(reader: Reader, day: date) -> str | None:
    """Return the uid of the area that a page begins with: that of the reader's unit, or where it lies on that day.

    None means the province: for units of the province, and for those whose place nobody knows.
    """
    if reader.area is None:
        return None
    book = area_book()
    named = book.named(reader.area)
    if not named or named[-1].parent_uid is None:
        return None
    now = book.resolve(reader.area, day)
    if now is not None:
        return now.uid
    places = (book.placed(area.uid, day) for area in reversed(named))
    return next((place.uid for place in places if place is not None), None)


def choices(reader: Reader, chosen: Area, hierarchy: date) -> list[AreaChoice]:
    """Return the areas to choose from, each above before those in it."""
    book = area_book()
    above = [uid for uid in reversed(book.ancestors(chosen.uid)) if reaches(reader, uid, hierarchy)]
    line = [*above, *([] if chosen.uid in above else [chosen.uid])]
    parts = book.children(chosen.uid, hierarchy)
    if not parts and chosen.parent_uid in above:
        # A commune has no parts: its neighbours are what one goes to next.
        parts = [area for area in book.children(chosen.parent_uid, hierarchy) if area.uid != chosen.uid]
    made = [_choice(book.by_uid[uid], depth) for depth, uid in enumerate(line)]
    return made + [_choice(area, len(line)) for area in sorted(parts, key=lambda area: area.code)]


def _choice(area: Area, depth: int) -> AreaChoice:
    return AreaChoice(area.uid, area.code, area.name, depth)
