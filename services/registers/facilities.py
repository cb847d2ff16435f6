"""Facilities that rows name: spelt as the list has them, and told where the list has them not on the row's day."""

from collections.abc import Iterator, Sequence

from reference import Nearest
from services.chassis.security import Units
from services.registers.plan import plan_of
from services.registers.row import CellFault, Row

_DAYS = {"transferred_to": "ended_on"}
"""The column of the day on which a facility should be listed, where that is not the record's own date."""


def spell_facilities(rows: Sequence[Row], units: Units) -> None:
    """Give the facilities of the rows the spelling of the list; codes that it has not become capitals.

    An unlisted code has one spelling, so that it is one place in the figures until it is listed.
    """
    for row in rows:
        for column in plan_of(row.form).facilities:
            if row.has(column):
                row.values[column] = units.facility(row.text(column))


def unlisted_facilities(rows: Sequence[Row], units: Units) -> Iterator[CellFault]:
    """Yield a note, at the first of its rows, for each facility that is not listed on the row's day.

    Such a row is accepted and becomes a finding (`docs/checks.md`): the list may be behind, not the register.
    """
    seen: set[str] = set()
    nearest = Nearest()
    for row in rows:
        for column in plan_of(row.form).facilities:
            code = row.opt_text(column)
            day = row.opt_date(_DAYS[column]) if column in _DAYS else row.own_day
            if code is None or day is None or code in seen or units.lists(code, day):
                continue
            seen.add(code)
            near = nearest.of(code, day, units.listed_on(day))
            yield row.fault(column, "facility_unlisted", code=code, day=f"{day:%d/%m/%Y}", near=near)
