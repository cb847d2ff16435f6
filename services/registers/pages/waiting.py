"""Previews that wait to be confirmed: rows that were pasted or dropped and are not handed in yet. Pure."""

from collections.abc import Iterator, Sequence

from services.chassis.web import Cell, Column, Table, moment_text
from services.registers.pages.cells import title
from services.registers.pages.frame import Desk
from services.registers.previews.store import Waiting
from texts import Message, joined, message, number_message


def waiting_table(desk: Desk, waiting: Sequence[Waiting], *, of_all_forms: bool = False) -> Table | None:
    """Return the previews, each leading to its page; None where none waits."""
    if not waiting:
        return None
    form = (Column(text=message("page.desk.register")),) if of_all_forms else ()
    return Table(
        caption=message("page.paste.waiting"),
        columns=(
            Column(text=message("page.paste.since")),
            *form,
            Column(text=message("page.paste.count"), number=True),
            Column(text=message("page.paste.is.refused"), number=True),
        ),
        rows=tuple(tuple(_cells(desk, each, of_all_forms=of_all_forms)) for each in waiting),
    )


def _cells(desk: Desk, waiting: Waiting, *, of_all_forms: bool) -> Iterator[Cell]:
    yield Cell(text=_when(waiting), href=desk.preview_address(waiting.preview_id))
    if of_all_forms:
        yield Cell(text=title(desk.register(waiting.form).form))
    yield Cell(text=number_message(sum(waiting.counts.values())))
    yield Cell(text=number_message(waiting.counts.get("refused", 0)))


def _when(waiting: Waiting) -> Message:
    at = moment_text(waiting.changed_at)
    return joined([message("page.paste.open"), Message(at, at)], " ")
