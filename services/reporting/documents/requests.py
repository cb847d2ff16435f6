"""Read a request for a report from its parameters, and report every fault in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from reference import (
    Area,
    PeriodNotThenError,
    UnknownCalendarError,
    UnknownPeriodError,
    number_within,
    period_name,
    resolve,
)
from services.chassis.problems import Fault, Problem
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.parts import Report
from services.reporting.documents.reference import Windows, one_period, yearly
from services.reporting.figures import Question, parse_question

FORMATS: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""Format → media type."""
PARAMETERS = ("year", "calendar", "period", "geography", "area", "known_at", "closing")
"""The parameters of a request for a report."""


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request. ``question`` holds its area and knowledge; ``asked`` are the parameters as given."""

    report: Report
    question: Question
    windows: Windows
    asked: Mapping[str, str]

    @property
    def area(self) -> Area:
        """Return the area that the report is about."""
        return self.question.area

    @property
    def hierarchy(self) -> date:
        """Return the day whose areas count."""
        return self.question.hierarchy

    @property
    def known_at(self) -> datetime | None:
        """Return what was known then; None = all that is known now."""
        return self.question.known_at


def named(name: str) -> Report:
    """Return the report of that name; Problem 404 where there is none."""
    report = REPORTS.get(name)
    if report is None:
        raise Problem(404, "report_unknown", report=name, reports=", ".join(REPORTS))
    return report


def check_format(format_: str) -> None:
    """Raise Problem 404 for a format that reports do not have."""
    if format_ not in FORMATS:
        raise Problem(404, "report_format", format=format_, formats=", ".join(FORMATS))


def parse(report: Report, given: Mapping[str, str], now: datetime) -> Request:
    """Return the request that the parameters make, without a closing.

    Raises:
        Problem: 404 for an unknown area, 422 with every fault otherwise.
    """
    faults = [
        Fault.of(name, given[name], "unknown_parameter") for name in sorted(given) if name not in PARAMETERS
    ]
    windows = _windows(given, faults)
    if faults or windows is None:
        raise Problem.invalid(faults)
    return request_for(report, windows, given, now)


def check_closing(report: Report, given: Mapping[str, str]) -> UUID:
    """Return the id of the closing asked for; what a closing fixes must not be asked for besides.

    Raises:
        Problem: 404 where no id has this form, 422 with every fault.
    """
    if report.declared:
        raise Problem(422, "report_not_closable")
    allowed = ("closing", "known_at")
    faults = [
        Fault.of(name, given[name], "report_closing_fixed" if name in PARAMETERS else "unknown_parameter")
        for name in sorted(given)
        if name not in allowed
    ]
    if faults:
        raise Problem.invalid(faults)
    try:
        return UUID(given["closing"])
    except ValueError:
        raise Problem.not_found("report_no_closing") from None


def request_for(report: Report, windows: Windows, given: Mapping[str, str], now: datetime) -> Request:
    """Return the request about these windows; area and knowledge are read as questions about figures have them."""
    asked = {name: given[name] for name in ("area", "known_at", "geography") if given.get(name)}
    # Any stock serves here: only the area and ``known_at`` of this question are used.
    question = parse_question("registry.users", asked | {"as_of": windows.last.isoformat()}, now)
    kept = {name: given[name] for name in PARAMETERS if given.get(name)}
    return Request(report, question, windows, kept)


def _windows(given: Mapping[str, str], faults: list[Fault]) -> Windows | None:
    year, calendar, period = (given.get(name) or None for name in ("year", "calendar", "period"))
    if year is not None and (calendar or period):
        faults.append(Fault.of("year", year, "report_period_twice"))
    elif year is not None:
        number = number_within(year, 1901, 9000)
        if number is not None:
            return yearly(number)
        faults.append(Fault.of("year", year, "report_year"))
    elif calendar and period:
        return _period(calendar, period, faults)
    elif calendar or period:
        faults.append(Fault.of("period" if calendar else "calendar", None, "report_calendar_alone"))
    else:
        faults.append(Fault.of("year", None, "report_period"))
    return None


def _period(calendar: str, code: str, faults: list[Fault]) -> Windows | None:
    try:
        found = resolve(calendar, code)
        before = resolve(calendar, f"{int(found.code[:4]) - 1}{found.code[4:]}")
    except UnknownCalendarError as unknown:
        names = ", ".join(unknown.calendars)
        faults.append(Fault.of("calendar", calendar, "report_calendar", calendars=names))
        return None
    except UnknownPeriodError as unknown:
        faults.append(Fault.of("period", code, "report_period_unknown", codes=", ".join(unknown.codes)))
        return None
    except PeriodNotThenError:
        faults.append(Fault.of("period", code, "report_period_unknown", codes="—"))
        return None
    return period_windows(found.code, found.first, found.last, (before.first, before.last))


def period_windows(code: str, first: date, last: date, before: tuple[date, date]) -> Windows:
    """Return the windows of a period of a calendar by its code; its days are said, since calendars differ."""
    earlier = f"{int(code[:4]) - 1}{code[4:]}"
    days = f"(từ {first:%d/%m/%Y} đến {last:%d/%m/%Y})"
    return one_period(f"{period_name(code)} {days}", first, last, period_name(earlier), before)
