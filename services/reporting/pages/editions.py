"""Which figures of a period are closed, in which edition, and where a reader who may see it finds that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reference import figures_of
from services.chassis.problems import Problem
from services.chassis.web import Cell
from services.reporting.closing import own_figures
from services.reporting.figures import QueryService, Reader, Scope
from services.reporting.pages import words
from services.reporting.pages.choosing import Chosen
from texts import Message, message

Json = Mapping[str, Any]
PATH = "closing"


@dataclass(frozen=True, slots=True)
class Edition:
    """The latest edition of a closed period that holds a figure; ``href`` leads to it where the reader may see all of it."""

    number: int
    known_at: datetime
    href: str


def editions_in(
    listed: Iterable[Json], chosen: Chosen, queries: QueryService, reader: Reader
) -> dict[str, Edition]:
    """Return the latest edition of the period that holds each figure; ``listed`` are the closings, the newest first."""
    period, found = chosen.period, dict[str, Edition]()
    asked = (period.calendar, period.code, chosen.area.uid)
    for one in listed:
        if (one["calendar"], one["period"], one["area_uid"]) != asked:
            continue
        held = own_figures(period.calendar, figures_of(one["figures"], period.last), period.last)
        known_at = datetime.fromisoformat(one["known_at"])
        href = words.link(f"{PATH}/{one['id']}", {}) if _sees_all(queries, reader, chosen, held) else ""
        for figure in held:
            found.setdefault(figure, Edition(one["edition"], known_at, href))
    return found


def _sees_all(queries: QueryService, reader: Reader, chosen: Chosen, held: Sequence[str]) -> bool:
    # A closing is signed as a whole, so whoever may not see all of it sees nothing of it.
    scope = Scope(chosen.area.uid, chosen.period.last, chosen.period.first, None)
    try:
        queries.check_entitled(tuple(held), scope, reader, "closing_exact_only")
    except Problem as refused:
        if refused.status != 403:
            raise
        return False
    return True


def edition_text(edition: Edition | None) -> Message:
    """Return whether the period of a figure is closed, and in which edition."""
    return (
        message("page.headline.open")
        if edition is None
        else message("page.headline.closed", edition=edition.number)
    )


def edition_cell(edition: Edition | None) -> Cell:
    """Return the same as a cell that leads to the edition."""
    text = edition_text(edition)
    return Cell(text=text) if edition is None else Cell(text=text, tag="good", href=edition.href)
