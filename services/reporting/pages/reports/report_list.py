"""The page of reports: those that wait for the reader, and those of an area and a period that the reader may open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from reference import area_book, period_name
from services.chassis.web import Cell, Column, Kind, Link, Page, Table
from services.reporting.documents import REPORTS, About, Report, State, Waiting, WaitingPage
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, head_of_question
from services.reporting.pages.choosing import Chosen
from texts import Message, joined, message, number_message

PATH = "reports"
AFTER = "after"
KINDS: Mapping[State, Kind] = {
    "draft": "plain",
    "submitted": "warning",
    "approved": "good",
    "returned": "bad",
}


@dataclass(frozen=True, kw_only=True)
class ReportsPage(Page):
    """What waits, and what can be opened."""

    template: ClassVar[str] = "reports.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    waiting: Table
    next: str
    reports: Table


@dataclass(frozen=True, slots=True)
class Opened:
    """A report that the reader may open: its name, the parameters that name it, what stands of it; of which edition, if any."""

    report: Report
    named: Mapping[str, str]
    state: State
    steps: int
    edition: Mapping[str, Any] | None = None


def waiting_notice(found: WaitingPage) -> Link | None:
    """Return the link to the reports that wait for the reader; None where none does."""
    if not found.reports:
        return None
    count = number_message(len(found.reports))
    told = message(
        "page.reports.waiting_more" if found.following else "page.reports.waiting_count", count=count
    )
    return Link(text=told, href=words.ROOM + PATH)


def reports_page(
    chosen: Chosen,
    waiting: WaitingPage,
    opened: Iterable[Opened],
    closings: Iterable[Mapping[str, Any]],
    reader: Reader,
    navigation: tuple[Link, ...],
) -> ReportsPage:
    """Return the page; ``closings`` are those by which reports of closed editions are named."""
    return ReportsPage(
        **head_of_question(message("page.reports.title"), chosen, reader, PATH, navigation),
        waiting=_waiting(waiting.reports, {one["id"]: one for one in closings}),
        next=words.link(PATH, chosen.asked(**{AFTER: waiting.following})) if waiting.following else "",
        reports=_reports(opened),
    )


def _waiting(found: Iterable[Waiting], closings: Mapping[str, Mapping[str, Any]]) -> Table:
    return Table(
        caption=message("page.reports.waiting"),
        columns=tuple(
            Column(text=message(f"page.reports.{name}"))
            for name in ("report", "area", "span", "why", "since")
        ),
        rows=tuple(
            (
                Cell(
                    text=report_name(REPORTS[one.about.report]),
                    href=address(one.about.report, named_by(one.about)),
                ),
                Cell(text=area_book().by_uid[one.about.area].name),
                Cell(text=_span_name(one.about.span, closings)),
                Cell(text=message(f"page.reports.why.{one.why}")),
                Cell(text=words.moment_of(one.last.at)),
            )
            for one in found
        ),
        empty=message("page.reports.none_waiting"),
    )


def _reports(opened: Iterable[Opened]) -> Table:
    return Table(
        caption=message("page.reports.of_period"),
        columns=tuple(Column(text=message(f"page.reports.{name}")) for name in ("report", "state")),
        rows=tuple(
            (
                Cell(text=_called(one), href=address(one.report.name, one.named)),
                Cell(
                    text=message(f"report.state.{one.state}")
                    if one.steps
                    else message("page.reports.not_sent"),
                    tag=KINDS[one.state] if one.steps else None,
                ),
            )
            for one in opened
        ),
        empty=message("page.reports.none"),
    )


def _called(one: Opened) -> Message:
    # Each link says of what it is: the same report is had by the year, by the period, and of closed editions.
    return joined([report_name(one.report), _of(one)], ": ")


def _of(one: Opened) -> Message:
    if one.edition is not None:
        return edition_name(one.edition)
    if "year" in one.named:
        return message("page.reports.year", year=one.named["year"])
    return span_name(f"{one.named['calendar']} {one.named['period']}")


def _span_name(span: str, closings: Mapping[str, Mapping[str, Any]]) -> Message:
    kind, _, code = span.partition(" ")
    return edition_name(closings[code]) if kind == "closing" and code in closings else span_name(span)


def edition_name(closing: Mapping[str, Any]) -> Message:
    """Return what a closed edition is called: its period, its calendar and its number."""
    period = span_name(f"{closing['calendar']} {closing['period']}")
    return message("page.reports.edition", period=period, edition=closing["edition"])


def span_name(span: str) -> Message:
    """Return what a report is of, in words: a year by each agency's own days, or a period of a calendar."""
    kind, _, code = span.partition(" ")
    if kind == "year":
        return message("page.reports.year", year=code)
    calendar = words.calendar_name(kind)
    return Message(f"{period_name(code)} ({calendar.vi})", f"{code} ({calendar.en})")


def named_by(about: About) -> dict[str, str]:
    """Return the parameters that name a report."""
    kind, _, code = about.span.partition(" ")
    if kind == "closing":
        return {"closing": code}
    of = {"year": code} if kind == "year" else {"calendar": kind, "period": code}
    return {"area": about.area, **of}


def report_name(report: Report) -> Message:
    """Return what a report is called."""
    return Message(report.vi, report.en)


def address(report: str, named: Mapping[str, str], **more: str) -> str:
    """Return the address of a report's page."""
    return words.link(f"{PATH}/{report}", {**named, **more})
