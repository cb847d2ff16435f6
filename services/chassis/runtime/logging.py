"""Structured logs: JSON lines with fields. Errors appear by class and place, never by message: messages of database
and validation errors quote values, and values may be personal data."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import trace

from services.chassis.runtime.repeats import CountingHandler

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
"""The id that ties together everything done for one request or message."""

_FRAMES = 6
_QUIET = {
    "aiokafka": logging.WARNING,
    "faststream": logging.ERROR,  # it warns at every start that topics are not made by themselves: that is intended
    "uvicorn.access": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
}


def configure(service: str, level: str = "INFO") -> None:
    """Send every log line of the process, other libraries' included, to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_correlation,
        _errors_without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = CountingHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _add_repeats,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        library = logging.getLogger(name)
        library.handlers.clear()  # some bring a handler of their own, with lines that are no JSON
        library.propagate = True
        library.setLevel(max(least, logging.getLevelName(level)))
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> Any:
    """Return a logger; use keyword fields: ``log.info("record accepted", form=…)``."""
    return structlog.get_logger(name)


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error as log fields: class, SQLSTATE where there is one, and the places it went through."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    fields: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    state = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if state:
        fields["sqlstate"] = state
    if error.__cause__ is not None:
        fields["error_cause"] = f"{type(error.__cause__).__module__}.{type(error.__cause__).__qualname__}"
    return fields


def _add_correlation(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    current = correlation_id.get()
    if current is not None:
        event.setdefault("correlation_id", current)
    traced = trace.get_current_span().get_span_context()
    if traced.is_valid:
        event.setdefault("trace_id", trace.format_trace_id(traced.trace_id))
    return event


def _add_repeats(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    repeated = getattr(event.get("_record"), "repeated", None)
    if repeated is not None:
        event["repeated"] = repeated
    return event


def _errors_without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event.update(describe(error))
    # A text made by the standard library quotes the error's message, and so perhaps values.
    event.pop("exc_text", None)
    event.pop("stack_info", None)
    return event
