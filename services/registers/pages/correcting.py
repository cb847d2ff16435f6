"""``/<service>/records/{record}/…``: correcting a record, withdrawing it, entering it again. Each is a row that is handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.forms import Form
from services.chassis.http import (
    Caller,
    Problem,
    Work,
    guards_met,
    judges_cells,
    purpose_of,
    state_purpose,
)
from services.chassis.web import Breadcrumb, ErrorSummary, FieldFault, answer, read_form
from services.registers.engine import HandIn, Result
from services.registers.offers import Offers
from services.registers.pages import fields
from services.registers.pages.cells import changed, typed_in
from services.registers.pages.drafting import begun_from, drafts_of, keep_refused, offered, spend
from services.registers.pages.entry import status_of, tried, what_refused
from services.registers.pages.frame import Desk, request_id
from services.registers.pages.models import EntryPage
from services.registers.pages.offering import day_of, hand_in_typed, offers_of
from services.registers.pages.records import record_page
from services.registers.plan import UNIT
from services.registers.record_http import record_as
from services.registers.record_view import View
from services.registers.retyping import as_typed
from services.registers.row import CellFault, RawRow
from services.registers.withdrawing import key_cells, key_columns, restore_as, withdraw_as
from texts import message

Values = Mapping[str, Any]

_WITHDRAWAL = ("reason", "note")
"""The fields of a withdrawal."""


def add_correcting(router: APIRouter, desk: Desk) -> None:
    """Add the routes of changing a record that is there."""

    @router.get("/records/{record}/correct", operation_id="page_correct_record")
    async def draw(
        record: UUID,
        request: Request,
        caller: Caller,
        work: Work,
        purpose: Annotated[str, Query()] = "",
        draft: Annotated[UUID | None, Query()] = None,
    ) -> Response:
        state_purpose(request, purpose)
        view = await record_as(request, caller, work, desk.intake, record)
        async with work() as session:
            own = await drafts_of(desk, session, caller, view.form, record)
            begun = begun_from(own, draft)
            form = desk.register(view.form).form
            typed = _standing(form, view) | ({} if begun is None else _free(form, view, begun.typed))
            offers = await offers_of(desk, session, form, typed)
        page = {
            **_page(desk, view, typed, (), offers, purpose_of(request)),
            **offered(desk, own, begun, purpose=purpose_of(request)),
        }
        # A draft is a correction of what stood then: what has come since must be noticed when it is saved.
        return answer(request, EntryPage(**page | ({"sequence": begun.sequence} if begun else {})))

    @router.post("/records/{record}/correct", operation_id="page_save_correction")
    @judges_cells("*")
    async def correct(
        record: UUID, request: Request, caller: Caller, work: Work, purpose: Annotated[str, Query()] = ""
    ) -> Response:
        state_purpose(request, purpose)
        sent = await read_form(request)
        view = await record_as(request, caller, work, desk.intake, record)
        form = desk.register(view.form).form
        typed = _free(form, view, typed_in(form, sent))
        cells = changed(form, typed, view.values)
        number = request_id(desk, sent)
        result: Result | None = None
        problem: Problem | None = None
        moved = sent.one("sequence") != str(view.sequence)
        if moved:
            problem = Problem(409, "page.desk.changed_meanwhile")
        elif cells:
            row = RawRow(1, {**key_cells(form, view.values), UNIT: view.unit, **cells})
            batch = HandIn(
                view.form,
                [row],
                replace=sent.one("replace") == "yes",
                met=tuple(guards_met(request, caller)),
                correlation_id=number,
            )
            result, problem = await tried(
                hand_in_typed(desk, request, caller, work, batch, _standing(form, view) | typed)
            )
        if problem is None and (result is None or not result.faults):
            outcome = "unchanged" if result is None else result.outcomes[0].outcome
            async with work() as session:
                await spend(desk, session, caller, view.form, number)
            return RedirectResponse(
                desk.record_address(record, outcome=outcome, purpose=purpose_of(request)), 303
            )
        async with work() as session:
            offers = await offers_of(desk, session, form, _standing(form, view) | typed)
            await keep_refused(desk, session, caller, form, record, sent)
        faults = () if result is None else result.faults
        page = _page(desk, view, typed, faults, offers, purpose_of(request))
        again = EntryPage(**page, **what_refused(result, problem), request_id=number)
        return answer(request, again, status_of(result, problem))

    @router.post("/records/{record}/withdraw", operation_id="page_withdraw_record")
    async def withdraw(record: UUID, request: Request, caller: Caller, work: Work) -> Response:
        sent = await read_form(request)
        try:
            outcome = await withdraw_as(
                request, caller, work, desk.intake, record, sent.one("reason"), sent.one("note")
            )
        except Problem as problem:
            if all(fault.field not in _WITHDRAWAL for fault in problem.faults):
                raise
            faults = tuple(FieldFault(field=each.field, text=each.message) for each in problem.faults)
            page = await record_page(desk, request, caller, work, record)
            again = replace(
                page,
                errors=ErrorSummary(faults=faults),
                reason=sent.one("reason"),
                note=sent.one("note"),
            )
            return answer(request, again, problem.status)
        return RedirectResponse(desk.record_address(record, outcome=outcome), 303)

    @router.post("/records/{record}/restore", operation_id="page_restore_record")
    async def restore(record: UUID, request: Request, caller: Caller, work: Work) -> Response:
        outcome = await restore_as(request, caller, work, desk.intake, record)
        return RedirectResponse(desk.record_address(record, outcome=outcome), 303)


def _standing(form: Form, view: View) -> dict[str, str]:
    """Return the record's values as somebody would type them."""
    return {column.id: as_typed(column, view.values.get(column.id)) for column in form.columns}


def _free(form: Form, view: View, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into the columns that a correction may change."""
    fixed = {*key_columns(form, view.values), UNIT}
    return {name: text for name, text in typed.items() if name not in fixed}


def _page(
    desk: Desk,
    view: View,
    typed: Mapping[str, str],
    faults: Sequence[CellFault],
    offers: Offers,
    purpose: str,
) -> dict[str, Any]:
    register = desk.register(view.form)
    form = register.form
    day = day_of(form, _standing(form, view) | dict(typed), desk.intake.today)
    fixed = key_columns(form, view.values)
    here = Breadcrumb(text=view.number, href=desk.record_address(view.record, purpose=purpose))
    return {
        **desk.head(message("page.desk.correct"), desk.of_form(register), here),
        "action": desk.record_address(view.record, "correct", purpose=purpose),
        "draft_action": desk.record_address(view.record, "draft", purpose=purpose),
        "fields": fields.record_fields(form, typed, faults, offers, day, fixed),
        "fixed": fields.fixed_rows(form, view.values, fixed),
        "sequence": str(view.sequence),
        "corrects": True,
        "errors": fields.errors_of(form, faults),
    }
