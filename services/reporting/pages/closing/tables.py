"""What several pages of closings show: the editions with their hashes, the numbers that one holds, what it is of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.chassis.web import Cell, Column, Table
from services.reporting.pages import words
from services.reporting.pages.editions import PATH
from services.reporting.pages.headline_page import number_in_words
from services.reporting.pages.lines import area_named
from texts import Message, joined, message, number_message

Json = Mapping[str, Any]


def editions_table(editions: Iterable[Json]) -> Table:
    """Return the editions of closed periods, each with who closed it and its hash."""
    return Table(
        caption=message("page.closing.editions"),
        columns=(
            Column(text=message("page.closing.edition")),
            Column(text=message("page.closing.what")),
            Column(text=message("page.closing.official")),
            Column(text=message("page.closing.closed_at")),
            Column(text=message("page.closing.hash")),
        ),
        rows=tuple(
            (
                Cell(
                    text=message("page.closing.edition_number", number=one["edition"]),
                    href=words.link(f"{PATH}/{one['id']}", {}),
                ),
                Cell(text=what_of(one)),
                Cell(text=one["official"]["name"]),
                Cell(text=moment(one["closed_at"])),
                Cell(text=one["content_hash"]),
            )
            for one in editions
        ),
    )


def moment(instant: str) -> Message:
    """Return an instant of a closing as people write it."""
    return words.moment_of(datetime.fromisoformat(instant))


def what_of(closing: Json) -> Message:
    """Return the calendar, period and area of a closing."""
    calendar, area = words.calendar_name(closing["calendar"]), area_named(closing["area_uid"])
    return joined(
        [calendar, words.both(closing["period"]), area if isinstance(area, Message) else words.both(area)],
        ", ",
    )


def totals_table(cells: Iterable[Json]) -> Table:
    """Return the numbers of the whole area among the cells of a closing."""
    return Table(
        caption=message("page.closing.totals"),
        columns=(
            Column(text=message("page.headline.figure")),
            Column(text=message("page.headline.number"), number=True),
        ),
        rows=tuple(
            (
                Cell(text=words.figure_name(cell["figure"])),
                Cell(text=number_in_words(cell["figure"], number_of(cell["value"]), "shown", None)),
            )
            for cell in cells
            if cell["by"] is None
        ),
    )


def number_of(value: int | str | None) -> int | Decimal | None:
    """Return a value of a cell: a whole number is one, everything else is text (a closing seals no float)."""
    return Decimal(value) if isinstance(value, str) else value


def value_text(value: int | str | None) -> Message:
    """Return a value of a cell in words; a dash for none."""
    return number_message(number_of(value))
