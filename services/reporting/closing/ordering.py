"""Check an official's request to close a period, and who may close and read which figures."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from contracts.envelope import VIETNAM, end_of_day
from proof import parse_signing_key
from reference import FIGURES, Area, Period, calendars, figure_sets, figures_of, version_of
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.reporting.closing.queries import Frame
from services.reporting.closing.repository import Closing
from services.reporting.closing.signing import OfficeKey
from services.reporting.figures import QueryService, Reader, Scope, parse_question
from services.reporting.settings import ReportingSettings

_ANY_FLOW = (
    "fires.cases"  # whatever figure is asked, calendar, period, area and knowledge are read the same way
)


_NOT_ENTITLED = "closing_not_entitled"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The decision to close a period though registers are missing: the person who takes it, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """An official's request to close a period, as texts. ``name``: the official's name (default: the token's subject).

    ``accepted``: who decides that the period is closed though registers are missing, and why.
    """

    calendar: str
    period: str
    area: str | None = None
    figures: str = "annual"
    known_at: str | None = None
    note: str | None = None
    name: str | None = None
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A checked request: the frame of the cells to close, the period and area, and the name of the figures."""

    calendar: str
    period: str
    days: Period
    area: Area
    figures: str
    frame: Frame
    known_at: datetime


def office_key(platform: Platform) -> OfficeKey:
    """Return the office's key; Problem 503 where the settings have none."""
    settings = platform.settings
    if not isinstance(settings, ReportingSettings) or settings.signing_key is None:
        raise Problem(503, "closing_no_key")
    return OfficeKey(settings.signing_key_id, parse_signing_key(settings.signing_key))


def calendar_owners(calendar: str, frame: Frame) -> frozenset[str]:
    """Return the agencies whose officials close a period of the calendar, ``*`` for a calendar of everybody.

    A calendar that no agency has for its own, such as the yearly drug classification of communes (QĐ 28/2025/QĐ-TTg), belongs
    to those who answer for the figures that are closed.
    """
    return frozenset(calendars()[calendar].owners) or frozenset(
        FIGURES[code].owner_on(frame.last) for code in frame.figures
    )


def check_official(queries: QueryService, reader: Reader, action: str, calendar: str, frame: Frame) -> None:
    """Raise Problem 403 unless the reader may do this to a period of the calendar, with these figures for this area.

    ``action`` is ``close``, ``reissue`` or ``publish`` of the authority table.
    """
    reader.check(action, calendar_owners(calendar, frame), _NOT_ENTITLED)
    # A closing is signed whole, so nobody signs a number that is hidden from him.
    scope = Scope(frame.uid, frame.last, frame.first, None)
    queries.check_entitled(frame.figures, scope, reader, _NOT_ENTITLED)


def own_figures(calendar: str, codes: Sequence[str], last: date) -> tuple[str, ...]:
    """Return the figures among these that belong to the calendar: of the agencies that report by it, or named by it.

    A calendar of everybody has all of them, and so has that of the committee, which reports on every agency's figures
    and owns none. Where none of the figures belongs to the calendar, all are returned: whoever closes them is refused
    for another reason.

    Example: health's calendar and the figures of the annual report: those of determination and methadone.
    """
    known = calendars()[calendar]
    if "*" in known.owners or not {FIGURES[code].owner_on(last) for code in FIGURES} & {*known.owners}:
        return tuple(codes)
    own = tuple(
        code
        for code in codes
        if FIGURES[code].owner_on(last) in known.owners
        or any(fnmatchcase(code, pattern) for pattern in known.figures)
    )
    return own or tuple(codes)


def check_reader(queries: QueryService, reader: Reader, closing: Closing, codes: Iterable[str]) -> None:
    """Raise Problem 403 unless the reader may see every figure of the closing (``codes``) exactly.

    A closing is signed as a whole, so a part of it cannot be shown to a reader who may not see the rest.
    """
    scope = Scope(closing.area, closing.last, closing.first, closing.known_at)
    queries.check_entitled(tuple(codes), scope, reader, "closing_exact_only")


def target_of(order: Order, now: datetime, kept: Collection[str] = ()) -> Target:
    """Return the checked request; it holds the calendar's own figures of the set, and those ``kept`` from an edition before.

    Raises:
        Problem: 422 with every fault of it, 404 for an area that did not exist.
    """
    asked = {
        name: value
        for name, value in (
            ("calendar", order.calendar),
            ("period", order.period),
            ("area", order.area),
            ("known_at", order.known_at),
        )
        if value
    }
    question = parse_question(_ANY_FLOW, asked, now)
    if question.period is None or question.first is None:
        raise Problem.invalid([Fault.of("period", order.period, "period_needed")])
    last = question.day
    if order.figures not in figure_sets():
        sets = ", ".join(figure_sets())
        raise Problem.invalid([Fault.of("figures", order.figures, "closing_set_unknown", sets=sets)])
    whole = figures_of(order.figures, last)
    own = own_figures(question.period.calendar, whole, last)
    codes = tuple(code for code in whole if code in own or code in kept)
    if not codes:
        rule = "closing_set_empty"
        raise Problem.invalid(
            [Fault.of("figures", order.figures, rule, figures=order.figures, last=last.isoformat())]
        )
    # A period that has not ended can still change by itself, and a closing is final.
    if now.astimezone(VIETNAM).date() <= last:
        raise Problem.invalid([Fault.of("period", order.period, "closing_not_over", last=last.isoformat())])
    known_at = _known(order, question.known_at, last, now)
    versions = {code: version_of(code, last).version for code in codes}
    frame = Frame(question.area.uid, question.area.code, question.first, last, codes, versions)
    period = question.period
    return Target(period.calendar, period.code, period, question.area, order.figures, frame, known_at)


def _known(order: Order, asked: datetime | None, last: date, now: datetime) -> datetime:
    """Return the instant of record time as known at which figures are closed: the one asked for, or now."""
    if asked is None:
        return now.astimezone(UTC)
    asked = min(asked, now)  # the present day has not ended, but what is known of it is known now
    # At an instant inside the period its last days had not happened yet.
    if asked < end_of_day(last):
        rule = "closing_known_before_end"
        raise Problem.invalid([Fault.of("known_at", order.known_at, rule, last=last.isoformat())])
    return asked.astimezone(UTC)


def known_instant(text: str | None, closed: datetime, now: datetime) -> datetime:
    """Return the instant as known at which revisions are asked for: after the closing's own, at most now (the default).

    Raises:
        Problem: 422 where the text is no instant, or one before the closing's.
    """
    if not text:
        return now
    day = closed.astimezone(VIETNAM).date().isoformat()
    asked = parse_question(_ANY_FLOW, {"from": day, "to": day, "known_at": text}, now).known_at
    assert asked is not None
    if asked < closed:
        rule = "closing_known_before_closing"
        raise Problem.invalid([Fault.of("known_at", text, rule, closed=closed.isoformat())])
    return min(asked, now)
