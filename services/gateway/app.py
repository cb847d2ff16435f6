"""The gateway's HTTP application."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.chassis import problems
from services.chassis.http import BodyLimit, HeadAsGet, Surroundings
from services.chassis.problems import Problem
from services.chassis.security import IssuerUnreachableError
from services.chassis.web import ProblemPages, add_assets, answer
from services.gateway import pages
from services.gateway.gateway import Gateway
from services.gateway.language import InLanguage
from services.gateway.provider import ProviderUnreachableError
from services.gateway.routes import pages_router, provider_router


def create_gateway_app(gateway: Gateway) -> FastAPI:
    """Return the application. It has no ``/metrics``: whoever reaches the pages must not read them."""
    # No redirects of the framework: they name the host that the request says, and anybody can write that.
    app = FastAPI(docs_url=None, openapi_url=None, redoc_url=None, redirect_slashes=False)
    app.state.settings = gateway.settings
    app.add_exception_handler(Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_request)
    for away in (ProviderUnreachableError, IssuerUnreachableError):
        app.add_exception_handler(away, _on_provider_away)
    _add_health(app, gateway)
    add_assets(app)
    app.include_router(provider_router(gateway))
    app.include_router(pages_router(gateway))
    # The last one added is the outermost: whatever the others refuse becomes a page, in the reader's language.
    app.add_middleware(BodyLimit, limit_bytes=gateway.settings.http_max_body_bytes)
    app.add_middleware(Surroundings, metrics=gateway.metrics, tracing=gateway.tracing)
    app.add_middleware(ProblemPages)
    app.add_middleware(InLanguage)
    app.add_middleware(HeadAsGet)
    return app


def _add_health(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"alive": True})

    @app.get("/ready")
    async def ready() -> JSONResponse:
        missing = await gateway.health.unready()
        return JSONResponse({"ready": not missing, "waiting_for": missing}, 503 if missing else 200)


async def _on_provider_away(request: Request, _: Exception) -> Response:
    return answer(request, pages.provider_away(), 503, {"Retry-After": "5"})
