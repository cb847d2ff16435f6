"""``/<service>/forms/{form}/new``: one record, typed in."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.forms import Form, Kind
from reference import unit_name
from services.chassis.http import Caller, Problem, Work, guards_met, judges_cells
from services.chassis.persistence import AsyncSession, raw
from services.chassis.problems import passing_problem
from services.chassis.security import HashingUnreachableError
from services.chassis.web import answer, read_form
from services.registers import store
from services.registers.engine import HandIn, Result
from services.registers.outcomes import OutcomeName
from services.registers.pages import fields
from services.registers.pages.cells import filled, typed_in
from services.registers.pages.drafting import begun_from, drafts_of, keep_refused, offered, spend
from services.registers.pages.drawing import new_page
from services.registers.pages.filling import filled_again, scanned
from services.registers.pages.frame import Desk, refusal_of, request_id
from services.registers.pages.models import Conflict, EntryPage, SavedPage
from services.registers.pages.offering import hand_in_typed, offers_of
from services.registers.plan import UNIT
from services.registers.register import Register
from services.registers.retyping import as_typed
from services.registers.rights import Rights
from services.registers.row import CellFault, RawRow
from texts import message

T = TypeVar("T")
Done = Literal["", "accepted", "unchanged", "corrected", "withdrawn", "restored"]
AND_NEXT = "next"


def add_entry(router: APIRouter, desk: Desk) -> None:
    """Add the routes of entering a record."""

    @router.get("/forms/{form}/new", operation_id="page_new_record")
    async def new(
        form: str,
        request: Request,
        caller: Caller,
        work: Work,
        after: Annotated[UUID | None, Query()] = None,
        outcome: Annotated[Done, Query()] = "",
        draft: Annotated[UUID | None, Query()] = None,
    ) -> Response:
        register = desk.register(form)
        async with work() as session:
            rights = await desk.intake.rights(session, caller)
            kept = (
                {}
                if after is None
                else await _kept(session, register, rights, caller.unit, after, guards_met(request, caller))
            )
            own = await drafts_of(desk, session, caller, form)
            begun = begun_from(own, draft)
            typed = fields.defaults(register.form) | kept if begun is None else begun.typed
            offers = await offers_of(desk, session, register.form, typed)
        page = EntryPage(
            **new_page(desk, register, typed, (), offers),
            **offered(desk, own, begun),
            done=message(f"page.desk.done.{outcome}") if after and outcome else "",
            done_href=desk.record_address(after) if after and outcome else "",
            advice=_advice(register, rights, caller.unit),
        )
        return answer(request, page)

    @router.post("/forms/{form}/new", operation_id="page_enter_record")
    @judges_cells("*")
    async def enter(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register = desk.register(form)
        sent = await read_form(request)
        if scanned(sent):
            # Scanners end their line as if somebody had sent the form: it is filled in first, and saved when it was looked at.
            return await filled_again(desk, register, request, work, sent)
        typed = typed_in(register.form, sent)
        batch = HandIn(
            form,
            [RawRow(1, filled(typed))],
            replace=sent.one("replace") == "yes",
            met=tuple(guards_met(request, caller)),
            correlation_id=request_id(desk, sent),
        )
        result, problem = await tried(hand_in_typed(desk, request, caller, work, batch, typed))
        if result is None or result.faults:
            async with work() as session:
                offers = await offers_of(desk, session, register.form, typed)
                await keep_refused(desk, session, caller, register.form, None, sent)
            faults = () if result is None else _as_of_a_page(result.faults)
            given = new_page(desk, register, typed, faults, offers)
            page = EntryPage(
                **given,
                **what_refused(result, problem),
                request_id=batch.correlation_id,
            )
            return answer(request, page, status_of(result, problem))
        record = result.outcomes[0].record_id
        assert record is not None, "a row without faults has a record"
        async with work() as session:
            outcome = await _said(session, result.outcomes[0].outcome, record, batch.correlation_id)
            await spend(desk, session, caller, form, batch.correlation_id)
        following = f"{desk.form_address(form, 'new')}?after={record}"
        if result.notes:
            return answer(
                request, _saved(desk, register, result, outcome, desk.record_address(record), following)
            )
        if sent.one("then") == AND_NEXT:
            return RedirectResponse(f"{following}&outcome={outcome}", 303)
        return RedirectResponse(desk.record_address(record, outcome=outcome), 303)


async def tried(doing: Awaitable[T]) -> tuple[T | None, Problem | None]:
    """Return what became of handing rows in, or the problem that refused them as a whole and that may be mended.

    Raises:
        Problem: where the caller may not hand in for the unit at all: then there is nothing to be typed again.
    """
    try:
        return await doing, None
    except Problem as problem:
        if problem.status in (401, 403):
            raise
        return None, problem
    except Exception as error:
        # What was typed must not be lost because the database was away for a moment.
        away = away_of(error)
        if away is None:
            raise
        return None, away


def away_of(error: Exception) -> Problem | None:
    """Return the 503 of an error of handing rows in that waiting may mend; None for any other."""
    if isinstance(error, HashingUnreachableError):
        return Problem(503, "hashing_unreachable")
    return passing_problem(error)


def status_of(result: Result | None, problem: Problem | None) -> int:
    """Return the status of a form that is shown again: as the interface answers the same row."""
    if problem is not None:
        return problem.status
    refused = result is not None and any(fault.rule == "unit_scope" for fault in result.faults)
    return 403 if refused else 422


def what_refused(result: Result | None, problem: Problem | None) -> Mapping[str, Any]:
    """Return what a form that is shown again says about its refusal as a whole."""
    faults = () if result is None else result.faults
    sides = [(fault.value, fault.sides) for fault in faults if fault.sides is not None]
    found: dict[str, Any] = {"problem": "" if problem is None else refusal_of(problem)}
    if sides:
        number, (standing, given) = sides[0]
        found["conflict"] = Conflict(number=number, standing=standing, given=given)
    return found


def _saved(
    desk: Desk, register: Register, result: Result, outcome: str, record: str, following: str
) -> SavedPage:
    return SavedPage(
        **desk.head(message(f"page.desk.done.{outcome}"), desk.of_form(register)),
        done=message(f"page.desk.done.{outcome}"),
        notes=tuple(note.message for note in result.notes),
        record=record,
        following=following,
    )


def _advice(register: Register, rights: Rights, unit: str) -> Any:
    """Return that the caller's own unit keeps no such register, where that is so."""
    return "" if rights.hands_in_some(register, unit) else message("page.desk.not_own", unit=unit_name(unit))


def _as_of_a_page(faults: Sequence[CellFault]) -> Sequence[CellFault]:
    """Return faults in the words of a page, which has no rows to delete."""
    return [
        replace(fault, message=message("page.desk.nothing_typed")) if fault.rule == "empty_row" else fault
        for fault in faults
    ]


def kept_columns(form: Form) -> tuple[str, ...]:
    """Return what stays from one record to the next: the unit's facility and clinician, and the day; nothing of a person."""
    return tuple(
        column.id
        for column in form.columns
        if not column.identity
        and (
            (column.names is not None and column.required)
            or (column.id in form.dated_by and column.kind is Kind.DATE)
        )
    )


async def _kept(
    session: AsyncSession, register: Register, rights: Rights, own: str, record: UUID, met: frozenset[str]
) -> dict[str, str]:
    """Return what the next record begins with; the unit only where it is not the caller's ``own``, which needs no typing."""
    stored = await store.at_address(session, record)
    if stored is None or stored.form != register.form.name:
        return {}
    if not rights.reads(stored.form, stored.unit, *met):
        return {}
    content = stored.head.state.content
    unit = {} if stored.unit == rights.unit_of(own)[0] else {UNIT: stored.unit}
    return unit | {
        name: as_typed(register.form.by_id[name], content.get(name)) for name in kept_columns(register.form)
    }


async def _said(session: AsyncSession, outcome: OutcomeName, record: UUID, request: str) -> OutcomeName:
    """Return what to say of a row: a form that was sent twice has saved its record, though the second time changed nothing."""
    if outcome != "unchanged":
        return outcome
    cursor = await (await raw(session)).execute(
        "SELECT sequence FROM outbox WHERE subject = %s AND payload IS NOT NULL"
        " AND convert_from(payload, 'UTF8')::jsonb->>'correlationid' = %s ORDER BY sequence LIMIT 1",
        (str(record), request),
    )
    first = await cursor.fetchone()
    if first is None:
        return outcome
    return "accepted" if first[0] == 1 else "corrected"
