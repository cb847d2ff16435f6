"""The routes of a service's forms: what they look like, handing in (one row or thousands), reading back, units."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from contracts.envelope import VIETNAM
from contracts.forms import Form
from reference import QUESTION_LENGTH, fold, purposes_on
from services.chassis.http import (
    Caller,
    Fault,
    Problem,
    Work,
    approval_of,
    count_identities,
    guards_met,
    judges_cells,
    opened_by_approval,
    platform_of,
    use_opened,
    write_looks,
)
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.problems import texts
from services.chassis.runtime import correlation_id, get_logger
from services.chassis.security import READ, Principal, nobody, reads_rows
from services.registers import reading, units
from services.registers.answers import (
    FormDescription,
    FormList,
    FormOutline,
    HandInAnswer,
    RecordPage,
    RowAnswer,
    UnitAnswer,
    UnitList,
)
from services.registers.engine import HandIn, Intake, Result, UnitRefusedError
from services.registers.noting import note_reading
from services.registers.outcomes import OutcomeName
from services.registers.requests import BATCH_SCHEMA, CELLS_SCHEMA, batch_of, parse_json
from services.registers.rights import Rights
from services.registers.row import CellFault, RawRow
from services.registers.sight import PurposeNeededError
from services.registers.units import UnitEntry
from texts import message

Facilities = Callable[[AsyncSession], Awaitable[Sequence[UnitEntry]]]
"""Loads the facilities that a service knows by their place."""

PAGE = 500
log = get_logger(__name__)


def intake_router(intake: Intake, facilities: Facilities | None = None) -> APIRouter:
    """Return the routes; `create_app` puts authentication before each of them."""
    router = APIRouter(prefix="/v1", tags=["registers"])
    _describe(router, intake)
    _take(router, intake)
    _give_back(router, intake)
    _list_units(router, intake, facilities)
    return router


def _describe(router: APIRouter, intake: Intake) -> None:
    @router.get("/forms", operation_id="list_forms")
    async def forms() -> FormList:
        return FormList(forms=[FormOutline(**_outline(kept.form)) for kept in intake.registers.values()])

    @router.get("/forms/{form}", operation_id="get_form")
    async def form_columns(form: str) -> FormDescription:
        return FormDescription.model_validate(_described(_form(intake, form)))


def _take(router: APIRouter, intake: Intake) -> None:
    @router.post(
        "/forms/{form}/records",
        operation_id="hand_in_rows",
        responses={200: {"model": HandInAnswer}},
        openapi_extra={"requestBody": _body(BATCH_SCHEMA)},
    )
    @judges_cells("values")
    async def hand_in_rows(form: str, request: Request, caller: Caller, work: Work) -> Response:
        _form(intake, form)
        said = batch_of(parse_json(await request.body()))
        batch = HandIn(
            form,
            said.rows,
            said.unit,
            said.dry_run,
            said.replace,
            said.show_changes,
            tuple(guards_met(request, caller)),
            _correlation(),
        )
        result = await _hand_in(intake, work, batch, caller, request)
        answer = _summary(result) | (_changed(result) if said.show_changes else {})
        return Response(orjson.dumps(answer), media_type="application/json")

    @router.post(
        "/forms/{form}",
        operation_id="hand_in_row",
        status_code=201,
        responses={
            200: {"description": str(message("api.response.known_row")), "model": RowAnswer},
            201: {"model": RowAnswer},
        },
        openapi_extra={"requestBody": _body(CELLS_SCHEMA)},
    )
    @judges_cells("*")
    async def hand_in_row(
        form: str,
        request: Request,
        caller: Caller,
        work: Work,
        unit: Annotated[str | None, Query(description=str(message("api.parameter.register.unit")))] = None,
        replace: Annotated[bool, Query(description=str(message("api.body.batch.replace")))] = False,
        show_changes: Annotated[bool, Query(description=str(message("api.body.batch.show_changes")))] = False,
    ) -> Response:
        _form(intake, form)
        values = parse_json(await request.body())
        if not isinstance(values, dict):
            raise Problem.invalid([Fault.of("body", None, "shape")])
        batch = HandIn(
            form,
            [RawRow(1, values)],
            unit,
            replace=replace,
            show_changes=show_changes,
            met=tuple(guards_met(request, caller)),
            correlation_id=_correlation(),
        )
        result = await _hand_in(intake, work, batch, caller, request)
        if result.faults:
            _refuse(result.faults)
        outcome = result.outcomes[0]
        # 201 only for a record that is new; a row handed in again made nothing, so callers may safely repeat it.
        status = 201 if outcome.outcome == "accepted" else 200
        answer = {
            "outcome": outcome.outcome,
            "record": str(outcome.record_id),
            "notes": [_cell(note) for note in result.notes],
        }
        return JSONResponse(answer | (_changed(result) if show_changes else {}), status)


def _give_back(router: APIRouter, intake: Intake) -> None:
    @router.get("/forms/{form}/records", operation_id="list_records")
    async def records(
        form: str,
        request: Request,
        caller: Caller,
        work: Work,
        unit: Annotated[str | None, Query(description=str(message("api.parameter.records.unit")))] = None,
        after: Annotated[UUID | None, Query(description=str(message("api.parameter.records.after")))] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
    ) -> RecordPage:
        described = _form(intake, form)
        met = tuple(guards_met(request, caller))
        async with work() as session:
            rights = await intake.rights(session, caller)
            unit = None if unit is None else rights.unit_of(unit)[0]
            opened = await opened_by_approval(request, session, caller, form, unit)
            if opened is not None:
                reach = [opened.matter.unit]
            else:
                # An approval that does not open these records is refused, and not answered with the few read without it.
                reads = rights.reads if approval_of(request) else rights.reads_any
                _check_reader(rights, form, unit, met, reads)
                # Units are narrowed before the query, so that records out of the caller's reach are never loaded.
                known = [unit] if unit is not None else await reading.units_of(session, form)
                reach = [code for code in known if reads(form, code, *met)]
            listed = await reading.page(
                session,
                described,
                reach,
                after=after,
                limit=limit,
                vault=intake.vault,
                sees=lambda code, minor: _seen(
                    rights, form, code, met, minor=minor, opened=opened is not None
                ),
                day=rights.day,
            )
            if opened is not None:
                await use_opened(request, session, caller, opened, len(listed.records))
            elif beyond := _beyond_daily_work(caller, listed):
                await count_identities(request, session, caller, beyond)
            await write_looks(request, session, caller, form, listed.looked)
        # The audit of reads stores the number of identities of each request; it is set here.
        request.state.identities = listed.identities
        if listed.identities:
            log.info(
                "identity read",
                form=form,
                subject=caller.subject,
                unit=caller.unit,
                of_unit=unit,
                records=listed.identities,
                after=str(after) if after else None,
            )
        return RecordPage.model_validate({"form": form, "records": listed.records, "next": listed.following})


def _list_units(router: APIRouter, intake: Intake, facilities: Facilities | None) -> None:
    @router.get("/units", operation_id="list_units")
    async def reporting_units(
        request: Request,
        caller: Caller,
        work: Work,
        unit: Annotated[str | None, Query(description=str(message("api.parameter.units.unit")))] = None,
        on: Annotated[date | None, Query(description=str(message("api.parameter.units.on")))] = None,
        q: Annotated[
            str | None, Query(description=str(message("api.parameter.units.q")), max_length=QUESTION_LENGTH)
        ] = None,
    ) -> UnitList:
        day = on or platform_of(request).clock().astimezone(VIETNAM).date()
        async with work() as session:
            known = await facilities(session) if facilities is not None else ()
            rights = await intake.rights(session, caller)
            handed_in = await reading.units_of(session)
        entries = [*units.area_units(day), *units.facility_units(handed_in, known)]
        if q is not None:
            entries = units.find_units(q, entries)
        return UnitList(
            units=[
                UnitAnswer(**asdict(entry), may_write=rights.hands_in_any(intake.registers, entry.code))
                for entry in entries
                if unit is None or fold(entry.code) == fold(unit)
            ]
        )


async def _hand_in(
    intake: Intake, work: UnitOfWork, batch: HandIn, caller: Principal, request: Request
) -> Result:
    try:
        async with work() as session:
            result = await intake.hand_in(session, batch, caller)
            await note_reading(request, session, caller, batch.form, result.looked, "hand_in")
            if result.confirmed:
                # Seen by the unit and counted to no limit: a register may be handed in again as often as somebody likes.
                await write_looks(request, session, caller, batch.form, result.confirmed)
            return result
    except PurposeNeededError:
        day = platform_of(request).clock().astimezone(VIETNAM).date()
        raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(day))) from None
    except UnitRefusedError as refused:
        # A wrong unit code can be put right by the caller (422); a missing right cannot (403).
        if refused.refused is not None:
            raise Problem.refused(refused.refused, "unit_scope") from None
        raise Problem.invalid([Fault.of("unit", batch.unit or caller.unit, refused.rule)]) from None


def _check_reader(
    rights: Rights, form: str, unit: str | None, met: tuple[str, ...], reads: Callable[..., bool]
) -> None:
    """Refuse a caller to whom the unit's records of the form are closed, whether or not there are any."""
    role, day = rights.actor.role, rights.day
    if not (reads_rows(role, day, *met) if unit is None else reads(form, unit, *met)):
        raise Problem.refused(nobody(READ, form, day), "unit_scope")


def _seen(
    rights: Rights, form: str, unit: str, met: tuple[str, ...], *, minor: bool, opened: bool
) -> frozenset[str]:
    """Return what a page shows of the unit's people; ``opened``: an approval has opened them."""
    if not opened:
        return rights.sees(form, unit, *met, minor=minor)
    # No approval reveals who a person under 18 is.
    identity = rights.sees(form, unit, *met, minor=True) if minor else frozenset({"identity"})
    return identity | {"values"}


def _beyond_daily_work(caller: Principal, listed: reading.Listed) -> int:
    """Return how many identities of the page are not those that a clerk of the unit works with every day."""
    own = listed.looked[caller.unit] if caller.role == "clerk" else 0
    return listed.identities - own


def _refuse(faults: Sequence[CellFault]) -> None:
    listed = [Fault(fault.field, fault.value, fault.rule, fault.message) for fault in faults]
    # One row alone: where the caller may not write, the answer is about rights, whatever else is wrong with it.
    refused = next((fault for fault in listed if fault.rule == "unit_scope"), None)
    if refused is not None:
        raise Problem.of(403, refused, listed)
    raise Problem.invalid(listed)


def _summary(result: Result) -> dict[str, Any]:
    counted: tuple[OutcomeName, ...] = ("accepted", "unchanged", "corrected", "withdrawn", "restored")
    return {
        "form": result.form,
        **{outcome: result.count(outcome) for outcome in counted},
        "refused_rows": result.count("refused"),
        "refused": [_cell(fault) for fault in result.faults],
        "notes": [_cell(note) for note in result.notes],
    }


def _changed(result: Result) -> dict[str, Any]:
    return {"changes": [asdict(change) for change in result.changes]}


def _cell(about: CellFault) -> dict[str, Any]:
    return {
        "row": about.row,
        "field": about.field,
        "value": about.value,
        "rule": about.rule,
        "message": texts(about.message),
    }


def _form(intake: Intake, name: str) -> Form:
    register = intake.registers.get(name)
    if register is None:
        raise Problem.not_found("form_unknown")
    return register.form


def _outline(form: Form) -> dict[str, Any]:
    return {"form": form.name, "service": form.service, "vi": form.vi, "en": form.en, "key": list(form.key)}


def _described(form: Form) -> dict[str, Any]:
    columns = [
        {
            "id": column.id,
            "vi": column.vi,
            "kind": column.kind.value,
            "required": column.required,
            "identity": column.identity,
            "default": column.default,
            "codes": dict(column.codes) if column.codes is not None else None,
        }
        for column in form.columns
    ]
    return {**_outline(form), "columns": columns}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _correlation() -> str:
    return correlation_id.get() or ""
