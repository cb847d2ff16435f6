"""``/<service>/records/{record}`` and ``/<service>/forms/{form}/records``: one record with its history, and a form's list."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.envelope import VIETNAM
from contracts.forms import FORMS, Form
from reference import unit_name
from services.chassis.http import Caller, Work, purpose_of, state_purpose
from services.chassis.web import Cell, Column, SummaryRow, Table, answer
from services.registers.listing import records_as
from services.registers.pages.cells import label, own_day, shown, title
from services.registers.pages.entry import Done
from services.registers.pages.frame import Desk, purposes
from services.registers.pages.models import ListPage, RecordPage, Step
from services.registers.pages.search import state_cell
from services.registers.plan import RECORDED, UNIT, VOID
from services.registers.record_http import record_as
from services.registers.record_keys import key_text
from services.registers.record_view import HandedIn, View
from texts import Message, message, moment_written

_PAGE = 50
_SHOWN = 5
"""Columns of a list besides the number."""


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
        view = await record_as(request, caller, work, desk.intake, record)
        async with work() as session:
            rights = await desk.intake.rights(session, caller)
        register = desk.register(view.form)
        writes = rights.hands_in_some(register, view.unit)
        return answer(
            request, _record(desk, view, writes=writes, outcome=outcome, purpose=purpose_of(request))
        )

    @router.get("/forms/{form}/records", operation_id="page_records")
    async def many(
        form: str,
        request: Request,
        caller: Caller,
        work: Work,
        unit: Annotated[str, Query(max_length=64)] = "",
        after: Annotated[UUID | None, Query()] = None,
        purpose: Annotated[str, Query()] = "",
    ) -> Response:
        state_purpose(request, purpose)
        register = desk.register(form)
        of_unit = unit.strip() or None
        listed = await records_as(
            request, caller, work, desk.intake, register.form, of_unit, after=after, limit=_PAGE
        )
        asked = {name: said for name, said in (("unit", unit), ("purpose", purpose)) if said}
        following = (
            "" if listed.following is None else "?" + urlencode({**asked, "after": str(listed.following)})
        )
        page = ListPage(
            **desk.head(title(register.form)),
            records=_table(desk, register.form, listed.records, of_unit, purpose),
            action=desk.form_address(form, "records"),
            unit=unit,
            purpose=purpose,
            purposes=purposes(desk.intake.today),
            following=following,
            wide=True,
        )
        return answer(request, page)


def _record(desk: Desk, view: View, *, writes: bool, outcome: str, purpose: str) -> RecordPage:
    form = FORMS[view.form]
    register = desk.register(view.form)
    name = Message(f"{form.vi}: {view.number}", f"{form.en}: {view.number}")
    may = writes and not view.voided
    return RecordPage(
        **desk.head(name, desk.of_form(register)),
        done=message(f"page.desk.done.{outcome}") if outcome else "",
        withdrawn=view.voided,
        values=values_of(form, view),
        steps=tuple(_step(form, step) for step in reversed(view.history)),
        others=_others(desk, view, purpose) if view.others else None,
        correct=desk.record_address(view.record, "correct", purpose=purpose) if may else "",
        withdraw=desk.record_address(view.record, "withdraw") if may else "",
        restore=desk.record_address(view.record, "restore") if writes and view.voided else "",
    )


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
        when=moment_written(step.handed_in_at.astimezone(VIETNAM)),
        by=step.handed_in_by,
        recorded=moment_written(step.recorded_at.astimezone(VIETNAM)),
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
