"""The board of hand-ins: which unit has handed in which register for a period, what is late first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from reference import unit_name
from services.chassis.web import Cell, Column, Kind, Link, Option, Page, Table
from services.reporting.figures import Reader
from services.reporting.ledger.domain import STATES, State
from services.reporting.ledger.usecases import Ledger, Line
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, head_of_question
from services.reporting.pages.choosing import Chosen
from texts import Message, day_written, message, number_message

PATH = "hand-in"
_SHOWN = 200
_COUNTED = ("expected", *STATES, "declared", "nil")
COLUMNS = ("unit", "form", "state", "due", "last", "late", "records", "declared")
"""The columns of the list of units; ``page.handin.<column>`` is what each is called."""
_KINDS: Mapping[State, Kind] = {"received": "good", "late": "warning", "missing": "bad", "awaited": "plain"}
_FIRST: Sequence[State] = ("missing", "late", "awaited", "received")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines of the board are shown: those of one form, and in one state; None = of any."""

    form: str | None = None
    state: str | None = None


@dataclass(frozen=True, kw_only=True)
class HandInPage(Page):
    """The hand-ins of a period in an area, counted by form and listed by unit."""

    template: ClassVar[str] = "hand_in.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    forms: tuple[Option, ...]
    form_chosen: str
    states: tuple[Option, ...]
    state_chosen: str
    counts: Table
    lines: Table | None
    left_out: Message | None


def hand_in_page(
    chosen: Chosen, found: Ledger, shown: Filter, reader: Reader, navigation: tuple[Link, ...]
) -> HandInPage:
    """Return the page of a ledger, which holds what its reader may see."""
    lines = None if found.lines is None else _wanted(found.lines, shown)
    kept = {"form": shown.form or "", "state": shown.state or ""}
    return HandInPage(
        **head_of_question(message("page.handin.title"), chosen, reader, PATH, navigation, **kept),
        forms=_form_options(found),
        form_chosen=kept["form"],
        states=tuple(Option(value=state, text=message(f"page.handin.state.{state}")) for state in _FIRST),
        state_chosen=kept["state"],
        counts=counts_table(found, chosen, message("page.handin.by_form")),
        lines=None if lines is None else _lines(lines[:_SHOWN]),
        left_out=_left_out(lines),
    )


def _wanted(lines: Iterable[Line], shown: Filter) -> list[Line]:
    """Return the lines that are asked for: what is missing longest first, then what came latest, what is in order last."""
    wanted = (
        line
        for line in lines
        if shown.form in (None, line.entry.expected.form) and shown.state in (None, line.entry.state)
    )
    return sorted(
        wanted,
        key=lambda line: (
            _FIRST.index(line.entry.state),
            -line.entry.late_days,
            line.entry.expected.form,
            line.entry.expected.unit,
        ),
    )


def _left_out(lines: list[Line] | None) -> Message | None:
    if lines is None or len(lines) <= _SHOWN:
        return None
    return message("page.handin.left_out", shown=number_message(_SHOWN), all=number_message(len(lines)))


def _form_options(found: Ledger) -> tuple[Option, ...]:
    return tuple(Option(value=form, text=words.form_name(form)) for form in found.counts)


def counts_table(found: Ledger, chosen: Chosen, caption: Message, counted: Sequence[str] = _COUNTED) -> Table:
    """Return how many hand-ins of each form there are by what is ``counted``; each form leads to its lines on the board."""
    rows = []
    for form, counts in found.counts.items():
        href = words.link(PATH, {**chosen.asked(), "form": form})
        numbers = tuple(Cell(text=_count(counts[name])) for name in counted)
        rows.append((Cell(text=words.form_name(form), href=href), *numbers))
    return Table(
        caption=caption,
        columns=(
            Column(text=message("page.handin.form")),
            *(Column(text=message(f"page.handin.count.{name}"), number=True) for name in counted),
        ),
        rows=tuple(rows),
        empty=message("page.handin.nothing_expected"),
    )


def _count(number: int | None) -> Message:
    return message("page.handin.not_told") if number is None else number_message(number)


def _lines(lines: Iterable[Line]) -> Table:
    numbers = {"late", "records"}
    return Table(
        caption=message("page.handin.by_unit"),
        columns=tuple(
            Column(text=message(f"page.handin.{name}"), number=name in numbers) for name in COLUMNS
        ),
        rows=tuple(_row(line) for line in lines),
        empty=message("page.handin.nothing_here"),
    )


def _row(line: Line) -> tuple[Cell, ...]:
    entry = line.entry
    state: State = entry.state
    records = number_message(entry.records) if line.with_records else message("page.handin.not_told")
    return (
        Cell(text=f"{unit_name(entry.expected.unit, entry.expected.due)} ({entry.expected.unit})"),
        Cell(text=words.form_name(entry.expected.form)),
        Cell(text=message(f"page.handin.state.{state}"), tag=_KINDS[state]),
        Cell(text=day_written(entry.expected.due)),
        Cell(text=day_written(entry.last_arrival)),
        Cell(text=number_message(entry.late_days) if entry.late_days else ""),
        Cell(text=records),
        Cell(text=_declared(line)),
    )


def _declared(line: Line) -> Message:
    """Return what the unit states of its register, and whether records speak against that."""
    entry = line.entry
    if entry.rows_after:
        return message("page.handin.contradicted")
    if entry.declared is None:
        return message("page.handin.not_declared")
    return message(f"page.handin.declared.{entry.declared.says}", day=day_written(entry.declared.on))
