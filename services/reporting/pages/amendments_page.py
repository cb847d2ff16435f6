"""``/reporting/rules/days_off/changes``: days off that administrators change, each proposed by one and decided by another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from reference import DayChange, MovedDay, unit_name
from services.chassis.problems import Problem
from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Kind,
    Option,
    Page,
    SummaryRow,
    Table,
    Text,
)
from services.reporting.amendments.domain import Amendment, State
from services.reporting.amendments.usecases import Shown
from services.reporting.pages import words
from texts import Message, day_written, message, number_message

PATH = "rules/days_off/changes"
HOME = f"{words.ROOM}{PATH}"
KINDS = ("off", "worked", "listed")
TYPED = ("kind", "first", "last", "reason")
"""The fields of the form; each is the id of its input, too."""
COLUMNS = ("days", "kind", "state", "proposed", "decided")
MOVED = ("calendar", "period", "level", "before", "after", "over", "closed")
LEVELS = ("commune", "district", "province", "department", "ministry", "police", "facility")
"""Levels of deadlines that have a name; a province may set others."""
_TAGS: Mapping[State, Kind] = {
    "proposed": "warning",
    "confirmed": "good",
    "rejected": "bad",
    "withdrawn": "plain",
}
Closed = Mapping[tuple[str, str], int]
"""Calendar and period → the latest edition in which the period is closed."""


@dataclass(frozen=True, kw_only=True)
class AmendmentsPage(Page):
    """The form to propose a change, and all that were proposed."""

    template: ClassVar[str] = "amendments.html"
    action: str
    kinds: tuple[Option, ...]
    typed: Mapping[str, str]
    history: Table
    next: str


@dataclass(frozen=True, kw_only=True)
class AmendmentPage(Page):
    """One change: what it says, what it moves, and what its reader may do; ``reason`` is what he typed and is refused."""

    template: ClassVar[str] = "amendment.html"
    action: str
    facts: tuple[SummaryRow, ...]
    says: Text
    over: Text
    moved: Table | None
    seen: str
    own: bool
    reason: str


def amendments_page(
    found: Sequence[Amendment],
    following: str,
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> AmendmentsPage:
    """Return the page of all changes, with what was typed and is refused."""
    title = message("page.amend.title")
    return AmendmentsPage(
        title=title,
        breadcrumbs=(*_way(), Breadcrumb(text=title)),
        errors=errors_of(problem),
        action=HOME,
        kinds=tuple(Option(value=kind, text=message(f"page.amend.kind.{kind}")) for kind in KINDS),
        typed={name: (typed or {}).get(name, "") for name in TYPED},
        history=Table(
            caption=message("page.amend.history"),
            columns=tuple(Column(text=message(f"page.amend.column.{name}")) for name in COLUMNS),
            rows=tuple(_line(one) for one in found),
            empty=message("page.amend.none"),
        ),
        next=following,
    )


def amendment_page(
    shown: Shown, reader: str, closed: Closed, today: date, problem: Problem | None = None, reason: str = ""
) -> AmendmentPage:
    """Return the page of one change for its reader, by the subject of the token."""
    one, moving = shown.amendment, shown.moving
    title = message("page.amend.one", days=days_written(one.change))
    above = Breadcrumb(text=message("page.amend.title"), href=HOME)
    moved = () if moving is None else moving.moved
    over = sum(is_over(each, today) for each in moved)
    return AmendmentPage(
        title=title,
        breadcrumbs=(*_way(), above, Breadcrumb(text=title)),
        errors=errors_of(problem),
        action=f"{HOME}/{one.id}",
        facts=tuple(_facts(one)),
        says=message("page.amend.moves", days=number_message(len(moved))),
        over=message("page.amend.moves_over", days=number_message(over)) if over else "",
        moved=None if moving is None else _moved_table(moved, closed, today),
        seen="" if moving is None else moving.seen,
        own=one.proposed_by == reader,
        reason=reason,
    )


def confirmed_table(found: Sequence[DayChange]) -> Table:
    """Return the changes that lie over the file, the last one first, for whoever reads the rules."""
    return Table(
        caption=message("page.amend.confirmed"),
        columns=tuple(Column(text=message(f"page.amend.column.{name}")) for name in ("days", "kind")),
        rows=tuple(
            (Cell(text=days_written(one)), Cell(text=message(f"page.amend.kind.{one.kind}")))
            for one in reversed(found)
        ),
        empty=message("page.amend.none"),
    )


def is_over(moved: MovedDay, today: date) -> bool:
    """Return whether a last day is over before or after it is moved: what was in time may then be late, or the reverse."""
    return min(moved.before, moved.after) < today


def days_written(change: DayChange) -> Message:
    """Return the days of a change."""
    return words.days_written(change.first if change.first != change.last else None, change.last)


def errors_of(problem: Problem | None) -> ErrorSummary | None:
    """Return what is wrong with what was sent, at its fields; what is no field's, at the first one."""
    if problem is None:
        return None
    if not problem.faults:
        return ErrorSummary(faults=(FieldFault(field="decide", text=problem.title),))
    return ErrorSummary(
        faults=tuple(FieldFault(field=fault.field, text=fault.message) for fault in problem.faults)
    )


def _way() -> tuple[Breadcrumb, ...]:
    return (
        Breadcrumb(text=message("page.rules.title"), href=f"{words.ROOM}rules/"),
        Breadcrumb(text=message("page.rules.of.days_off"), href=f"{words.ROOM}rules/days_off"),
    )


def _line(one: Amendment) -> tuple[Cell, ...]:
    return (
        Cell(text=days_written(one.change), href=f"{HOME}/{one.id}"),
        Cell(text=message(f"page.amend.kind.{one.change.kind}")),
        Cell(text=message(f"page.amend.state.{one.state}"), tag=_TAGS[one.state]),
        Cell(text=_proposed(one)),
        Cell(text=_decided(one)),
    )


def _facts(one: Amendment) -> Iterator[SummaryRow]:
    yield SummaryRow(term=message("page.amend.column.days"), value=days_written(one.change))
    yield SummaryRow(
        term=message("page.amend.column.kind"), value=message(f"page.amend.kind.{one.change.kind}")
    )
    yield SummaryRow(term=message("page.amend.reason"), value=one.reason)
    yield SummaryRow(term=message("page.amend.column.state"), value=message(f"page.amend.state.{one.state}"))
    yield SummaryRow(term=message("page.amend.column.proposed"), value=_proposed(one))
    if one.decision is not None:
        yield SummaryRow(term=message("page.amend.column.decided"), value=_decided(one))
        if one.decision.reason:
            yield SummaryRow(term=message("page.amend.because"), value=one.decision.reason)


def _proposed(one: Amendment) -> Message:
    unit, at = unit_name(one.proposed_from), words.moment_of(one.proposed_at)
    return message("page.amend.by", by=one.proposed_by, unit=unit, at=at)


def _decided(one: Amendment) -> Text:
    done = one.decision
    if done is None:
        return "–"
    return message("page.amend.by", by=done.by, unit=unit_name(done.unit), at=words.moment_of(done.at))


def _moved_table(moved: Sequence[MovedDay], closed: Closed, today: date) -> Table:
    return Table(
        caption=message("page.amend.moved"),
        columns=tuple(Column(text=message(f"page.amend.column.{name}")) for name in MOVED),
        rows=tuple(_moved_row(one, closed, today) for one in moved),
        empty=message("page.amend.moves_none"),
    )


def _moved_row(one: MovedDay, closed: Closed, today: date) -> tuple[Cell, ...]:
    period, edition = one.period, closed.get((one.period.calendar, one.period.code))
    over = is_over(one, today)
    return (
        Cell(text=words.calendar_name(period.calendar)),
        Cell(text=words.period_label(period)),
        Cell(text=message(f"page.amend.level.{one.level}") if one.level in LEVELS else one.level),
        Cell(text=day_written(one.before)),
        Cell(text=day_written(one.after)),
        Cell(
            text=message("page.amend.is_over" if over else "page.amend.is_ahead"),
            tag="warning" if over else "plain",
        ),
        Cell(text="–" if edition is None else message("page.amend.edition", number=str(edition))),
    )
