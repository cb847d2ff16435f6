"""The page of one line of a list: the records behind it, what stands of it, its history, and the form to mark it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from contracts.forms import FORMS
from reference import unit_name
from services.chassis.problems import Problem
from services.chassis.web import Breadcrumb, Cell, Column, Link, Page, SentForm, SummaryRow, Table
from services.marks import Outcome
from services.registers.pages import record_address
from services.reporting.figures import RecordSight
from services.reporting.pages import words
from services.reporting.pages.lines import area_named, day_text, record_names, state_cell, whose
from services.reporting.pages.marking import TYPED, MarkForm, errors_of, mark_form
from texts import Message, joined, message

Json = Mapping[str, Any]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
RECORD = ("record", "area", "since")
STEP = ("mark", "whose", "on", "by", "note")
"""The columns of a line's history; ``page.line.<column>`` is what each is called."""


@dataclass(frozen=True, kw_only=True)
class LinePage(Page):
    """One line. ``state`` is what stands of it; ``back`` leads to its list."""

    template: ClassVar[str] = "line.html"
    lead: Message
    done: Message | None
    state: tuple[SummaryRow, ...]
    records: Table
    history: Table | None
    form: MarkForm
    back: Link


def records_table(line: Json, sight: RecordSight, purpose: str) -> Table:
    """Return the records behind a line; those that the reader may know lead to their own pages."""
    return Table(
        caption=message("page.line.records"),
        columns=tuple(Column(text=message(f"page.line.{name}")) for name in RECORD),
        rows=tuple(_record(record, sight, purpose) for record in line["records"]),
        empty=message("page.line.no_records"),
    )


def _record(record: Json, sight: RecordSight, purpose: str) -> tuple[Cell, ...]:
    known = sight.known.get(record["record"] or "")
    form = None if known is None else FORMS.get(known.form)
    named = record_names({"records": [record]})
    if form is not None:
        named = joined([Message(form.vi, form.en), words.both(unit_name(record["unit"]))], ", ")
    return (
        Cell(text=named, href="" if form is None else _address(form.service, record["record"], purpose)),
        Cell(text=area_named(record["area"])),
        Cell(text="" if record["since"] is None else day_text(record["since"])),
    )


def _address(service: str, record: str, purpose: str) -> str:
    if service == "reporting":
        return ""  # what agencies declare has no page of its own
    return record_address(service, record, purpose=purpose)


def standing(line: Json) -> tuple[SummaryRow, ...]:
    """Return what stands of a line: its state, who has it, by whom and since when, the latest note."""
    mark = line["mark"]
    rows = [SummaryRow(term=message("page.line.state"), value=state_cell(mark).text)]
    if mark is None:
        return tuple(rows)
    told = (
        ("whose", whose(mark)),
        ("by", _by(mark)),
        ("on", "" if mark["on"] is None else day_text(mark["on"])),
        ("note", mark["note"] or ""),
    )
    rows += [SummaryRow(term=message(f"page.line.{name}"), value=said) for name, said in told if str(said)]
    return tuple(rows)


def _by(mark: Json) -> Message:
    by = [mark["by"] or "", unit_name(mark["by_unit"]) if mark["by_unit"] else ""]
    return words.both(", ".join(filter(None, by)))


def history_table(steps: Iterable[Json]) -> Table | None:
    """Return the marks of a line, the latest first; None where it has none."""
    rows = tuple(
        (
            Cell(text=message(f"page.mark.{step['mark']}")),
            Cell(text=whose(step)),
            Cell(text=day_text(step["on"])),
            Cell(text=_by(step)),
            Cell(text=step["note"] or ""),
        )
        for step in reversed(list(steps))
    )
    if not rows:
        return None
    return Table(
        caption=message("page.line.history"),
        columns=tuple(Column(text=message(f"page.line.{name}")) for name in STEP),
        rows=rows,
    )


def seen_mark(line: Json) -> str:
    """Return the mark that whoever reads the page sees stand, as the form says it."""
    mark = line["mark"]
    return "none" if mark is None or mark["id"] is None else str(mark["id"])


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a line is from: its list, what the form sends with it, and whose records in which areas they are."""

    action: str
    kept: Mapping[str, str]
    agency: str
    areas: tuple[str, ...]
    lead: Message
    way: tuple[Breadcrumb, ...]
    navigation: tuple[Link, ...]
    back: Link


@dataclass(frozen=True, slots=True)
class Shown:
    """Which line is shown, and how: after it was marked (``outcome``), or with what was sent and why it was refused."""

    subject: str
    purpose: str
    outcome: str = ""
    sent: SentForm | None = None
    problem: Problem | None = None


def of_line(line: Json, sight: RecordSight, asked: Asked, how: Shown) -> LinePage:
    """Return the page of a line."""
    typed = {} if how.sent is None else {name: how.sent.one(name) for name in TYPED}
    title = message("page.line.title")
    return LinePage(
        title=title,
        breadcrumbs=(*asked.way, Breadcrumb(text=title)),
        navigation=asked.navigation,
        errors=None if how.problem is None else errors_of(how.problem),
        lead=asked.lead,
        done=message(f"page.line.done.{how.outcome}") if how.outcome in OUTCOMES else None,
        state=standing(line),
        records=records_table(line, sight, how.purpose),
        history=history_table(line["history"]),
        form=mark_form(
            asked.action, {**asked.kept, "seen": seen_mark(line)}, asked.agency, asked.areas, typed
        ),
        back=asked.back,
    )
