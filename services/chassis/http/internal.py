"""The HTTP application of a process that only other services may ask: health, metrics, problem details, a size limit.

It has no database and no tokens of persons; what it answers, and to whom, its owner adds.
"""

from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.chassis import problems
from services.chassis.http.middleware import BodyLimit, Surroundings
from services.chassis.problems import Problem
from services.chassis.runtime import CONTENT_TYPE, Metrics, ProcessSettings, Tracing


def create_internal_app(settings: ProcessSettings, metrics: Metrics) -> FastAPI:
    """Return the application without routes of its own but ``/live``, ``/ready`` and ``/metrics``."""
    app = FastAPI(docs_url=None, openapi_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_request)

    @app.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"alive": True})

    @app.get("/ready")
    async def ready() -> JSONResponse:
        return JSONResponse({"ready": True})

    @app.get("/metrics", response_class=Response)
    async def exposed() -> Response:
        return Response(metrics.expose(), media_type=CONTENT_TYPE)

    app.add_middleware(BodyLimit, limit_bytes=settings.http_max_body_bytes)
    # Not traced: what a request asks for must stay in this process.
    app.add_middleware(Surroundings, metrics=metrics, tracing=Tracing())
    return app
