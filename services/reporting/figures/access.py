"""Which areas a reader reaches, and reading the parameters of a request: shared by all routes of reporting."""

from datetime import date

from fastapi import Request

from reference import area_book
from services.chassis.security import Unit
from services.reporting.figures.naming import AGAIN
from services.reporting.figures.questions import Question
from services.reporting.figures.readers import Reader


def may_ask(reader: Reader, question: Question) -> bool:
    """Return whether the reader may ask about the area: it is that of the reader's unit or lies in it.

    So units of the province may ask about every area.
    """
    return reaches(reader, question.area.uid, question.hierarchy)


def reaches(reader: Reader, uid: str, hierarchy: date) -> bool:
    """Return whether an area of the hierarchy of that day is the one of the reader's unit or lies in it.

    A unit whose place the units register does not know reaches no area.
    """
    return unit_reaches(reader.actor.unit, uid, hierarchy)


def unit_reaches(unit: Unit, uid: str, hierarchy: date) -> bool:
    """Return whether an area of the hierarchy of that day is the one of the unit or lies in it; see `reaches`."""
    return unit.area is not None and _lies_in(unit.area, uid, hierarchy)


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
