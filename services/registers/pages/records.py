"""``/<service>/records/{record}`` and ``/<service>/forms/{form}/records``: one record with its history, and a form's list."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from contracts.forms import FORMS, Form
from reference import WITHDRAWAL, unit_name
from services.chassis.http import Caller, Work, purpose_of, state_purpose
from services.chassis.web import Cell, Column, Option, SummaryRow, Table, answer, moment_text, purpose_options
from services.registers.listing import records_as
from services.registers.pages.addresses import person_address
from services.registers.pages.cells import code_word, label, own_day, shown, title
from services.registers.pages.entry import Done
from services.registers.pages.frame import Desk
from services.registers.pages.models import ListPage, RecordPage, Step
from services.registers.pages.search import state_cell
from services.registers.plan import RECORDED, UNIT, VOID
from services.registers.record_http import record_as
from services.registers.record_keys import key_text
from services.registers.record_view import HandedIn, View
from services.registers.register import Register
from texts import Message, message

_PAGE = 50
_SHOWN = 5
"""Columns of a list besides the number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records of a form are asked for, and why; each is a parameter of the address."""

    unit: Annotated[str, Query(max_length=64)] = ""
    after: Annotated[UUID | None, Query()] = None
    purpose: Annotated[str, Query()] = ""

    @property
    def of_unit(self) -> str | None:
        """Return the unit whose records are asked for; None for the reader's own."""
        return self.unit.strip() or None

    def query(self, **more: str) -> str:
        """Return the parameters of an address that asks for the same records, or for those ``after`` others."""
        given = {"unit": self.unit, "purpose": self.purpose, **more}
        return urlencode({name: said for name, said in given.items() if said})


AskedList = Annotated[Asked, Depends()]


def add_records(router: APIRouter, desk: Desk) -> None:
    """Add the routes of reading records."""

    @router.get("/records/{record}", operation_id="page_record")
    async def one(
        record: UUID,
        request: Request,
        caller: Caller,
        work: Work,
        outcome: Annotated[Done, Query()] = "",
        purpose: Annotated[str, Query()] = "",
    ) -> Response:
        state_purpose(request, purpose)
        page = await record_page(desk, request, caller, work, record)
        return answer(request, replace(page, done=message(f"page.desk.done.{outcome}") if outcome else ""))

    @router.get("/forms/{form}/records", operation_id="page_records")
    async def many(form: str, request: Request, caller: Caller, work: Work, asked: AskedList) -> Response:
        register = desk.register(form)
        found, following = await listed(desk, request, caller, work, register, asked, _PAGE)
        page = ListPage(
            **desk.head(title(register.form)),
            records=_table(desk, register.form, found, asked.of_unit, asked.purpose),
            action=desk.form_address(form, "records"),
            unit=asked.unit,
            purpose=asked.purpose,
            purposes=purpose_options(desk.intake.today),
            following=following,
            sheet=f"{desk.form_address(form, 'print')}?{asked.query()}",
            wide=True,
        )
        return answer(request, page)


async def listed(
    desk: Desk, request: Request, caller: Caller, work: Work, register: Register, asked: Asked, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """Return the records of a list, so many at most, and the query of the page after them; Problem as of `records_as`."""
    state_purpose(request, asked.purpose)
    found = await records_as(
        request, caller, work, desk.intake, register.form, asked.of_unit, after=asked.after, limit=limit
    )
    following = "" if found.following is None else f"?{asked.query(after=str(found.following))}"
    return found.records, following


async def record_page(desk: Desk, request: Request, caller: Caller, work: Work, record: UUID) -> RecordPage:
    """Return the page of a record as its reader may see it; Problem as of `record_as`."""
    view = await record_as(request, caller, work, desk.intake, record)
    async with work() as session:
        rights = await desk.intake.rights(session, caller)
    writes = rights.hands_in_some(desk.register(view.form), view.unit)
    return _record(desk, view, writes=writes, purpose=purpose_of(request))


def _record(desk: Desk, view: View, *, writes: bool, purpose: str) -> RecordPage:
    form = FORMS[view.form]
    register = desk.register(view.form)
    may = writes and not view.voided
    return RecordPage(
        **desk.head(name_of(form, view), desk.of_form(register)),
        withdrawn=view.voided,
        values=values_of(form, view),
        steps=tuple(_step(form, step) for step in reversed(view.history)),
        others=_others(desk, view, purpose) if view.others else None,
        correct=desk.record_address(view.record, "correct", purpose=purpose) if may else "",
        withdraw=desk.record_address(view.record, "withdraw") if may else "",
        reasons=tuple(
            Option(value=code, text=code_word(vietnamese, code)) for code, vietnamese in WITHDRAWAL.items()
        ),
        restore=desk.record_address(view.record, "restore") if writes and view.voided else "",
        slip=desk.record_address(view.record, "print", purpose=purpose),
        person="" if view.person is None else person_address(view.person, purpose=purpose),
    )


def name_of(form: Form, view: View) -> Message:
    """Return what a record is called: its form and its number."""
    return Message(f"{form.vi}: {view.number}", f"{form.en}: {view.number}")


def values_of(form: Form, view: View) -> tuple[SummaryRow, ...]:
    """Return what the record says, column by column in the form's order, and of which unit it is."""
    day = own_day(form, view.values)
    rows = [
        SummaryRow(term=label(column), value=shown(column, view.values[column.id], day))
        for column in form.columns
        if column.id in view.values and column.id not in (RECORDED, UNIT, VOID)
    ]
    return (*rows, SummaryRow(term=message("page.desk.unit"), value=view.unit))


def _step(form: Form, step: HandedIn) -> Step:
    return Step(
        what=message(f"record.step.{step.step}"),
        when=moment_text(step.handed_in_at),
        by=step.handed_in_by,
        recorded=moment_text(step.recorded_at),
        reason=""
        if step.reason is None
        else code_word(WITHDRAWAL.get(step.reason, step.reason), step.reason),
        note=step.note or "",
        changes=tuple(
            (
                label(form.by_id[change.field]),
                shown(form.by_id[change.field], change.old),
                shown(form.by_id[change.field], change.new),
            )
            for change in step.changes
        ),
    )


def _others(desk: Desk, view: View, purpose: str) -> Table:
    return Table(
        caption=message("page.desk.others"),
        columns=(Column(text=message("page.desk.number")), Column(text=message("page.desk.state"))),
        rows=tuple(
            (
                Cell(text=other.number, href=desk.record_address(other.record, purpose=purpose)),
                state_cell(other.voided),
            )
            for other in view.others
        ),
    )


def _table(desk: Desk, form: Form, records: list[dict[str, Any]], unit: str | None, purpose: str) -> Table:
    keyed = {name for part in form.key for piece in part.split("|") for name in piece.split("+")}
    columns = [
        column
        for column in form.columns
        if column.id not in {RECORDED, UNIT, VOID, *keyed} or column.identity
    ][:_SHOWN]
    return Table(
        caption=message("page.desk.records_read")
        if unit is None
        else message("page.desk.records_of", unit=unit_name(unit)),
        columns=(
            Column(text=message("page.desk.number")),
            *(Column(text=label(column)) for column in columns),
            Column(text=message("page.desk.state")),
        ),
        rows=tuple(
            (
                Cell(
                    text=key_text(form, each["values"]) or "–",
                    href=desk.record_address(each["record"], purpose=purpose),
                ),
                *(
                    Cell(text=shown(column, each["values"].get(column.id), own_day(form, each["values"])))
                    for column in columns
                ),
                state_cell(each["voided"]),
            )
            for each in records
        ),
        empty=message("page.desk.no_records"),
    )
