"""Who may ask what, and how a question's parameters arrive: shared by all routes of reporting."""

from fastapi import Request

from contracts.areas import area_book
from services.chassis.auth import Principal
from services.reporting.figures.questions import Question


def may_ask(principal: Principal, question: Question) -> bool:
    """Aggregates of an area may be read by units of that area and of those above it.

    Province-level units, whose area is the whole, thus see everything; administrators always do.
    """
    return principal.is_admin or lies_in(principal.area, question)


def lies_in(code: str, question: Question) -> bool:
    """Whether the area asked is the one of that code or lies in it, in the hierarchy asked.

    A province goes on under the code of the one that it wholly became: the Hải Dương of 2023 may be asked about by the
    Hải Phòng of 2025, and the other way round.
    """
    book = area_book()
    if book.covers(code, question.area.uid):
        return True
    provinces = [area.uid for area in book.named(code) if area.level == "province"]
    homes = [book.placed(uid, question.hierarchy) for uid in provinces]
    above = book.ancestors(question.area.uid)
    return any(home is not None and home.lost is None and home.uid in above for home in homes)


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters; one that is given twice is a fault of the question, not silently the last."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        given[f"{name} (again)" if name in given else name] = value
    return given
