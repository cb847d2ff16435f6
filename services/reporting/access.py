"""Who may ask what, and how a question's parameters arrive: shared by all routes of reporting."""

from fastapi import Request

from contracts.areas import area_book
from services.chassis.auth import Principal
from services.reporting.figures.questions import Question


def may_ask(principal: Principal, question: Question) -> bool:
    """Aggregates of an area may be read by units of that area and of those above it.

    Province-level units, whose area is the whole, thus see everything; administrators always do.
    """
    return principal.is_admin or area_book().covers(principal.area, question.area.uid)


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters; one that is given twice is a fault of the question, not silently the last."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        given[f"{name} (again)" if name in given else name] = value
    return given
