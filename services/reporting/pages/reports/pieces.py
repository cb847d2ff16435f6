"""The body of a report as a page shows it: headings, sentences and tables, in the report's own language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.chassis.web import Cell, Column, Table
from services.reporting.documents import document as printed
from texts import Message, message

_NUMBERS = frozenset({"number", "percent", "change"})


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One part: a table, or a text that is a heading (``level`` 1 or 2), an entry of a list, or a paragraph."""

    text: str = ""
    level: int = 0
    item: bool = False
    table: Table | None = None


def pieces(blocks: Iterable[printed.Block]) -> Iterator[Piece]:
    """Yield the parts; marks of notes are left out, since what explains them is in the printed report."""
    for block in blocks:
        if isinstance(block, printed.Heading):
            yield Piece(text=f"{block.label} {block.text}", level=block.level)
        elif isinstance(block, printed.Paragraph):
            text = "".join(run.text if isinstance(run, printed.Text) else run.shown for run in block.runs)
            yield Piece(text=text, item=block.kind != "body")
        else:
            yield Piece(table=_table(block))


def _table(block: printed.Table) -> Table:
    # Without the running number: the name of a row is its heading.
    kept = [at for at, column in enumerate(block.columns) if column.kind != "index"]
    columns = [block.columns[at] for at in kept]
    return Table(
        caption=_same(block.title),
        columns=tuple(Column(text=_same(one.title), number=one.kind in _NUMBERS) for one in columns),
        rows=tuple(tuple(Cell(text=_same(row.cells[at].shown)) for at in kept) for row in block.rows),
        empty=message("page.report.no_numbers"),
    )


def _same(text: str) -> Message:
    return Message(text, text)
