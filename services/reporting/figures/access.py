"""Rights on areas and records, and reading the parameters of a request: shared by all routes of reporting."""

from datetime import date

from fastapi import Request

from reference import agency_of, area_book, parse_unit
from services.chassis.security import Principal
from services.reporting.figures.naming import AGAIN
from services.reporting.figures.questions import Question


def may_ask(principal: Principal, question: Question) -> bool:
    """Return whether the caller may ask about the area: it is the caller's area or lies in it.

    So units of the province may ask about every area; administrators always may.
    """
    return reaches(principal, question.area.uid, question.hierarchy)


def reaches(principal: Principal, uid: str, hierarchy: date) -> bool:
    """Return whether an area of the hierarchy of that day is the caller's or lies in it; administrators reach every area."""
    return principal.is_admin or _lies_in(own_area(principal), uid, hierarchy)


def may_see_records(principal: Principal, question: Question, owner: str) -> bool:
    """Return whether the caller may see the records behind a number, a reconciliation or a check of the agency ``owner``."""
    return may_see_records_of(principal, question.area.uid, question.hierarchy, owner)


def may_see_records_of(principal: Principal, uid: str, hierarchy: date, owner: str) -> bool:
    """Return whether the caller may see records of the owner in the area.

    Officials and administrators of the committee and of the owner may, in the areas that they reach (``reaches``).
    """
    # Numbers of an area are for its units; the records behind them only for their owner and the committee.
    entitled = principal.role in ("official", "admin") and agency_of(principal.unit) in ("committee", owner)
    return entitled and reaches(principal, uid, hierarchy)


def own_area(principal: Principal) -> str:
    """Return the code of the area that the caller's unit has, by the unit's own code and whatever the token claims.

    Where a facility lies is known to `treatment` alone; here it lies where its token says.
    """
    unit = parse_unit(principal.unit)
    return principal.area if unit is None or unit.area_code is None else unit.area_code


def _lies_in(code: str, uid: str, hierarchy: date) -> bool:
    """Return whether an area of that day's hierarchy is the area with the code, or lies in it.

    A province and the one that it wholly became count as the same: units of the Hải Phòng of 2025 may ask about the Hải
    Dương of 2023, and the other way round.
    """
    book = area_book()
    if book.covers(code, uid):
        return True
    provinces = [area.uid for area in book.named(code) if area.level == "province"]
    homes = [book.placed(province, hierarchy) for province in provinces]
    above = book.ancestors(uid)
    return any(home is not None and home.lost is None and home.uid in above for home in homes)


def parameters_of(request: Request) -> dict[str, str]:
    """Return the parameters of a request; one that is given again is kept under its name with `AGAIN`, to be a fault."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        given[name + AGAIN if name in given else name] = value
    return given
