"""What goes wrong, as RFC 9457 problem details: every fault with field, value, rule and both languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from services.chassis.persistence import is_exhausted, is_outage
from services.chassis.runtime import correlation_id
from services.chassis.security import (
    HashingRotatesError,
    HashingUnreachableError,
    IssuerUnreachableError,
    NotAuthenticatedError,
    Refused,
    StepUpRequiredError,
    missing,
)
from texts import Message, message

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:khopso:problem:"
_RULES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_SHOWN = (str, int, float, bool, type(None))


_AGAIN = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: which field, which value, which rule, and what to tell people."""

    field: str
    value: Any
    rule: str
    message: Message

    @classmethod
    def of(cls, field: str, value: Any, rule: str, **parts: object) -> "Fault":
        """Return a fault whose texts come from the catalogue of messages."""
        return cls(field, value, rule, message(rule, **parts))

    def document(self) -> dict[str, Any]:
        """Return the fault as it goes out."""
        value = self.value if isinstance(self.value, _SHOWN) else str(self.value)
        return {"field": self.field, "value": value, "rule": self.rule, "message": texts(self.message)}


class Problem(Exception):  # noqa: N818 - a problem document, as RFC 9457 calls it
    """Ends a request with a problem document. ``rule`` names the kind and its text in the catalogue."""

    def __init__(
        self,
        status: int,
        rule: str,
        *,
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
        **parts: object,
    ) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.faults = tuple(faults)
        self.headers = headers
        self.title = message(rule, **parts)

    @classmethod
    def invalid(cls, faults: Iterable[Fault]) -> "Problem":
        """Return the problem 422 with every fault of the input."""
        return cls(422, "invalid_input", faults=tuple(faults))

    @classmethod
    def forbidden(cls, rule: str = "forbidden") -> "Problem":
        """Return the problem 403 of a rule."""
        return cls(403, rule)

    @classmethod
    def of(cls, status: int, fault: Fault, faults: Sequence[Fault]) -> "Problem":
        """Return the problem that one of the faults is."""
        problem = cls(status, "forbidden", faults=faults)
        problem.rule, problem.title = fault.rule, fault.message
        return problem

    @classmethod
    def refused(
        cls, refused: Refused, rule: str = "right_missing", faults: Sequence[Fault] = ()
    ) -> "Problem":
        """Return the problem 403 that names the missing right and who can have it, never what the caller asked about.

        ``faults`` say which part of the question needs the right, and what can be asked without it.
        """
        said = missing(refused)
        return cls(403, rule, faults=faults, right=said["right"], holders=said["holders"])

    @classmethod
    def not_found(cls, rule: str = "not_found") -> "Problem":
        """Return the problem 404 of a rule."""
        return cls(404, rule)


class Texts(BaseModel):
    """A text in Vietnamese and English."""

    vi: str
    en: str


class ErrorDocument(BaseModel):
    """One fault of the input."""

    field: str
    value: Any = None
    rule: str
    message: Texts


class ProblemDocument(BaseModel):
    """RFC 9457 problem details, with this system's members ``rule``, ``message``, ``errors``, ``correlationid``."""

    type: str
    title: str
    status: int
    instance: str
    rule: str
    message: Texts
    errors: list[ErrorDocument] = []
    correlationid: str | None = None


def documented(code: str) -> dict[str, Any]:
    """Return a refusal as the OpenAPI document of a route has it; ``code`` is the id of its text."""
    return {
        "description": str(message(code)),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }


RESPONSES: dict[int | str, dict[str, Any]] = {
    400: documented("api.response.400"),
    401: documented("api.response.401"),
    403: documented("api.response.403"),
    404: documented("api.response.404"),
    413: documented("api.response.413"),
    422: documented("api.response.422"),
    429: documented("api.response.429"),
    503: documented("api.response.503"),
}


def texts(text: Message) -> dict[str, str]:
    """Return a message as JSON."""
    return {"vi": text.vi, "en": text.en}


def respond(request: Request, problem: Problem) -> JSONResponse:
    """Return the answer that a problem makes. The path is the route's template, so that no id or value is echoed."""
    route = request.scope.get("route")
    document = {
        "type": _TYPE + problem.rule,
        "title": str(problem.title),
        "status": problem.status,
        "instance": getattr(route, "path", "") or "/",
        "rule": problem.rule,
        "message": texts(problem.title),
        "errors": [fault.document() for fault in problem.faults],
        "correlationid": correlation_id.get(),
    }
    return JSONResponse(document, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> JSONResponse:
    """Return a problem raised by our own code."""
    assert isinstance(error, Problem)
    return respond(request, error)


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Answer an error raised by the framework (404, 405, 413 and others) with a problem document."""
    assert isinstance(error, HTTPException)
    rule = _RULES.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    return respond(request, Problem(error.status_code, rule, headers=dict(error.headers or {})))


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Return a request whose shape does not fit the route's model: all faults, values only where they are plain."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for found in error.errors():
        place = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
        value = found.get("input") if isinstance(found.get("input"), _SHOWN) else None
        english = str(found["msg"])
        rule = f"shape.{found['type']}"
        # The validator has its texts in English only; the Vietnamese one says in general that the shape is wrong.
        text = Message(vi=message("shape").vi, en=english)
        faults.append(Fault(".".join(place) or "body", value, rule, text))
    return respond(request, Problem(422, "invalid_input", faults=faults))


async def on_not_authenticated(request: Request, error: Exception) -> JSONResponse:
    """Answer a request without a valid token with 401 and the reason."""
    assert isinstance(error, NotAuthenticatedError)
    return respond(request, Problem(401, error.rule, headers={"WWW-Authenticate": "Bearer"}))


async def on_step_up_required(request: Request, error: Exception) -> JSONResponse:
    """Answer with 401 by RFC 9470: the token is valid, but the sign-in behind it is too old for this request."""
    assert isinstance(error, StepUpRequiredError)
    challenge = f'Bearer error="insufficient_user_authentication", max_age={error.max_age}'
    problem = Problem(
        401, "step_up_required", headers={"WWW-Authenticate": challenge}, minutes=error.max_age // 60
    )
    return respond(request, problem)


async def on_issuer_unreachable(request: Request, error: Exception) -> JSONResponse:
    """Answer with 503, since the caller's token cannot be checked now."""
    assert isinstance(error, IssuerUnreachableError)
    return respond(request, Problem(503, "issuer_unreachable", headers=_AGAIN))


async def on_hashing_unreachable(request: Request, error: Exception) -> JSONResponse:
    """Answer with 503: without hashes nobody is linked, and a record must not be stored without its links."""
    assert isinstance(error, HashingUnreachableError)
    if isinstance(error, HashingRotatesError):
        return respond(request, Problem(503, "hashing_rotating", headers={"Retry-After": "60"}))
    return respond(request, Problem(503, "hashing_unreachable", headers=_AGAIN))


def passing_problem(error: BaseException) -> Problem | None:
    """Return the 503 of an error that waiting may mend: busy, or without a database; None for any other."""
    if is_exhausted(error):
        return Problem(503, "busy", headers=_AGAIN)
    return Problem(503, "database_unreachable", headers=_AGAIN) if is_outage(error) else None
