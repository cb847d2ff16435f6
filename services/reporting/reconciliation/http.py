"""The routes of reconciliation: they read the request, check the reader's rights, and log which records were shown."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import orjson
from fastapi import APIRouter, Header, Request, Response

from reference import Owner, area_book
from services.chassis.http import Problem, has_it, query_parameters
from services.chassis.platform import Platform
from services.chassis.problems import Fault
from services.marks import Notes
from services.reporting.figures import (
    Asking,
    QueryService,
    Reader,
    Reading,
    Watermark,
    check_known_at,
    parameters_of,
    parse_question,
)
from services.reporting.reconciliation.marked import MarkedRecords
from services.reporting.reconciliation.overview import overview
from services.reporting.reconciliation.requests import OWN, PAGE_MOST, QUESTION
from services.reporting.reconciliation.seen import seen_reconciliation

_LISTED = ("agency", "area", "known_at")


def reconciliations_router(platform: Platform, queries: QueryService, notes: Notes) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @router.get(
        "/reconciliations/{figure}",
        operation_id="get_reconciliation",
        openapi_extra={"parameters": query_parameters("reconciliation", OWN + QUESTION, most=PAGE_MOST)},
    )
    async def reconciliation(
        figure: str, request: Request, reader: Asking, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        given = parameters_of(request)
        seen = await seen_reconciliation(platform, queries, notes, reader, figure, given)
        about = (figure, *(f"{name}={value}" for name, value in sorted(given.items())))
        # A question without its day is about today; what is shown depends on who asks.
        day, watermark = seen.question.day.isoformat(), seen.watermark
        tag = watermark.etag("reconciliation", *about, day, _view(reader, seen.marked))
        headers = {"ETag": tag, "Khopso-Watermark": str(watermark), "Cache-Control": "private, no-cache"}
        if has_it(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        await seen.sight.note(platform, request, f"reconcile.{figure}")
        return Response(orjson.dumps(seen.document), media_type="application/json", headers=headers)

    @router.get(
        "/reconciliations",
        operation_id="list_reconciliations",
        openapi_extra={
            "parameters": [
                *query_parameters("reconciliation", ("agency",)),
                *query_parameters("reconciliations", ("area",)),
                *query_parameters("reconciliation", ("known_at",)),
            ]
        },
    )
    async def reconciliations(request: Request, reader: Asking) -> Response:
        now = platform.clock()
        given = parameters_of(request)
        agency = _agency(given)
        # Any figure serves here: only `known_at` and its faults are read from the question.
        instant = {name: given[name] for name in given if name not in ("agency", "area")}
        question = parse_question("registry.users", instant, now)

        async def listed(reading: Reading) -> tuple[list[dict[str, Any]], Watermark]:
            check_known_at(question, reading.watermark)
            area = given.get("area") or None
            rows = await overview(reading, reader, area=area, agency=agency, known_at=question.known_at)
            return rows, reading.watermark

        rows, watermark = await queries.read(listed)
        answer = {"known_at": question.known_as_asked or now.isoformat(), "declarations": rows}
        headers = {"Khopso-Watermark": str(watermark), "Cache-Control": "private, no-cache"}
        return Response(orjson.dumps(answer), media_type="application/json", headers=headers)

    return router


def _view(reader: Reader, marked: MarkedRecords | None) -> str:
    """Return the part of the entity tag by which answers to the same question differ between readers, and by marks."""
    if marked is None:
        return "counts"
    return (
        f"records of {reader.area} for {sorted(reader.agencies)} with {sorted(reader.met)}, {marked.version}"
    )


def _agency(given: Mapping[str, str]) -> str | None:
    faults = [
        Fault.of(name, given[name], "unknown_parameter") for name in sorted(given.keys() - set(_LISTED))
    ]
    agency, area = given.get("agency") or None, given.get("area") or None
    if agency is not None and agency not in get_args(Owner):
        faults.append(Fault.of("agency", agency, "reconcile_agency", agencies=", ".join(get_args(Owner))))
    if area is not None and not area_book().codes_known(area):
        faults.append(Fault.of("area", area, "area_unknown"))
    if faults:
        raise Problem.invalid(faults)
    return agency
