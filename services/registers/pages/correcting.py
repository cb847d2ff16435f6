"""``/<service>/records/{record}/…``: correcting a record, withdrawing it, entering it again. Each is a row that is handed in."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.forms import Form
from services.chassis.http import (
    Caller,
    Fault,
    Problem,
    Work,
    guards_met,
    judges_cells,
    purpose_of,
    state_purpose,
)
from services.chassis.persistence import AsyncSession
from services.chassis.web import Breadcrumb, answer, read_form
from services.registers import store
from services.registers.engine import HandIn, Result
from services.registers.pages import fields
from services.registers.pages.cells import as_typed, changed, typed_in
from services.registers.pages.entry import facilities_of, status_of, tried, what_refused
from services.registers.pages.frame import Desk, request_id
from services.registers.pages.models import EntryPage
from services.registers.plan import UNIT, VOID, plan_of
from services.registers.reading import with_codes
from services.registers.record_http import record_as
from services.registers.record_view import View
from services.registers.row import CellFault, RawRow
from services.registers.secrets import Vault
from services.registers.store import Stored
from services.registers.units import UnitEntry
from texts import message

Values = Mapping[str, Any]


def add_correcting(router: APIRouter, desk: Desk) -> None:
    """Add the routes of changing a record that is there."""

    @router.get("/records/{record}/correct", operation_id="page_correct_record")
    async def draw(
        record: UUID, request: Request, caller: Caller, work: Work, purpose: Annotated[str, Query()] = ""
    ) -> Response:
        state_purpose(request, purpose)
        view = await record_as(request, caller, work, desk.intake, record)
        async with work() as session:
            facilities = await facilities_of(desk, session)
        form = desk.register(view.form).form
        typed = {column.id: as_typed(column, view.values.get(column.id)) for column in form.columns}
        page = _page(desk, view, typed, (), facilities, purpose_of(request))
        return answer(request, EntryPage(**page, request_id=str(desk.platform.new_id())))

    @router.post("/records/{record}/correct", operation_id="page_save_correction")
    @judges_cells("*")
    async def correct(
        record: UUID, request: Request, caller: Caller, work: Work, purpose: Annotated[str, Query()] = ""
    ) -> Response:
        state_purpose(request, purpose)
        sent = await read_form(request)
        view = await record_as(request, caller, work, desk.intake, record)
        form = desk.register(view.form).form
        fixed = key_columns(form, view.values)
        typed = {name: text for name, text in typed_in(form, sent).items() if name not in {*fixed, UNIT}}
        cells = changed(form, typed, view.values)
        number = request_id(desk, sent)
        result: Result | None = None
        problem: Problem | None = None
        moved = sent.one("sequence") != str(view.sequence)
        if moved:
            problem = Problem(409, "page.desk.changed_meanwhile")
        elif cells:
            row = RawRow(1, {**_key(form, view.values), UNIT: view.unit, **cells})
            batch = HandIn(
                view.form,
                [row],
                replace=sent.one("replace") == "yes",
                met=tuple(guards_met(request, caller)),
                correlation_id=number,
            )
            result, problem = await tried(desk, request, caller, work, batch)
        if problem is None and (result is None or not result.faults):
            outcome = "unchanged" if result is None else result.outcomes[0].outcome
            return RedirectResponse(
                desk.record_address(record, outcome=outcome, purpose=purpose_of(request)), 303
            )
        async with work() as session:
            facilities = await facilities_of(desk, session)
        faults = () if result is None else result.faults
        page = _page(desk, view, typed, faults, facilities, purpose_of(request))
        again = EntryPage(**page, **what_refused(result, problem), request_id=number)
        return answer(request, again, status_of(result, problem))

    @router.post("/records/{record}/withdraw", operation_id="page_withdraw_record")
    async def withdraw(record: UUID, request: Request, caller: Caller, work: Work) -> Response:
        return await _whole(desk, record, request, caller, work, withdrawing=True)

    @router.post("/records/{record}/restore", operation_id="page_restore_record")
    async def restore(record: UUID, request: Request, caller: Caller, work: Work) -> Response:
        return await _whole(desk, record, request, caller, work, withdrawing=False)


async def _whole(
    desk: Desk, record: UUID, request: Request, caller: Caller, work: Work, *, withdrawing: bool
) -> Response:
    """Withdraw a record, or enter again what it said before it was withdrawn."""
    await read_form(request)
    view = await record_as(request, caller, work, desk.intake, record)
    form = desk.register(view.form).form
    async with work() as session:
        stored = await store.at_address(session, record)
        assert stored is not None, "it was read a moment ago"
        said = await last_said(session, form, desk.intake.vault, stored)
    cells = {**_key(form, said), UNIT: view.unit}
    if withdrawing:
        cells[VOID] = "yes"
    else:
        cells |= {
            name: as_typed(form.by_id[name], value) for name, value in said.items() if name in form.by_id
        }
    batch = HandIn(view.form, [RawRow(1, cells)], met=tuple(guards_met(request, caller)))
    result, problem = await tried(desk, request, caller, work, batch)
    if problem is not None:
        raise problem
    if result is not None and result.faults:
        faults = [Fault(fault.field, None, fault.rule, fault.message) for fault in result.faults]
        raise Problem.of(status_of(result, None), faults[0], faults)
    outcome = "unchanged" if result is None else result.outcomes[0].outcome
    return RedirectResponse(desk.record_address(record, outcome=outcome), 303)


async def last_said(session: AsyncSession, form: Form, vault: Vault, stored: Stored) -> dict[str, Any]:
    """Return what the record said last, identity included; of a withdrawn one, before it was withdrawn."""
    before = (await store.histories(session, [stored.head.record_id])).get(stored.head.record_id, [])
    versions = [stored.head.version, *sorted(before, key=lambda each: -each.state.sequence)]
    last = next((each for each in versions if not each.state.voided), stored.head.version)
    identity = {} if last.identity is None else vault.unseal(last.record_id, last.identity)
    return {**with_codes(form, last.state.content), **identity}


def key_columns(form: Form, values: Values) -> tuple[str, ...]:
    """Return the columns that name this record, and those whose filling in would name another one."""
    found: list[str] = []
    for part in plan_of(form).key:
        for names in part.alternatives:
            found += [name for name in names if name not in found]
            if all(values.get(name) is not None for name in names):
                break
    return tuple(found)


def _key(form: Form, values: Values) -> dict[str, str]:
    return {
        name: as_typed(form.by_id[name], values[name])
        for name in key_columns(form, values)
        if values.get(name) is not None
    }


def _page(
    desk: Desk,
    view: View,
    typed: Mapping[str, str],
    faults: Sequence[CellFault],
    facilities: Sequence[UnitEntry],
    purpose: str,
) -> dict[str, Any]:
    register, day = desk.register(view.form), desk.intake.today
    form = register.form
    fixed = key_columns(form, view.values)
    here = Breadcrumb(text=view.number, href=desk.record_address(view.record, purpose=purpose))
    return {
        **desk.head(message("page.desk.correct"), desk.of_form(register), here),
        "action": desk.record_address(view.record, "correct", purpose=purpose),
        "fields": fields.record_fields(form, typed, faults, facilities, day, fixed),
        "fixed": fields.fixed_rows(form, view.values, fixed),
        "sequence": str(view.sequence),
        "corrects": True,
        "errors": fields.errors_of(form, faults),
    }
