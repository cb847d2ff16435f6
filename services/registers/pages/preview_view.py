"""A preview as a page shows it: counts first, then the rows of one kind. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from contracts.forms import Column, Form
from services.chassis.web import Cell, Table, Text, moment_text
from services.chassis.web import Column as Head
from services.chassis.web.models import Kind as Colour
from services.registers.pages.cells import label, shown, title
from services.registers.pages.frame import Desk
from services.registers.pages.mending import inputs_of, without_column, written
from services.registers.pages.models import Conflict
from services.registers.pages.preview_models import MendCard, PreviewPage, ShownRow
from services.registers.plan import RECORDED, UNIT, VOID, plan_of
from services.registers.previews.model import VERDICTS, WRITES, Content, Preview, PreviewRow, Verdict
from texts import Message, joined, message, number_message

CARDS = 25
ROWS = 50
"""How many rows a page has: of refused ones, whose cells are inputs, fewer."""
_NOTES = 30
_SHOWN = 5
"""Columns of a list besides the number."""
_COLOURS: Mapping[Verdict, Colour] = {
    "refused": "bad",
    "corrected": "warning",
    "withdrawn": "warning",
    "restored": "warning",
    "accepted": "good",
}


def chosen(content: Content, asked: Verdict | None, *, done: bool) -> Verdict:
    """Return which rows are shown: those asked for, else the first kind of which there are any; once ``done``, of those written."""
    if asked is not None:
        return asked
    counts = content.counts()
    found = [verdict for verdict in VERDICTS if counts[verdict] and not (done and verdict not in WRITES)]
    first: Verdict = "accepted"
    return next(iter(found), first)


def preview_page(
    desk: Desk,
    preview: Preview,
    asked: Verdict | None,
    page: int,
    *,
    moved: bool = False,
    problem: Text = "",
) -> PreviewPage:
    """Return the page of a preview, or of what was handed in from it."""
    content, register = preview.content, desk.register(preview.form)
    done = preview.confirmed_at is not None
    form, day, kind = register.form, desk.intake.today, chosen(content, asked, done=done)
    rows = content.of(kind)
    mends = kind == "refused" and not done
    size = CARDS if mends else ROWS
    page = min(page, max(1, -(-len(rows) // size)))
    part = rows[(page - 1) * size : page * size]
    listed = _columns(form)
    notes, counts = _notes(content), content.counts()
    return PreviewPage(
        **desk.head(
            message("page.paste.done") if done else message("page.paste.preview"), desk.of_form(register)
        ),
        counts=_counts(desk, preview, done=done),
        kind=kind,
        heading=message(f"page.paste.rows.{kind}"),
        cards=tuple(_card(form, row, day) for row in part) if mends else (),
        columns=_heads(kind, listed),
        rows=() if mends else tuple(_shown_row(desk, form, row, listed, day, done=done) for row in part),
        notes=notes[:_NOTES],
        more_notes=max(0, len(notes) - _NOTES),
        previous=_query(kind, page - 1) if page > 1 else "",
        following=_query(kind, page + 1) if page * size < len(rows) else "",
        address=desk.preview_address(preview.preview_id),
        page=page,
        version=preview.version,
        writes=content.writes(),
        left=counts["refused"] + counts["left_out"],
        until=moment_text(preview.expires_at),
        list_href=desk.form_address(form.name, "records"),
        paste_href=desk.form_address(form.name, "paste"),
        conflicts=content.replace or any(fault.sides for row in content.rows for fault in row.faults),
        replace=content.replace,
        headless=not content.headed,
        moved=moved,
        done=done,
        problem=problem,
        rest=done and bool(counts["refused"]),
        wide=not mends,
    )


def _heads(kind: Verdict, listed: Sequence[Column]) -> tuple[Text, ...]:
    if kind == "corrected":
        return ()
    return (message("page.paste.why"),) if kind == "refused" else tuple(label(column) for column in listed)


def _counts(desk: Desk, preview: Preview, *, done: bool) -> Table:
    counts = preview.content.counts()
    address, tense = desk.preview_address(preview.preview_id), "was" if done else "is"
    rows = tuple(
        (
            Cell(
                text=message(f"page.paste.{tense}.{verdict}"),
                href=f"{address}{_query(verdict, 1)}" if counts[verdict] else "",
            ),
            Cell(
                text=number_message(counts[verdict]), tag=_COLOURS.get(verdict) if counts[verdict] else None
            ),
        )
        for verdict in VERDICTS
        if counts[verdict] or verdict in ("accepted", "corrected", "refused")
    )
    return Table(
        caption=title(desk.register(preview.form).form),
        columns=(
            Head(text=message("page.paste.became") if done else message("page.paste.becomes")),
            Head(text=message("page.paste.count"), number=True),
        ),
        rows=rows,
    )


def _query(kind: Verdict, page: int) -> str:
    return f"?show={kind}" + (f"&page={page}" if page > 1 else "")


def name_of(form: Form, row: PreviewRow) -> Text:
    """Return where a row stands and the number that it has there."""
    place = (
        message("page.paste.row_of_sheet", sheet=row.sheet, row=row.line)
        if row.sheet
        else message("page.paste.row", row=row.line)
    )
    number = key_of(form, row.values)
    return joined((place, Message(number, number)), ": ") if number else place


def key_of(form: Form, values: Mapping[str, Any]) -> str:
    """Return what names the record, as the row has it."""
    parts = []
    for part in plan_of(form).key:
        names = next(
            (names for names in part.alternatives if all(values.get(name) is not None for name in names)), ()
        )
        parts += [written(form.by_id[name], values[name]) for name in names]
    return ", ".join(parts)


def _card(form: Form, row: PreviewRow, day: date) -> MendCard:
    inputs = inputs_of(form, row, day)
    sides = next(((fault.value, fault.sides) for fault in row.faults if fault.sides is not None), None)
    return MendCard(
        number=row.number,
        name=name_of(form, row),
        faults=tuple(fault.message for fault in without_column(row.all_faults, form)),
        wrong=tuple(each for each in inputs if each.fault),
        others=tuple(each for each in inputs if not each.fault),
        conflict=None
        if sides is None
        else Conflict(number=sides[0], standing=sides[1][0], given=sides[1][1]),
        as_it_stands=bool(row.unread),
    )


def _columns(form: Form) -> Sequence[Column]:
    keyed = {name for part in plan_of(form).key for names in part.alternatives for name in names}
    return [
        column
        for column in form.columns
        if column.id not in {RECORDED, UNIT, VOID, *keyed} or column.identity
    ][:_SHOWN]


def _shown_row(
    desk: Desk, form: Form, row: PreviewRow, columns: Sequence[Column], day: date, *, done: bool
) -> ShownRow:
    corrects = row.verdict == "corrected"
    # A row that is only shown makes no record yet.
    there = row.record is not None and (done or row.verdict != "accepted")
    return ShownRow(
        number=row.number,
        name=name_of(form, row),
        href=desk.record_address(row.record) if there and row.record else "",
        cells=() if corrects else _cells(row, columns),
        changes=tuple(
            (
                label(form.by_id[change.field]),
                shown(form.by_id[change.field], change.old, day),
                shown(form.by_id[change.field], change.new, day),
            )
            for change in (row.changes if corrects else ())
        ),
    )


def _cells(row: PreviewRow, columns: Sequence[Column]) -> tuple[Text, ...]:
    if row.verdict == "refused":
        return (joined((fault.message for fault in row.all_faults), "; "),)
    return tuple(written(column, row.values.get(column.id)) or "–" for column in columns)


def _notes(content: Content) -> tuple[Text, ...]:
    found: list[Text] = [note.message for note in content.read_notes]
    for note in content.notes:
        place = message("page.paste.row", row=note.row)
        found.append(joined((place, note.message), ": "))
    return tuple(found)
