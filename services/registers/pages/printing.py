"""``/<service>/records/{record}/print`` and ``/<service>/forms/{form}/print``: a record's slip and a register, to be printed.

They are read as the pages of a record and of a list are, so each is in the audit as those are.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.forms import FORMS, Form
from reference import unit_name
from services.chassis.http import Caller, Work, purpose_of, state_purpose
from services.chassis.web import Cell, Column, Table, Text, answer, moment_text
from services.registers.pages.cells import label, own_day, shown, title
from services.registers.pages.frame import Desk
from services.registers.pages.models import RegisterSheet, SlipSheet
from services.registers.pages.records import AskedList, listed, name_of, values_of
from services.registers.plan import RECORDED, UNIT, VOID
from services.registers.record_http import record_as
from texts import message

SHEET_ROWS = 200
"""How many records are printed at once."""


def add_printing(router: APIRouter, desk: Desk) -> None:
    """Add the routes of what is printed."""

    @router.get("/records/{record}/print", operation_id="page_print_record")
    async def slip(
        record: UUID, request: Request, caller: Caller, work: Work, purpose: Annotated[str, Query()] = ""
    ) -> Response:
        state_purpose(request, purpose)
        view = await record_as(request, caller, work, desk.intake, record)
        register = desk.register(view.form)
        form = FORMS[view.form]
        page = SlipSheet(
            **desk.head(name_of(form, view), desk.of_form(register)),
            unit=unit_name(view.unit),
            form=title(form),
            number=view.number,
            withdrawn=view.voided,
            values=values_of(form, view),
            printed=_printed(desk, caller.subject),
            back=desk.record_address(record, purpose=purpose_of(request)),
        )
        return answer(request, page)

    @router.get("/forms/{form}/print", operation_id="page_print_register")
    async def register_sheet(
        form: str, request: Request, caller: Caller, work: Work, asked: AskedList
    ) -> Response:
        register = desk.register(form)
        found, following = await listed(desk, request, caller, work, register, asked, SHEET_ROWS)
        page = RegisterSheet(
            **desk.head(title(register.form), desk.of_form(register)),
            unit=unit_name(asked.of_unit or caller.unit),
            records=_records(register.form, found),
            printed=_printed(desk, caller.subject),
            back=f"{desk.form_address(form, 'records')}?{asked.query()}",
            following=following,
            wide=True,
        )
        return answer(request, page)


def _printed(desk: Desk, subject: str) -> Text:
    """Return when and by whom the sheet is printed, as it stands at its foot."""
    now = moment_text(desk.platform.clock())
    return message("page.print.printed", when=now, by=subject)


def _records(form: Form, records: list[dict[str, Any]]) -> Table:
    """Return the records that stand, with every column that one of them fills."""
    standing = [each["values"] for each in records if not each["voided"]]
    columns = [
        column
        for column in form.columns
        if column.id not in (RECORDED, UNIT, VOID) and any(values.get(column.id) for values in standing)
    ]
    return Table(
        caption=message("page.print.records"),
        columns=tuple(Column(text=label(column)) for column in columns),
        rows=tuple(
            tuple(
                Cell(text=shown(column, values.get(column.id), own_day(form, values))) for column in columns
            )
            for values in standing
        ),
        empty=message("page.desk.no_records"),
    )
