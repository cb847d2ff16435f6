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
from reference import QUESTION_LENGTH, fold
from services.chassis.http import (
    Caller,
    Fault,
    Problem,
    Work,
    guards_met,
    judges_cells,
    platform_of,
)
from services.chassis.persistence import AsyncSession
from services.chassis.problems import texts
from services.chassis.runtime import correlation_id
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
from services.registers.engine import HandIn, Intake, Result
from services.registers.hand_in_request import hand_in_as, refusal
from services.registers.listing import records_as
from services.registers.outcomes import OutcomeName
from services.registers.requests import BATCH_SCHEMA, CELLS_SCHEMA, batch_of, parse_json
from services.registers.row import CellFault, RawRow
from services.registers.units import UnitEntry
from texts import message

Facilities = Callable[[AsyncSession], Awaitable[Sequence[UnitEntry]]]
"""Loads the facilities that a service knows by their place."""

PAGE = 500


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
        result = await hand_in_as(request, caller, work, intake, batch)
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
        result = await hand_in_as(request, caller, work, intake, batch)
        if result.faults:
            raise refusal(result.faults)
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
        listed = await records_as(
            request, caller, work, intake, _form(intake, form), unit, after=after, limit=limit
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
