"""The same question in the areas of another time: links between the trees of areas."""

from collections.abc import Iterator, Mapping

from reference import area_book
from services.chassis.web import Link
from services.reporting.figures import region_day
from services.reporting.pages import words
from services.reporting.pages.choosing import Chosen
from texts import day_written, message


def trees(chosen: Chosen, path: str, kept: Mapping[str, str]) -> tuple[Link, ...]:
    """Return the same question in the areas of its own day, before the districts ended, and of today.

    ``kept`` are parameters of the address that stay as they are.
    """
    return tuple(_trees(chosen, path, kept))


def _trees(chosen: Chosen, path: str, kept: Mapping[str, str]) -> Iterator[Link]:
    book = area_book()
    days = {"": chosen.period.last, "before": region_day(), "after": book.era(chosen.today)}
    for name, day in days.items():
        place = book.placed(chosen.area.uid, day)
        if place is None or (name and book.era(day) == book.era(chosen.period.last)):
            continue
        geography = day.isoformat() if name else ""
        yield Link(
            text=message("page.figure.tree", day=day_written(book.era(day)))
            if name
            else message("page.figure.own_tree"),
            href=words.link(path, {**chosen.asked(area=place.uid, geography=geography), **kept}),
            current=(chosen.geography is None) == (not name) and book.era(day) == book.era(chosen.hierarchy),
        )
