"""Routes of pages: below the service's own name, and in no document of the API."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse


def page_router(service: str) -> APIRouter:
    """Return a router for the pages of a service, below ``/<service>``. Give it to `ServiceApp` as one of ``pages``.

    Every route of it needs a token, as those of the API do; the gateway sends it on behalf of the browser.
    """
    return APIRouter(
        prefix=f"/{service}", tags=["pages"], default_response_class=HTMLResponse, include_in_schema=False
    )
