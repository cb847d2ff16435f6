"""The page of one check: what it finds, by area, the stock and its flows, and the lines as the reader may see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    Link,
    Option,
    Page,
    SummaryRow,
    Table,
    purpose_options,
)
from services.marks import WANTED
from services.reporting.checks import AskedCheck
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.checks.board_page import PATH
from services.reporting.pages.choice import Choice, choice_of, known_in_words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.lines import area_named, day_text, record_names, state_cell, whose
from texts import Message, message, number_message

VIEWED = ("by", "marked", "after", "purpose")
BY = ("area", "commune")
COLUMNS = ("records", "since", "state", "whose", "note")
"""The columns of a list of lines; ``page.checks.line.<column>`` is what each is called."""
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CheckPage(Page):
    """One check. ``lines`` is None where the reader is told no lines; ``hidden`` says why."""

    template: ClassVar[str] = "check.html"
    action: str
    area: str
    period: Message
    known: Message
    choice: Choice
    about: tuple[SummaryRow, ...]
    breakdowns: tuple[Option, ...]
    by: str
    wanted: tuple[Option, ...]
    marked: str
    purposes: tuple[Option, ...]
    purpose: str
    rows: Table | None
    balance: Table | None
    lines: Table | None
    hidden: Message | None
    following: str


def check_page(
    chosen: Chosen,
    one: AskedCheck,
    found: Json,
    view: Mapping[str, str],
    reader: Reader,
    navigation: tuple[Link, ...],
    refused: Message | None,
) -> CheckPage:
    """Return the page of what was found; ``refused``: why the list is not shown although the reader may list it."""
    name, path = one.check.name(), f"{PATH}/{one.check.code}"
    kept = {"by": view["by"], "marked": view["marked"], "purpose": view["purpose"]}
    asked = {**chosen.asked(), **kept}
    lines = found.get("findings")
    return CheckPage(
        title=name,
        breadcrumbs=way(chosen, name),
        navigation=navigation,
        wide=True,
        action=words.ROOM + path,
        area=chosen.area.name,
        period=words.period_label(chosen.period),
        known=known_in_words(chosen),
        choice=choice_of(chosen, reader, path, **kept),
        about=tuple(_about(one, found)),
        breakdowns=tuple(Option(value=by, text=message(f"dimension.{by}")) for by in BY),
        by=view["by"],
        wanted=tuple(Option(value=wanted, text=message(f"page.checks.marked.{wanted}")) for wanted in WANTED),
        marked=view["marked"],
        purposes=purpose_options(reader.today),
        purpose=view["purpose"],
        rows=_rows(found, view["by"]),
        balance=_balance(found.get("balance")),
        lines=None if lines is None else _lines(f"{path}/line", asked, lines),
        hidden=refused or _hidden(found),
        following=words.link(path, {**asked, "after": found["next"]}) if found.get("next") else "",
    )


def way(chosen: Chosen, *steps: Message) -> tuple[Breadcrumb, ...]:
    """Return the way to a page below the board."""
    return (
        Breadcrumb(text=message("page.reporting.room"), href=words.ROOM),
        Breadcrumb(text=message("page.checks.title"), href=words.link(PATH, chosen.asked())),
        *(Breadcrumb(text=step) for step in steps),
    )


def _about(one: AskedCheck, found: Json) -> Iterable[SummaryRow]:
    count = found.get("count")
    told = message("page.checks.withheld") if count is None else number_message(count)
    yield SummaryRow(term=message("page.checks.found"), value=told)
    yield SummaryRow(term=message("page.checks.owner"), value=message(f"holder.agency.{found['owner']}"))
    yield SummaryRow(term=message("page.checks.todo"), value=one.check.todo())


def _hidden(found: Json) -> Message | None:
    said = found.get("records_hidden")
    return None if said is None else Message(said["vi"], said["en"])


def _rows(found: Json, by: str) -> Table | None:
    listed = found.get("rows")
    if not by or listed is None:
        return None
    return Table(
        caption=message("page.checks.by_area"),
        columns=(
            Column(text=message(f"dimension.{by}")),
            Column(text=message("page.checks.found"), number=True),
        ),
        rows=tuple((Cell(text=area_named(row[by])), Cell(text=_number(row.get("value")))) for row in listed),
    )


def _number(value: int | None) -> Message:
    return message("page.checks.withheld") if value is None else number_message(value)


def _balance(found: Json | None) -> Table | None:
    """Return a stock from its opening over what came and went to its closing; None for what is no balance."""
    if found is None:
        return None
    rows = [(message("page.checks.balance.opening"), found["opening"])]
    rows += [(_class(move["class"]), move["count"]) for move in found["entries"]]
    rows += [(_class(move["class"]), -move["count"]) for move in found["exits"]]
    rows.append((message("page.checks.balance.closing"), found["closing"]))
    rows.append((message("page.checks.balance.difference"), found["difference"]))
    return Table(
        caption=message("page.checks.balance"),
        columns=(
            Column(text=message("page.checks.balance.what")),
            Column(text=message("page.checks.balance.count"), number=True),
        ),
        rows=tuple((Cell(text=what), Cell(text=number_message(count))) for what, count in rows),
    )


def _class(kind: str) -> Message:
    """Return what a way into a stock or out of it is called; of an end its reason stays a code of the register."""
    first, _, reason = kind.partition(":")
    named = message(f"check.class.{first}")
    return Message(f"{named.vi}: {reason}", f"{named.en}: {reason}") if reason else named


def _lines(path: str, asked: Mapping[str, str], listed: Iterable[Json]) -> Table:
    return Table(
        caption=message("page.checks.lines"),
        columns=tuple(Column(text=message(f"page.checks.line.{name}")) for name in COLUMNS),
        rows=tuple(_line(line, words.link(path, {**asked, "line": line["subject"]})) for line in listed),
        empty=message("page.checks.no_lines"),
    )


def _line(line: Json, href: str) -> tuple[Cell, ...]:
    mark = line["mark"]
    days = sorted(filter(None, (record["since"] for record in line["records"])))
    return (
        Cell(text=record_names(line), href=href),
        Cell(text="" if not days else day_text(days[0])),
        state_cell(mark),
        Cell(text="" if mark is None else whose(mark)),
        Cell(text="" if mark is None else mark["note"] or ""),
    )
