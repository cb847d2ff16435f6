"""``/<service>/forms/{form}/paste``: rows pasted from a spreadsheet, or a file, become a preview."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from contracts.forms import Form
from registerfiles.columns import HeaderError, RowFault
from registerfiles.failure import ContentError
from registerfiles.parts import Choices, HiddenRows
from registerfiles.source import SUFFIXES
from services.chassis.http import Caller, Problem, Work, judges_cells, purpose_of, state_purpose
from services.chassis.web import (
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Option,
    SentForm,
    Table,
    Text,
    answer,
    purpose_options,
    read_form,
)
from services.registers.pages.cells import label
from services.registers.pages.frame import Desk, refusal_of, request_id
from services.registers.pages.preview_models import PastePage
from services.registers.pages.waiting import waiting_table
from services.registers.previews.judging import judge
from services.registers.previews.model import Content, Preview
from services.registers.previews.reading import from_file, from_text
from services.registers.previews.store import MOST_OPEN, Waiting, kept_until
from services.registers.register import Register
from texts import Message, message

TEXT, FILE, PURPOSE = "text", "file", "purpose"


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with what was sent, and the input that it concerns."""

    field: str
    text: Text


def add_pasting(router: APIRouter, desk: Desk) -> None:
    """Add the routes of pasting rows and dropping a file."""

    @router.get("/forms/{form}/paste", operation_id="page_paste")
    async def draw(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register = desk.register(form)
        waiting = await _waiting(desk, work, caller, form)
        return answer(request, _page(desk, register, waiting, str(desk.platform.new_id())))

    @router.post("/forms/{form}/paste", operation_id="page_paste_rows")
    @judges_cells("*")
    async def paste(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register = desk.register(form)
        sent = await read_form(request)
        number = request_id(desk, sent)
        waiting = await _waiting(desk, work, caller, form)
        try:
            state_purpose(request, sent.one(PURPOSE))
            if len(waiting) >= MOST_OPEN and UUID(number) not in {each.preview_id for each in waiting}:
                raise Problem(409, "page.paste.too_many", most=MOST_OPEN)
            content = await _read(register, sent)
            preview = begun(desk, caller, form, UUID(number), purpose_of(request), content)
            await judge(request, caller, work, desk.intake, preview)
        except ContentError as refused:
            first, *more = _why(register.form, refused)
            fault = _Fault(FILE if FILE in sent.files else TEXT, first)
            page = _page(desk, register, waiting, number, sent, fault, more)
            return answer(request, page, 422)
        except Problem as problem:
            if problem.status in (401, 403) and problem.rule != "purpose_needed":
                raise
            field = PURPOSE if problem.status in (403, 422) else TEXT
            page = _page(desk, register, waiting, number, sent, _Fault(field, refusal_of(problem)))
            return answer(request, page, problem.status)
        async with work() as session:
            await desk.previews.add(session, preview, desk.platform.clock())
        return RedirectResponse(desk.preview_address(preview.preview_id), 303)


async def _read(register: Register, sent: SentForm) -> Content:
    """Return the rows; beside the event loop, which a long file would keep from everybody else."""
    choices = _choices(sent)
    file = sent.files.get(FILE)
    reader = (
        partial(from_text, register.form, sent.one(TEXT), choices)
        if file is None
        else partial(from_file, register.form, file.name, file.content, choices)
    )
    return await asyncio.to_thread(reader)


def _choices(sent: SentForm) -> Choices:
    hidden: HiddenRows = "ask"
    if sent.one("hidden_rows") == "take":
        hidden = "take"
    elif sent.one("hidden_rows") == "leave":
        hidden = "leave"
    ignored = None if sent.one("ignore_unknown") == "yes" else frozenset[str]()
    sheets = tuple(name.strip() for name in sent.one("sheets").split(";") if name.strip())
    return Choices(ignored, sheets, hidden)


def begun(desk: Desk, caller: Caller, form: str, preview_id: UUID, purpose: str, content: Content) -> Preview:
    """Return a preview in its first state; it is the caller's."""
    until = kept_until(desk.platform.clock())
    return Preview(preview_id, form, caller.subject, caller.unit, purpose, 1, until, content)


async def _waiting(desk: Desk, work: Work, caller: Caller, form: str) -> Sequence[Waiting]:
    async with work() as session:
        return await desk.previews.waiting(session, caller, desk.platform.clock(), form)


def _why(form: Form, refused: ContentError) -> Sequence[Message]:
    """Return everything that stops a file or a pasted table, with what can be done about it on this page."""
    if not isinstance(refused, HeaderError):
        return [refused.text]
    return [_in_words_of_a_page(form, fault) for fault in refused.faults]


def _in_words_of_a_page(form: Form, fault: RowFault) -> Message:
    match fault.rule:
        case "unknown_column_filled" | "unknown_column_like":
            like = form.nearest(fault.field)
            if like is None:
                return message("page.paste.unknown_column", header=fault.field)
            meant = Message(f"“{like.vi}”", like.id)
            return message("page.paste.unknown_column_like", header=fault.field, like=meant)
        case "hidden_sheet":
            return message("page.paste.hidden_sheet", sheet=fault.value)
        case "hidden_rows":
            return message("page.paste.hidden_rows", row=fault.row)
        case _:
            return fault.message


def _page(
    desk: Desk,
    register: Register,
    waiting: Sequence[Waiting],
    number: str,
    sent: SentForm | None = None,
    fault: _Fault | None = None,
    more: Sequence[Text] = (),
) -> PastePage:
    faults = (
        ()
        if fault is None
        else tuple(FieldFault(field=fault.field, text=each) for each in (fault.text, *more))
    )
    said: dict[str, Any] = {
        f"{name}_fault": fault.text if fault is not None and fault.field == name else ""
        for name in (TEXT, FILE, PURPOSE)
    }
    return PastePage(
        **desk.head(message("page.paste.title"), desk.of_form(register)),
        **said,
        errors=ErrorSummary(faults=faults) if faults else None,
        action=desk.form_address(register.form.name, "paste"),
        request_id=number,
        text="" if sent is None else sent.one(TEXT),
        accept=",".join(sorted(SUFFIXES)),
        columns=_columns(register),
        waiting=waiting_table(desk, waiting),
        hidden_rows=tuple(
            Option(value=each, text=message(f"page.paste.hidden.{each}")) for each in ("take", "leave")
        ),
        purposes=purpose_options(desk.intake.today),
        purpose="" if sent is None else sent.one(PURPOSE),
        options_open=fault is not None,
    )


def _columns(register: Register) -> Table:
    """Return the columns in the order of the template, by which rows without a header are read."""
    return Table(
        caption=message("page.paste.columns"),
        columns=(
            Column(text=message("page.paste.place"), number=True),
            Column(text=message("page.paste.column")),
            Column(text=message("page.paste.needed")),
        ),
        rows=tuple(
            (
                Cell(text=str(place)),
                Cell(text=label(column)),
                Cell(text=message("word.yes") if column.required else "–"),
            )
            for place, column in enumerate(register.form.columns, 1)
        ),
    )
