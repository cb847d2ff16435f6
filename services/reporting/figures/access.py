"""Rights on areas and records, and reading the parameters of a request: shared by all routes of reporting."""

from datetime import date

from fastapi import Request

from reference import agency_of, area_book
from services.chassis.security import Principal
from services.reporting.figures.naming import AGAIN
from services.reporting.figures.questions import Question


def may_ask(principal: Principal, question: Question) -> bool:
    """Aggregates of an area may be read by units of that area and of those above it.

    Province-level units, whose area is the whole, thus see everything; administrators always do.
    """
    return reaches(principal, question.area.uid, question.hierarchy)


def reaches(principal: Principal, uid: str, hierarchy: date) -> bool:
    """Return whether an area of the hierarchy of that day is the caller's or lies in it; administrators reach every area."""
    return principal.is_admin or _lies_in(principal.area, uid, hierarchy)


def may_see_records(principal: Principal, question: Question, owner: str) -> bool:
    """Return who sees the records behind a number, a reconciliation or a check that is ``owner``'s to answer for."""
    return may_see_records_of(principal, question.area.uid, question.hierarchy, owner)


def may_see_records_of(principal: Principal, uid: str, hierarchy: date, owner: str) -> bool:
    """Officials and administrators of the committee or of the owner, in the areas that they reach (``reaches``)."""
    # Numbers of an area are for its units; the records behind them only for their owner and the committee.
    entitled = principal.role in ("official", "admin") and agency_of(principal.unit) in ("committee", owner)
    return entitled and reaches(principal, uid, hierarchy)


def _lies_in(code: str, uid: str, hierarchy: date) -> bool:
    """Whether an area of the hierarchy of that day is the area of the code or lies in it.

    A province goes on under the code of the one that it wholly became: the Hải Dương of 2023 may be asked about by the
    Hải Phòng of 2025, and the other way round.
    """
    book = area_book()
    if book.covers(code, uid):
        return True
    provinces = [area.uid for area in book.named(code) if area.level == "province"]
    homes = [book.placed(province, hierarchy) for province in provinces]
    above = book.ancestors(uid)
    return any(home is not None and home.lost is None and home.uid in above for home in homes)


def parameters_of(request: Request) -> dict[str, str]:
    """Return the parameters; one that is given twice is a fault of the question, not silently the last."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        given[name + AGAIN if name in given else name] = value
    return given
