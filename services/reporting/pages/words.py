"""Texts that several pages of the official's room put together: numbers with their signs, periods, days, names."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlencode

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from reference import (
    ARREST_OUTCOME,
    CONCLUSION,
    CONFLICT_CAUSE,
    CONFLICT_OUTCOME,
    DETOX_KIND,
    DOSE_KIND,
    FACILITY_LEVEL,
    FIGURES,
    FIRE_CAUSE,
    FIRE_PLACE,
    METHADONE_END,
    OFFENCE,
    PRESENCE,
    SEX,
    STATUS,
    VENUE,
    Codes,
    Period,
    calendars,
    measure_of,
    period_name,
)
from services.reporting.figures import UNKNOWN
from texts import Message, day_written, message, moment_written, number_message

_LISTS: Mapping[str, Codes] = {
    "sex": SEX,
    "status": STATUS,
    "presence": PRESENCE,
    "end_reason": METHADONE_END,
    "offence": OFFENCE,
    "venue": VENUE,
    "place": FIRE_PLACE,
    "determination.outcome": CONCLUSION,
    "arrests.outcome": ARREST_OUTCOME,
    "conflicts.outcome": CONFLICT_OUTCOME,
    "conflicts.cause": CONFLICT_CAUSE,
    "fires.cause": FIRE_CAUSE,
    "methadone.kind": DOSE_KIND,
    "detox.kind": DETOX_KIND,
    "venues.kind": VENUE,
    "determination.level": FACILITY_LEVEL,
    "methadone.level": FACILITY_LEVEL,
}
"""Dimension, where figures differ in it with their kind before it → the code list of its values."""
ROOM = "/reporting/"
"""Where the official's room begins."""


def both(text: str) -> Message:
    """Return what is the same in both languages as a text."""
    return Message(text, text)


def change_written(value: float) -> Message:
    """Return a difference with its sign: +57, −3, ±0."""
    if value == 0:
        return both("±0")
    size = number_message(abs(value))
    sign = "+" if value > 0 else "\u2212"
    return Message(f"{sign}{size.vi}", f"{sign}{size.en}")


def figure_name(code: str) -> Message:
    """Return what a figure is called."""
    figure = FIGURES[code]
    return Message(figure.vi, figure.en)


def unit_of(code: str) -> Message:
    """Return what a figure counts in."""
    return Message(*measure_of(code))


def form_name(code: str) -> Message:
    """Return what a form is called."""
    return Message(FORMS[code].vi, FORMS[code].en)


def calendar_name(code: str) -> Message:
    """Return what a calendar is called."""
    found = calendars()[code]
    return Message(found.vi, found.en)


def days_written(first: date | None, last: date) -> Message:
    """Return a day, or the first and last day of a period."""
    if first is None:
        return both(day_written(last))
    return both(f"{day_written(first)} \u2013 {day_written(last)}")


def period_label(period: Period) -> Message:
    """Return a period's name with its days, because the same name means other days in another calendar."""
    days = days_written(period.first, period.last)
    return Message(f"{period_name(period.code)} ({days.vi})", f"{period.code} ({days.en})")


def moment_of(instant: datetime) -> Message:
    """Return an instant by the clock of Việt Nam."""
    return both(moment_written(instant.astimezone(VIETNAM)))


def link(path: str, given: Mapping[str, str]) -> str:
    """Return the address of a page of the room with its parameters, in a fixed order; those without a value are left out."""
    kept = urlencode({name: given[name] for name in given if given[name]})
    return f"{ROOM}{path}?{kept}" if kept else f"{ROOM}{path}"


def permanent_hint(*, exact: bool) -> Message:
    """Return what the link that keeps a page holds; ``exact``: everything on it is told exactly, nothing as released."""
    return message("page.figures.permanent_hint" if exact else "page.figures.permanent_hint_released")


def value_name(figure: str, dimension: str, value: str) -> Message:
    """Return what a value of a dimension is called; as it is where it is of no code list."""
    if value == UNKNOWN:
        return message("row_unknown")
    kind = figure.partition(".")[0]
    codes = _LISTS.get(dimension) or _LISTS.get(f"{kind}.{dimension}") or {}
    return Message(codes.get(value, value), value)
