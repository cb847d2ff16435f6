"""The routes of reports: the list of reports, and one report in one format."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi import Request as HttpRequest

from services.chassis.http import query_parameters
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.printing import Printing
from services.reporting.documents.requests import FORMATS, PARAMETERS
from services.reporting.figures import Asking, parameters_of
from texts import message


def reports_router(printing: Printing) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reports"])

    @router.get("/reports", operation_id="list_reports")
    async def reports() -> dict[str, Any]:
        return {
            "reports": [
                {"name": one.name, "vi": one.vi, "en": one.en, "office": one.office, "formats": list(FORMATS)}
                for one in REPORTS.values()
            ]
        }

    @router.get(
        "/reports/{name}.{format}",
        operation_id="get_report",
        response_class=Response,
        responses={
            200: {
                "description": str(message("api.response.report")),
                "content": {kind: {"schema": {"type": "string"}} for kind in FORMATS.values()},
            }
        },
        openapi_extra={"parameters": query_parameters("report", PARAMETERS)},
    )
    async def report(
        name: str,
        format: str,
        request: HttpRequest,
        reader: Asking,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        return await printing.file(name, format, parameters_of(request), reader, if_none_match)

    return router
