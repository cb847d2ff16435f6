"""The HTTP application of a service: problem details, authentication on every route, health, metrics, progress."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from contracts.envelope import VIETNAM
from services.chassis import problems
from services.chassis.audit import Audited
from services.chassis.http.documentation import add_summaries
from services.chassis.http.middleware import BodyLimit, HeadAsGet, Surroundings
from services.chassis.http.purposes import only_listed_purposes
from services.chassis.http.text_guard import TextGuard, only_known_parameters, only_usable_text
from services.chassis.kafka import Currency, Progress, Retired, read_currency, read_progress
from services.chassis.persistence import UnitOfWork
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import CONTENT_TYPE
from services.chassis.security import (
    Actor,
    Allowed,
    Decision,
    HashingUnreachableError,
    IssuerUnreachableError,
    NotAuthenticatedError,
    Principal,
    Refused,
    StepUpRequiredError,
    Target,
    Units,
    check_fresh_sign_in,
    may,
)
from texts import message

__all__ = [
    "Caller",
    "Fault",
    "Problem",
    "Work",
    "create_app",
    "current_principal",
    "has_right",
    "require_right",
    "unit_of_work",
]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
# The framework itself does not refuse: the caller gets a problem document with the rule and both languages.
_bearer = HTTPBearer(auto_error=False, description=str(message("api.response.token")))


def platform_of(request: Request) -> Platform:
    """Return the parts of this service."""
    platform: Platform = request.app.state.platform
    return platform


def unit_of_work(request: Request) -> UnitOfWork:
    """Return the unit of work of this service: ``async with work() as session``."""
    return platform_of(request).uow


async def current_principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """Return the verified caller; 401 without a valid token."""
    if credentials is None:
        raise NotAuthenticatedError("token_missing")
    principal = await platform_of(request).verifier.verify(credentials.credentials)
    request.state.principal = principal
    return principal


Caller = Annotated[Principal, Depends(current_principal)]
Work = Annotated[UnitOfWork, Depends(unit_of_work)]


def require_right(action: str) -> Callable[[Request, Principal], Principal]:
    """Return a dependency that refuses (403) callers who by the authority table may not take the action.

    For actions that concern no unit's records; where they do, the route itself asks the table about the record.
    """

    def checked(request: Request, principal: Caller) -> Principal:
        decision = _decided(request, principal, action)
        if isinstance(decision, Refused):
            raise Problem.refused(decision, "role_required")
        return principal

    return checked


def has_right(request: Request, caller: Principal, action: str) -> bool:
    """Return whether by the authority table the caller may take the action, which concerns no unit's records."""
    return isinstance(_decided(request, caller, action), Allowed)


def _decided(request: Request, caller: Principal, action: str) -> Decision:
    day = platform_of(request).clock().astimezone(VIETNAM).date()
    return may(Actor.of(caller, Units().on(caller.unit, day)), action, Target(), day)


def create_app(
    platform: Platform,
    *,
    routers: Sequence[APIRouter] = (),
    lifespan: Sequence[Lifespan] = (),
    retired: Retired | None = None,
    title: str | None = None,
    audited: bool = False,
    around: Sequence[Middleware] = (),
) -> FastAPI:
    """Return the outer application. Every route of ``routers`` needs a token; ``lifespan`` parts open in order.

    ``retired`` names consumers whose positions /v1/progress leaves out (of the others it gives the least).
    ``audited``: reads are written to the audit, whose tables the service's migrations make. ``around`` stands outside of
    everything that answers or refuses a request, so that it can put any answer into another shape.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in lifespan:
                await stack.enter_async_context(part(app))
            yield

    # On a separate listener, what operators read is not served to everybody.
    here = platform.settings.operations_port is None
    app = FastAPI(
        # FastAPI's own page of the document fetches script and style from elsewhere; ours is `interface_page`.
        docs_url=None,
        openapi_url="/openapi.json" if here else None,
        title=title or message("api.title", service=platform.settings.service).vi,
        version="1",
        lifespan=opened,
        redoc_url=None,
        # Starlette's redirect would send callers, with what they ask, to whatever host their request names.
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.platform = platform
    _handle_errors(app)
    _open_routes(app, platform, operators=here)
    # Here and not at each route, so that no new route can be without it.
    guards = [
        Depends(current_principal),
        Depends(only_known_parameters),
        Depends(only_usable_text),
        Depends(only_listed_purposes),
    ]
    for router in (*routers, _progress_router(retired)):
        app.include_router(router, dependencies=guards, responses=problems.RESPONSES)
    _document_problems(app)
    # The last one added is the outermost: the audit must see refusals of the others too.
    app.add_middleware(TextGuard)
    app.add_middleware(BodyLimit, limit_bytes=platform.settings.http_max_body_bytes)
    app.add_middleware(Surroundings, metrics=platform.metrics, tracing=platform.tracing)
    if audited:
        app.add_middleware(Audited, platform=platform)
    for part in around:
        app.add_middleware(part.cls, *part.args, **part.kwargs)
    app.add_middleware(HeadAsGet)
    return app


def create_operations_app(platform: Platform, documented: FastAPI) -> FastAPI:
    """Return the application of the operators' listener: health, metrics, and the documents of another application."""
    app = FastAPI(title=documented.title, version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.platform = platform
    _handle_errors(app)
    _open_routes(app, platform, operators=True)
    app.openapi = documented.openapi  # type: ignore[method-assign]
    app.add_middleware(TextGuard)
    app.add_middleware(HeadAsGet)
    return app


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_request)
    app.add_exception_handler(NotAuthenticatedError, _on_refused_token)
    app.add_exception_handler(StepUpRequiredError, problems.on_step_up_required)
    app.add_exception_handler(IssuerUnreachableError, problems.on_issuer_unreachable)
    app.add_exception_handler(HashingUnreachableError, problems.on_hashing_unreachable)


async def _on_refused_token(request: Request, error: Exception) -> JSONResponse:
    """Answer with 401 and the reason, or with 429 where this address has sent too many invalid tokens."""
    address = request.client.host if request.client else ""
    refusal = platform_of(request).refusals.note(address, time.monotonic())
    request.state.refusal = (
        refusal  # the audit keeps a row for the first of a burst, and their number for the rest
    )
    if not refusal.wait_seconds:
        return await problems.on_not_authenticated(request, error)
    headers = {"Retry-After": str(refusal.wait_seconds)}
    return problems.respond(request, Problem(429, "too_many_refusals", headers=headers))


def require_fresh_sign_in(request: Request, caller: Caller) -> Principal:
    """Return the caller if the sign-in is fresh; 401 by RFC 9470 otherwise. A dependency of routes that need it."""
    platform = platform_of(request)
    check_fresh_sign_in(caller, platform.clock(), platform.settings.step_up_seconds)
    return caller


def _open_routes(app: FastAPI, platform: Platform, *, operators: bool) -> None:
    @app.get("/live", tags=["operations"], operation_id="check_live")
    async def live() -> JSONResponse:
        stalled = platform.health.stalled()
        return JSONResponse({"alive": not stalled, "stalled": stalled}, 503 if stalled else 200)

    @app.get("/ready", tags=["operations"], operation_id="check_ready")
    async def ready() -> JSONResponse:
        missing = await platform.health.unready()
        degraded = [] if missing else await platform.health.degraded()
        said = {"ready": not missing, "waiting_for": missing, "degraded": degraded}
        return JSONResponse(said, 503 if missing else 200)

    if not operators:
        return

    @app.get("/metrics", tags=["operations"], operation_id="get_metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(platform.metrics.expose(), media_type=CONTENT_TYPE)


def _progress_router(retired: Retired | None) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/v1/progress", operation_id="get_progress")
    async def progress(request: Request, caller: Caller, work: Work) -> Progress | Currency:
        # Everybody may wait for the figures; how many events there are is told to whoever runs the system.
        read = read_progress if has_right(request, caller, "see_progress") else read_currency
        async with work() as session:
            return await read(session, platform_of(request).settings.service, retired)

    return router


def _document_problems(app: FastAPI) -> None:
    build = app.openapi

    def with_problems() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = build()
            add_summaries(schema)
            models = schema.setdefault("components", {}).setdefault("schemas", {})
            document = problems.ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
            models.update(document.pop("$defs", {}))
            models["ProblemDocument"] = document
            # FastAPI describes faults in its own way, but here every fault goes out as a problem document.
            for unused in ("HTTPValidationError", "ValidationError"):
                models.pop(unused, None)
        return app.openapi_schema or {}

    app.openapi = with_problems  # type: ignore[method-assign]
