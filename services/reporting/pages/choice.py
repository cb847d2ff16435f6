"""By what another area, period or day of knowledge is chosen: what `choose.html` draws on every page of figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference import Period
from services.chassis.web import Breadcrumb, Link, Option
from services.reporting.figures import Reader
from services.reporting.pages import areas, periods, words
from services.reporting.pages.choosing import Chosen
from texts import Message, message

_DEPTH_SHOWN = "\u2003"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is chosen, and what may be chosen instead. Areas are indented by what lies in what."""

    areas: tuple[Option, ...]
    area: str
    periods: tuple[Option, ...]
    period: str
    calendars: tuple[Link, ...]
    calendar: str
    known_at: str


def choice_of(chosen: Chosen, reader: Reader, path: str, **kept: str) -> Choice:
    """Return the choice of a page at ``path`` of the room; its links keep what else the page is asked."""
    return Choice(
        areas=_areas(reader, chosen),
        area=chosen.area.uid,
        periods=_periods(chosen),
        period=chosen.period.code,
        calendars=_calendars(chosen, path, kept),
        calendar=chosen.period.calendar,
        known_at=chosen.known_as_asked or "",
    )


def head_of_question(
    title: Message, chosen: Chosen, reader: Reader, path: str, navigation: tuple[Link, ...], **kept: str
) -> dict[str, Any]:
    """Return what a page of an area and a period begins with: the way to it, what is asked, and what may be asked instead."""
    room = Breadcrumb(text=message("page.reporting.room"), href=words.ROOM)
    return {
        "title": title,
        "breadcrumbs": (room, Breadcrumb(text=title)),
        "navigation": navigation,
        "wide": True,
        "area": chosen.area.name,
        "period": words.period_label(chosen.period),
        "known": known_in_words(chosen),
        "choice": choice_of(chosen, reader, path, **kept),
    }


def known_in_words(chosen: Chosen) -> Message:
    """Return by whose knowledge the numbers are."""
    if chosen.known_at is None:
        return message("page.figures.known_now", at=words.moment_of(chosen.now))
    return message("page.figures.known_at", at=words.moment_of(chosen.known_at))


def _areas(reader: Reader, chosen: Chosen) -> tuple[Option, ...]:
    listed = areas.choices(reader, chosen.area, chosen.hierarchy)
    return tuple(
        Option(value=one.uid, text=f"{_DEPTH_SHOWN * one.depth}{one.name} ({one.code})") for one in listed
    )


def _periods(chosen: Chosen) -> tuple[Option, ...]:
    listed = periods.offered(chosen.period, chosen.today)
    return tuple(Option(value=one.code, text=words.period_label(one)) for one in listed)


def _calendars(chosen: Chosen, path: str, kept: Mapping[str, str]) -> tuple[Link, ...]:
    """Return the same question by each calendar: its period of the same code, else its year."""
    made = []
    for code in periods.calendar_codes(chosen.period.last):
        period = _same_in(code, chosen.period)
        if period is not None:
            href = words.link(path, {**chosen.asked(calendar=code, period=period.code), **kept})
            current = code == chosen.period.calendar
            made.append(Link(text=words.calendar_name(code), href=href, current=current))
    return tuple(made)


def _same_in(calendar: str, period: Period) -> Period | None:
    there = list(periods.periods_in(calendar, int(period.code[:4])))
    same = (one for one in there if one.code == period.code)
    return next(same, None) or next((one for one in there if one.kind == "year"), None)
