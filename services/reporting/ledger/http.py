"""The route of the hand-in ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request

from contracts.forms import FORMS
from reference import Period, parse_unit
from services.chassis.http import query_parameters
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.reporting.figures import Asking, parameters_of, parse_question
from services.reporting.ledger.domain import STATES
from services.reporting.ledger.usecases import ANY_FLOW, Asked, Ledger, Line, ledger
from texts import message

_QUESTION = ("calendar", "period", "area", "known_at")
_OWN = ("form", "unit", "state")
PARAMETERS = _QUESTION + _OWN


def ledger_router(platform: Platform) -> APIRouter:
    """Return it; authentication is put before each route by the application."""
    router = APIRouter(prefix="/v1", tags=["ledger"])

    @router.get(
        "/ledger",
        operation_id="get_ledger",
        openapi_extra={"parameters": query_parameters("ledger", PARAMETERS)},
    )
    async def hand_ins(request: Request, reader: Asking) -> dict[str, Any]:
        given = parameters_of(request)
        now = platform.clock()
        asked = _asked(given, now)
        found = await ledger(platform, reader, asked)
        return _document(asked, found, given.get("state"))

    return router


def _asked(given: Mapping[str, str], now: datetime) -> Asked:
    """Return the checked question; Problem 422 with every fault, 404 for an area that did not exist."""
    faults = [
        Fault(name, value, "unknown_parameter", message("parameter_unlisted", allowed=", ".join(PARAMETERS)))
        for name, value in sorted(given.items())
        if name not in PARAMETERS
    ]
    form, unit, state = (given.get(name) for name in _OWN)
    if form is not None and form not in FORMS:
        faults.append(Fault.of("form", form, "ledger_form"))
    if unit is not None and parse_unit(unit) is None:
        faults.append(Fault.of("unit", unit, "ledger_unit"))
    if state is not None and state not in STATES:
        faults.append(Fault.of("state", state, "ledger_state", states=", ".join(STATES)))
    faults += [
        Fault.of(name, None, rule)
        for name, rule in (("calendar", "calendar_needed"), ("period", "period_of_calendar_needed"))
        if not given.get(name)
    ]
    if faults:
        raise Problem.invalid(faults)
    question = parse_question(ANY_FLOW, {name: given[name] for name in _QUESTION if name in given}, now)
    period = question.period
    assert period is not None  # both parts of it were given, so it was found or refused
    return Asked(period, question.area, min(question.known_at or now, now), form, unit)


def _document(asked: Asked, found: Ledger, state: str | None) -> dict[str, Any]:
    period: Period = asked.period
    return {
        "calendar": period.calendar,
        "period": period.code,
        "from": period.first,
        "to": period.last,
        "area": asked.area.code,
        "known_at": asked.known_at.isoformat(),
        "forms": [{"form": form, **counts} for form, counts in found.counts.items()],
        "entries": None
        if found.lines is None
        else [_line(line) for line in found.lines if state in (None, line.entry.state)],
    }


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "form": entry.expected.form,
        "unit": entry.expected.unit,
        "state": entry.state,
        "due": entry.expected.due,
        "last_arrival": entry.last_arrival,
        "late_days": entry.late_days,
        "records": entry.records if line.with_records else None,
        "late_records": entry.late_records if line.with_records else None,
        "declared": None if entry.declared is None else entry.declared.says,
        "declared_on": None if entry.declared is None else entry.declared.on,
        "declared_written_on": None if entry.declared is None else entry.declared.written_on,
        "contradicted": entry.rows_after > 0,
        "rows_after": entry.rows_after if line.with_records else None,
    }
