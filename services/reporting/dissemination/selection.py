"""Read a data query from the parameters of a request: figures, areas, windows and ``known_at``, with every fault."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast, get_args

from reference import (
    FIGURES,
    PeriodNotThenError,
    UnknownCalendarError,
    UnknownPeriodError,
    area_book,
    number_within,
    time_kind,
)
from services.chassis.problems import Fault, Problem
from services.reporting.dissemination.windows import (
    CIVIL,
    Frequency,
    Mark,
    NotAPeriodError,
    Window,
    between,
)
from services.reporting.figures import (
    Question,
    can_be_asked_by,
    figure_of,
    parse_known_at,
    parse_question,
)

PARAMETERS = (
    "area",
    "by",
    "startPeriod",
    "endPeriod",
    "frequency",
    "calendar",
    "asOf",
    "updatedAfter",
    "includeHistory",
    "geography",
    "area_of",
    "limit",
    "cursor",
)
MAX_QUESTIONS = 100_000
_PASSED_ON = ("by", "geography", "area_of")
_LIMIT = 250


@dataclass(frozen=True, slots=True)
class WindowQuestion:
    """One question of a query, and the window that it is about.

    ``elsewhere``: uids of the other areas of the query, whose own questions say their values. ``again``: an earlier
    question of the query is about the same area under another code.
    """

    question: Question
    window: Window
    elsewhere: Set[str] = frozenset()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A page of a query: the questions from ``start`` on of ``total``.

    ``since`` (known then) and ``history`` as SDMX's updatedAfter and includeHistory.
    """

    asked: tuple[WindowQuestion, ...]
    since: datetime | None
    history: bool
    start: int
    total: int

    def cursor_after(self, count: int) -> str | None:
        """Return where the next page begins when ``count`` of the questions are answered; None after the last one."""
        following = self.start + count
        return (
            None
            if following >= self.total
            else urlsafe_b64encode(f"q{following}".encode()).decode().rstrip("=")
        )


def select(codes: str, given: Mapping[str, str], now: datetime) -> Selection:
    """Return the page of questions that a request puts.

    Raises:
        Problem: 404 for an unknown figure or area, 422 with the faults otherwise.
    """
    faults = [
        Fault.of(name, given[name], "unknown_parameter") for name in sorted(given.keys() - set(PARAMETERS))
    ]
    windows = _windows(given, faults)
    limit = _limit(given, faults)
    history = given.get("includeHistory", "false").lower()
    if history not in ("true", "false"):
        faults.append(Fault.of("includeHistory", history, "true_or_false"))
    if history == "true" and given.get("updatedAfter"):
        faults.append(Fault.of("includeHistory", history, "history_or_updates"))
    since = _instant("updatedAfter", given, faults, now)
    then = _instant("asOf", given, faults, now)
    if since is not None and then is not None and since > then:
        faults.append(Fault.of("updatedAfter", given["updatedAfter"], "updated_after_as_of"))
    figures = _figures(codes, given.get("by") or None)
    areas = list(dict.fromkeys(code for code in (given.get("area") or "").split(",") if code)) or [""]
    # Checked before the questions are made: the product of three short lists can be very large.
    if len(figures) * len(areas) * len(windows) > MAX_QUESTIONS:
        faults.append(
            Fault.of("startPeriod", given.get("startPeriod"), "query_too_wide", maximum=MAX_QUESTIONS)
        )
    start = _cursor(given, faults)
    if faults:
        raise Problem.invalid(faults)
    cells = [(figure, area, window) for figure in figures for area in areas for window in windows]
    named = _Named(areas)
    asked = tuple(_asked(*cell, given, now, named) for cell in cells[start : start + limit])
    return Selection(asked, since, history == "true", start, len(cells))


def known_then(asked: WindowQuestion, known_at: datetime) -> Question:
    """Return the same question as known at another instant."""
    return replace(asked.question, known_at=known_at, known_as_asked=known_at.isoformat())


def _instant(name: str, given: Mapping[str, str], faults: list[Fault], now: datetime) -> datetime | None:
    """Return the instant of record time that a parameter names, read in the same way as ``known_at``."""
    found: list[Fault] = []
    at = parse_known_at({"known_at": given.get(name, "")}, found, now)
    faults += [replace(fault, field=name) for fault in found]
    return at


def _asked(
    figure: str, area: str, window: Window, given: Mapping[str, str], now: datetime, named: "_Named"
) -> WindowQuestion:
    put = {name: given[name] for name in _PASSED_ON if given.get(name)}
    # A stock is the state of a day, so a period asks for it on its last day.
    if time_kind(FIGURES[figure]) == "stock":
        put["as_of"] = window.last.isoformat()
    else:
        put |= {"from": window.first.isoformat(), "to": window.last.isoformat()}
    if area:
        put["area"] = area
    if given.get("asOf"):
        put["known_at"] = given["asOf"]
    question = parse_question(figure, put, now, crossed=True)
    first = named.on(question.hierarchy)
    again = first.get(question.area.uid, area) != area
    return WindowQuestion(question, window, first.keys() - {question.area.uid}, again)


class _Named:
    """The areas that a query names, looked up once for each hierarchy."""

    def __init__(self, areas: Sequence[str]) -> None:
        self._areas = areas
        self._found: dict[date, dict[str, str]] = {}

    def on(self, hierarchy: date) -> dict[str, str]:
        """Return the uid of each area → the first text of the query that names it."""
        if hierarchy not in self._found:
            # Reversed, so that of several names of one area the first one stays in the dict.
            found = ((text, area_book().resolve(text, hierarchy)) for text in reversed(self._areas))
            self._found[hierarchy] = {area.uid: text for text, area in found if area is not None}
        return self._found[hierarchy]


def _figures(codes: str, by: str | None) -> list[str]:
    """Return the codes of the figures named; ``all`` means every figure that can be asked by what is asked."""
    if codes == "all":
        return [code for code, figure in FIGURES.items() if by is None or can_be_asked_by(figure, by)]
    return list(dict.fromkeys(figure_of(code).code for code in codes.split(",") if code))


def _windows(given: Mapping[str, str], faults: list[Fault]) -> list[Window]:
    start_text = given.get("startPeriod")
    if not start_text:
        faults.append(Fault.of("startPeriod", None, "start_period_needed"))
        return []
    marks = []
    for name in ("startPeriod", "endPeriod"):
        text = given.get(name) or start_text
        try:
            marks.append(Mark.read(text))
        except NotAPeriodError:
            faults.append(Fault.of(name, text, "not_a_period"))
    frequency = given.get("frequency") or (marks[0].frequency if marks else "A")
    # SDMX calls half-years S, since H is hourly in its code list; inside they are H.
    frequency = "H" if frequency == "S" else frequency
    if frequency not in get_args(Frequency):
        faults.append(Fault.of("frequency", frequency, "frequency"))
    if faults or len(marks) < 2:
        return []
    try:
        windows = between(
            marks[0], marks[1], cast(Frequency, frequency), given.get("calendar") or CIVIL, MAX_QUESTIONS
        )
    except (UnknownCalendarError, UnknownPeriodError, PeriodNotThenError):
        faults.append(Fault.of("calendar", given.get("calendar") or CIVIL, "calendar_without_period"))
        return []
    if not windows:
        faults.append(Fault.of("endPeriod", given.get("endPeriod"), "no_period_between"))
    return windows


def _limit(given: Mapping[str, str], faults: list[Fault]) -> int:
    text = given.get("limit") or str(_LIMIT)
    number = number_within(text, 1, 1000)
    if number is not None:
        return number
    faults.append(Fault.of("limit", text, "limit_range", minimum=1, maximum=1000))
    return _LIMIT


def _cursor(given: Mapping[str, str], faults: list[Fault]) -> int:
    text = given.get("cursor")
    if not text:
        return 0
    try:
        start = number_within(
            urlsafe_b64decode(text.encode() + b"==").decode().removeprefix("q"), 0, MAX_QUESTIONS
        )
    except ValueError:
        start = None
    if start is None:
        faults.append(Fault.of("cursor", text, "cursor"))
    return start or 0
