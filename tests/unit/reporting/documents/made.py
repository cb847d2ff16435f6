"""Documents made of numbers that the test chooses."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from reference.pack.areas import area_book
from services.reporting.documents import requests, usecases
from services.reporting.documents.document import Document, Table, Text
from services.reporting.documents.planning import Answer, Ask
from tests.support.packs import DISTRICT, PROVINCE_UID

NOW = datetime(2024, 1, 14, 2, tzinfo=UTC)
Values = Callable[[Ask], Answer | None]


def made(name: str, values: Values, given: Mapping[str, str] | None = None) -> Document:
    """The report whose questions are answered by ``values``; None = nothing of it is known."""
    request = requests.parse(requests.named(name), given or {"year": "2023"}, NOW)
    found = {
        ask: values(ask) or Answer(None, None if ask.by is None else {}) for ask in usecases.asks_of(request)
    }
    return usecases.composed(request, found, NOW)


def nought(ask: Ask) -> Answer:
    """Every figure is 0, everywhere."""
    return Answer(0, None if ask.by is None else {})


def of(figures: Mapping[str, int], otherwise: Values = nought) -> Values:
    """Totals by figure for the year itself; rows that add up, all in one area."""

    def answer(ask: Ask) -> Answer | None:
        if ask.figure in figures and ask.times.last.year == 2023:
            value = figures[ask.figure]
            return Answer(value, None if ask.by is None else {_row(ask): value})
        return otherwise(ask)

    return answer


def _row(ask: Ask) -> str:
    first = {"area": DISTRICT, "commune": area_book().communes(PROVINCE_UID, ask.times.last)[0].code}
    return first.get(ask.by or "", "other")


def said(document: Document) -> str:
    """The sentences of the body, without marks."""
    paragraphs = []
    for block in document.body:
        if not isinstance(block, Table) and hasattr(block, "runs"):
            runs = (run.text if isinstance(run, Text) else run.shown for run in block.runs)
            paragraphs.append("".join(runs))
    return "\n".join(paragraphs).replace("\u00a0", " ")


def table(document: Document, key: str) -> Table:
    """The table of that key."""
    return next(one for one in document.tables() if one.key == key)


def shown(found: Table, row: str) -> list[str]:
    """The cells of a row as printed."""
    return [cell.shown for cell in next(one for one in found.rows if one.key == row).cells]
