"""Days that a spreadsheet makes of something else: of a year typed into a cell for dates, of a cell that holds 0 or 1. Pure.

A spreadsheet stores a day as the number of days since its day 0 (ECMA-376 part 1, 18.17.4.1: the date systems of 1900 and
of 1904). The year 1990 in a cell for dates is day 1990 of it, 12/06/1905.
"""

from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from services.registers.cell_error import CellError
from services.registers.cells import Moment

_DAYS_ZERO = (date(1899, 12, 30), date(1904, 1, 1))
_YEARS = range(1900, 2101)  # years that somebody may have typed
# What 0 and 1 look like in either system.
_NOTHING = frozenset({date(1900, 1, 1), date(1904, 1, 1), date(1904, 1, 2)})


def refuse_mistaken_day(value: Any) -> None:
    """Refuse a day that nobody has written; other values and other days pass.

    A few real days of 1905 and 1909 are refused with them: no register of today has anything from then but births, and
    those can be written as a year.

    Raises:
        CellError: the day is the number of a year, or of nothing.
    """
    day = _day(value)
    if day is None:
        return
    if day in _NOTHING:
        raise CellError("empty_day", day=f"{day:%d/%m/%Y}")
    for zero in _DAYS_ZERO:
        if (number := (day - zero).days) in _YEARS:
            raise CellError("year_as_day", day=f"{day:%d/%m/%Y}", year=number)


def _day(value: Any) -> date | None:
    if isinstance(value, Moment):
        return value.day
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).date()
    return value if isinstance(value, date) else None
