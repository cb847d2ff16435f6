"""What the audit keeps of a request's parameters: what was asked, and nothing that could name a person.

A name is a word like any other, so words are kept only where they are known: codes of the catalogue, of calendars, of forms,
of agencies, dates, ids, short numbers. A path that led to an answer names something that there is, and is kept, too.
"""

import re
from functools import lru_cache

from starlette.requests import Request

from contracts.forms import FORMS
from reference import AGENCY, FIGURES, calendars

MASKED = "…"
NUMBER_OF_SOMEBODY = re.compile(r"(?<![\w-])(\d{9}|\d{12})(?![\w-])")
"""Digits that stand alone and are as many as an identity number has: those inside ids of ours do not."""
_PLAIN = re.compile(r"[A-Za-z0-9._:@+,;/=\-]{0,80}")
_CERTAIN = re.compile(
    r"[0-9]{0,6}|[0-9]{4}-[0-9]{2}(-[0-9]{2})?([T+][0-9:.+Z-]*)?|[0-9]{2}/[0-9]{2}/[0-9]{4}|[0-9]{4}-[A-Z0-9]{1,4}"
    r"|[0-9]{2,5}@[0-9]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(police|committee|health|labour):[0-9]{2,5}"
)
_FLAGS = frozenset({"true", "false", "all", "waiting", "json", "csv"})
# Codes of ours have a digit, an underscore or a colon. A bare word may be somebody's name.
_HAS_FORM = re.compile(r"[0-9_:]")


def kept_parameters(request: Request, status: int) -> dict[str, str]:
    """Return the parameters of a request as the audit keeps them; ``status`` is that of its answer."""
    answered = status < 400
    given = {str(name): _kept(str(value), trusted=answered) for name, value in request.path_params.items()}
    for name, value in request.query_params.multi_items():
        # The name of a parameter is the caller's text too; a route that answered has only names that it knows.
        key = name if answered and _PLAIN.fullmatch(name) else name if name in _names() else MASKED
        shown = " ".join(
            _kept(part, trusted=answered and bool(_HAS_FORM.search(part))) for part in value.split(" ")
        )
        shown = MASKED if MASKED in shown else shown
        given[key] = f"{given[key]} {shown}" if key in given else shown
    return given


def _kept(value: str, *, trusted: bool) -> str:
    if _CERTAIN.fullmatch(value) or all(part in _words() for part in value.split(",")):
        return value
    if trusted and _PLAIN.fullmatch(value):
        return NUMBER_OF_SOMEBODY.sub(MASKED, value)
    return MASKED


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    dimensions = {name for figure in FIGURES.values() for name in figure.dimensions}
    return frozenset({*FORMS, *FIGURES, *AGENCY, *calendars(), *dimensions}) | _FLAGS


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(
        (
            "unit",
            "area",
            "as_of",
            "from",
            "to",
            "period",
            "calendar",
            "by",
            "limit",
            "after",
            "known_at",
            "year",
        )
    )
