"""A question about a figure: what was asked, and every fault of it."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from contracts.areas import Area, area_book
from contracts.calendars import (
    Period,
    PeriodNotThenError,
    UnknownCalendarError,
    UnknownPeriodError,
    resolve,
)
from contracts.envelope import VIETNAM
from contracts.figures import FIGURES, Figure
from contracts.messages import Message, message
from services.chassis.problems import Fault, Problem
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.territory import AREA_DIMENSIONS as AREA_DIMENSIONS
from services.reporting.figures.territory import REGION_DAY, default_province

AreaOf = Literal["residence", "facility"]
_PARAMETERS = frozenset(
    {"area", "as_of", "from", "to", "known_at", "by", "area_of", "geography", "calendar", "period"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """A well-formed question. ``known_at`` None = all that is known now; ``first`` is None for a stock.

    ``day`` is the day asked, for a period its last day. The areas that count are those of ``geography``, None = of the
    day. ``period`` is the calendar's where the question named one. ``known_as_asked`` and ``area_as_asked`` are how the
    asker put them.
    """

    figure: Figure
    area: Area
    area_as_asked: str
    day: date
    first: date | None
    known_at: datetime | None
    known_as_asked: str | None
    by: str | None
    area_of: AreaOf
    geography: date | None = None
    period: Period | None = None

    @property
    def hierarchy(self) -> date:
        """The day whose areas count."""
        return self.geography or self.day

    @property
    def kind(self) -> Literal["stock", "flow"]:
        """Whether a day or a period is asked."""
        return "stock" if self.first is None else "flow"


def time_kind(figure: Figure) -> Literal["stock", "flow"]:
    """How a figure is asked: a ratio as its numerator is."""
    if figure.kind == "ratio":
        assert figure.numerator is not None
        return time_kind(FIGURES[figure.numerator])
    return figure.kind


def dimensions(figure: Figure) -> tuple[str, ...]:
    """What the figure may be broken down by."""
    return (*AREA_DIMENSIONS, *figure.dimensions)


def parse_question(code: str, given: Mapping[str, str], now: datetime) -> Question:
    """The question that a request puts.

    Raises:
        Problem: 404 for an unknown figure or area, 422 with every fault otherwise.
    """
    figure = figure_of(code)
    faults = [Fault.of(name, given[name], "unknown_parameter") for name in sorted(given.keys() - _PARAMETERS)]
    period = _period(given, faults)
    first, day = _days(figure, given, now, faults) if period is None else _days_of(figure, period)
    known_at = parse_known_at(given, faults)
    geography = _geography(given, faults)
    by = given.get("by") or None
    if by is not None and by not in dimensions(figure):
        faults.append(Fault.of("by", by, "dimension", allowed=", ".join(dimensions(figure))))
    area_of = _area_of(figure, given, faults)
    if faults or day is None:
        raise Problem.invalid(faults)
    asked, area = _area(given, geography or day)
    known_as_asked = given.get("known_at") or None
    return Question(figure, area, asked, day, first, known_at, known_as_asked, by, area_of, geography, period)


def figure_of(code: str) -> Figure:
    """The figure of a code; Problem 404 with the likeliest ones where there is none."""
    figure = FIGURES.get(code)
    if figure is None:
        raise Problem(404, "figure", faults=[_unknown_figure(code)])
    return figure


def _unknown_figure(code: str) -> Fault:
    """A fault that names the likeliest codes."""
    tail = {known.rpartition(".")[2]: known for known in FIGURES}
    near = difflib.get_close_matches(code, list(FIGURES), n=3)
    near += [tail[name] for name in difflib.get_close_matches(code.rpartition(".")[2], list(tail), n=2)]
    text = message("figure_near", codes=", ".join(dict.fromkeys(near))) if near else message("figure")
    return Fault("figure", code, "figure", text)


def _period(given: Mapping[str, str], faults: list[Fault]) -> Period | None:
    """The period that a calendar names, instead of days; None where none is asked."""
    calendar, code = given.get("calendar"), given.get("period")
    if not calendar and not code:
        return None
    before = len(faults)
    faults += [
        Fault.of(name, given[name], "period_and_days") for name in ("as_of", "from", "to") if given.get(name)
    ]
    if not calendar:
        faults.append(Fault.of("calendar", None, "calendar_needed"))
    elif not code:
        faults.append(Fault.of("period", None, "period_of_calendar_needed"))
    else:
        try:
            found = resolve(calendar, code)
        except UnknownCalendarError as unknown:
            faults.append(
                Fault.of("calendar", calendar, "calendar_unknown", calendars=", ".join(unknown.calendars))
            )
        except UnknownPeriodError as unknown:
            faults.append(
                Fault.of(
                    "period", code, "period_unknown", calendar=calendar, periods=", ".join(unknown.codes)
                )
            )
        except PeriodNotThenError as then:
            since, until = (_shown(day, "…") for day in (then.since, then.until))
            faults.append(
                Fault.of("period", code, "period_not_then", calendar=calendar, since=since, until=until)
            )
        else:
            if len(faults) == before:
                return found
    raise Problem.invalid(faults)


def _shown(day: date | None, otherwise: str) -> str:
    return otherwise if day is None else day.isoformat()


def _days_of(figure: Figure, period: Period) -> tuple[date | None, date]:
    """A period as a figure takes it: a stock at its last day."""
    return (None if time_kind(figure) == "stock" else period.first), period.last


def _geography(given: Mapping[str, str], faults: list[Fault]) -> date | None:
    day = _date("geography", given, faults)
    first = area_book().first_day
    if day is not None and day < first:
        faults.append(
            Fault.of("geography", given["geography"], "geography_too_early", first=first.isoformat())
        )
        return None
    return day


def _days(
    figure: Figure, given: Mapping[str, str], now: datetime, faults: list[Fault]
) -> tuple[date | None, date | None]:
    as_of, first, last = (_date(name, given, faults) for name in ("as_of", "from", "to"))
    if time_kind(figure) == "stock":
        faults += [
            Fault.of(name, given[name], "stock_with_period") for name in ("from", "to") if given.get(name)
        ]
        return None, as_of if given.get("as_of") else now.astimezone(VIETNAM).date()
    if given.get("as_of"):
        faults.append(Fault.of("as_of", given["as_of"], "flow_with_day"))
    else:
        faults += [Fault.of(name, None, "period_needed") for name in ("from", "to") if not given.get(name)]
    if first is not None and last is not None and first > last:
        faults.append(Fault.of("to", last.isoformat(), "period_backwards", first=first.isoformat()))
    return first, last


def _date(name: str, given: Mapping[str, str], faults: list[Fault]) -> date | None:
    text = given.get(name)
    if not text:
        return None
    found = _read_date(text)
    if found is None:
        faults.append(Fault.of(name, text, "date"))
    return found


def _read_date(text: str) -> date | None:
    """``yyyy-mm-dd`` or ``dd/mm/yyyy``."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
        except ValueError:
            continue
        return found if 1900 <= found.year <= 9990 else None
    return None


def parse_known_at(given: Mapping[str, str], faults: list[Fault]) -> datetime | None:
    """The instant of record time that ``known_at`` names, None without it; what is wrong is added to the faults."""
    text = given.get("known_at")
    if not text:
        return None
    day = _read_date(text)
    if day is not None:
        # Microseconds are the resolution of record time, so this is the last instant of the day.
        return datetime.combine(day + timedelta(days=1), time(), VIETNAM) - timedelta(microseconds=1)
    try:
        # A "+" that was not escaped in the address arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9990:
        faults.append(Fault.of("known_at", text, "known_at"))
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=VIETNAM)


def _area_of(figure: Figure, given: Mapping[str, str], faults: list[Fault]) -> AreaOf:
    text = given.get("area_of") or "residence"
    if text == "facility":
        codes = (
            [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
        )
        if not any("facility" in DEFINITIONS[code].dims for code in codes if code in DEFINITIONS):
            faults.append(Fault.of("area_of", text, "area_of_not_available"))
        return "facility"
    if text != "residence":
        faults.append(Fault.of("area_of", text, "area_of"))
    return "residence"


def _area(given: Mapping[str, str], day: date) -> tuple[str, Area]:
    book = area_book()
    text = given.get("area") or None
    if text is None:
        uid = default_province(day)
        if uid is None:
            raise Problem(404, "area_not_then", faults=[], day=day.isoformat())
        return book.by_uid[uid].code, book.by_uid[uid]
    area = book.resolve(text, day)
    if area is not None and area.exists_on(day):
        return text, area
    if not book.codes_known(text):
        fault = Fault.of("area", text, "area_unknown", day=day.isoformat())
    else:
        fault = Fault("area", text, "area_not_then", _not_then(text, day))
    raise Problem(404, fault.rule, faults=[fault], day=day.isoformat())


def _not_then(text: str, day: date) -> Message:
    """What an area that the day does not have was, or what it became, and how to ask for it all the same."""
    book = area_book()
    ended = [area for area in book.named(text) if area.valid_to is not None and area.valid_to <= day]
    if not ended:
        area = book.named(text)[0]
        made = book.predecessions(area.uid)
        return message(
            "area_not_yet",
            day=day.isoformat(),
            code=area.code,
            name=area.name,
            since=_shown(area.valid_from, "…"),
            made=_list([book.by_uid[step.from_uid] for step in made]),
        )
    area = ended[-1]
    became = [book.by_uid[step.to_uid] for step in book.successions(area.uid) if step.to_uid is not None]
    rule = "area_ended" if became else "area_ended_unknown"
    if area.level == "district":
        rule = "area_ended_district"
    assert area.valid_to is not None
    last = area.valid_to - timedelta(days=1)
    region = REGION_DAY.isoformat()
    return message(
        rule,
        day=day.isoformat(),
        code=area.code,
        name=area.name,
        last=last.isoformat(),
        became=_list(became),
        region=region,
    )


def _list(areas: list[Area]) -> str:
    return ", ".join(f"{area.code} {area.name}" for area in areas) or "—"
