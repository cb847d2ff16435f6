"""The page of the way between two numbers: drawn, as a table, and the records behind one of its steps; and the minutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from markupsafe import Markup

from services.chassis.security import AGENCIES
from services.chassis.web import Breadcrumb, Cell, Column, Kind, Link, Option, Page, Table, purpose_options
from services.marks import WANTED
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.lines import day_text, record_names, state_cell, whose
from services.reporting.pages.reconciliation.bridge import Row, cut, drawn, rows_of
from services.reporting.pages.reconciliation.overview_page import PATH, when_of
from texts import Language, Message, message, number_message

Json = Mapping[str, Any]
SIDES = ("agency", "against")
VIEWED = (*SIDES, "step", "marked", "offset", "purpose")
KINDS = ("measured", "possible", "unexplained")
RECORD = ("records", "reason", "since", "state", "whose")
"""The columns of the records behind a step; ``page.bridge.<column>`` is what each is called."""
PAGE = 20
_TAGS: Mapping[str, Kind] = {"measured": "good", "possible": "plain", "unexplained": "bad"}


@dataclass(frozen=True, kw_only=True)
class BridgePage(Page):
    """The way between the numbers. ``kept`` are the names and values that its form sends as they are."""

    template: ClassVar[str] = "bridge.html"
    lead: str
    when: Message
    known: Message
    drawing: Markup
    cut: Message | None
    table: Table
    lists: tuple[Table, ...]
    hidden: Message | None
    following: str
    previous: str
    action: str
    kept: tuple[tuple[str, str], ...]
    agencies: tuple[Option, ...]
    agency: str
    against: str
    wanted: tuple[Option, ...]
    marked: str
    purposes: tuple[Option, ...]
    purpose: str
    minutes: str


def bridge_page(
    asked: Mapping[str, str],
    view: Mapping[str, str],
    document: Json,
    reader: Reader,
    navigation: tuple[Link, ...],
    language: Language,
    refused: Message | None,
) -> BridgePage:
    """Return the page; ``asked`` is the question of the figure, ``view`` how it is looked at."""
    rows, name = rows_of(document), Message(document["vi"], document["en"])
    path, whole = f"{PATH}/{document['figure']}", {**asked, **view}
    begins = cut(rows)
    lists = tuple(_lists(document, view, whole))
    offset = int(view["offset"] or 0)
    more = any(_goes_on(side, view["step"], offset) for side in sides(document)) and bool(lists)
    return BridgePage(
        title=message("page.bridge.title", figure=name),
        breadcrumbs=way(message("page.bridge.title", figure=name)),
        navigation=navigation,
        wide=True,
        lead=document["area_name"],
        when=when_of(document),
        known=message("page.figures.known_at", at=words.both(asked["known_at"]))
        if asked.get("known_at")
        else message("page.bridge.known_now"),
        drawing=drawn(message("page.bridge.title", figure=name), rows, language),
        cut=message("page.bridge.cut", base=number_message(begins)) if begins else None,
        table=_table(rows, path, whole),
        lists=lists,
        hidden=refused or (_hidden(document) if view["step"] else None),
        following=words.link(path, whole | {"offset": str(offset + PAGE)}) if more else "",
        previous=words.link(path, whole | {"offset": str(offset - PAGE) if offset > PAGE else ""})
        if offset
        else "",
        action=words.ROOM + path,
        kept=tuple((name, text) for name, text in asked.items() if text),
        agencies=tuple(Option(value=one, text=message(f"holder.agency.{one}")) for one in sorted(AGENCIES)),
        agency=view["agency"],
        against=view["against"],
        wanted=tuple(Option(value=one, text=message(f"page.checks.marked.{one}")) for one in WANTED),
        marked=view["marked"],
        purposes=purpose_options(reader.today),
        purpose=view["purpose"],
        minutes=words.link(f"{path}/minutes", {**asked, **{side: view[side] for side in SIDES}}),
    )


def way(*steps: Message) -> tuple[Breadcrumb, ...]:
    """Return the way to a page below the room."""
    return (
        Breadcrumb(text=message("page.reporting.room"), href=words.ROOM),
        Breadcrumb(text=message("page.reconciliation.title"), href=words.link(PATH, {})),
        *(Breadcrumb(text=step) for step in steps),
    )


def sides(document: Json) -> list[Json]:
    """Return the declaration, and the second agency's where there is one."""
    return [document, *([document["against"]] if "against" in document else [])]


def _goes_on(side: Json, step: str, offset: int) -> bool:
    return any(one["step"] == step and one["records_total"] > offset + PAGE for one in side["steps"])


def _hidden(document: Json) -> Message | None:
    said = document.get("records_hidden")
    return None if said is None else Message(said["vi"], said["en"])


def _table(rows: Iterable[Row], path: str, whole: Mapping[str, str]) -> Table:
    return Table(
        caption=message("page.bridge.table"),
        columns=(*_columns(), Column(text=message("page.bridge.list"), number=True)),
        rows=tuple((*table_row(row), _list_cell(row, path, whole)) for row in rows),
    )


def _columns() -> tuple[Column, ...]:
    """Return the columns of a step, as `table_row` fills them."""
    return (
        Column(text=message("page.bridge.step")),
        Column(text=message("page.bridge.whose")),
        Column(text=message("page.bridge.count"), number=True),
        Column(text=message("page.bridge.kind")),
    )


def table_row(row: Row) -> tuple[Cell, ...]:
    """Return a step with its number: a total as it is, what a step adds with its sign."""
    total = row.step is None
    return (
        Cell(text=row.text),
        Cell(text="" if row.agency is None else message(f"holder.agency.{row.agency}")),
        Cell(text=number_message(row.value) if total else words.change_written(row.value)),
        Cell(text="") if total else Cell(text=message(f"page.bridge.kind.{row.kind}"), tag=_TAGS[row.kind]),
    )


def _list_cell(row: Row, path: str, whole: Mapping[str, str]) -> Cell:
    if not row.records or row.step is None:
        return Cell(text="")
    href = words.link(path, {**whole, "step": row.step, "offset": ""})
    return Cell(text=message("page.bridge.open", count=number_message(row.records)), href=href)


def _lists(document: Json, view: Mapping[str, str], whole: Mapping[str, str]) -> Iterable[Table]:
    """Yield the records behind the step that is opened, of each agency's declaration that has some."""
    for side in sides(document):
        for step in side["steps"]:
            if step["step"] == view["step"] and step["records"]:
                title = message(
                    "page.bridge.behind",
                    step=message(f"page.bridge.step.{step['step']}"),
                    agency=message(f"holder.agency.{side['agency']}"),
                )
                yield Table(
                    caption=title,
                    columns=tuple(Column(text=message(f"page.bridge.{name}")) for name in RECORD),
                    rows=tuple(
                        _record(record, side["agency"], document["figure"], whole)
                        for record in step["records"]
                    ),
                )


def _record(record: Json, agency: str, figure: str, whole: Mapping[str, str]) -> tuple[Cell, ...]:
    mark, line = record.get("mark"), record["line"]
    kept = {name: whole[name] for name in whole if name not in (*SIDES, "step", "marked", "offset")}
    return (
        Cell(
            text=record_names({"subject": "", "records": [record]}),
            href=""
            if line is None
            else words.link(f"{PATH}/{figure}/line", {**kept, "agency": agency, "line": line}),
        ),
        Cell(text=Message(record["reason"]["vi"], record["reason"]["en"])),
        Cell(text="" if record["since"] is None else day_text(record["since"])),
        Cell(text="") if line is None else state_cell(mark),
        Cell(text="" if mark is None else whose(mark)),
    )


@dataclass(frozen=True, kw_only=True)
class MinutesPage(Page):
    """The minutes of a reconciliation, to be printed and signed: numbers and reasons, no record."""

    template: ClassVar[str] = "minutes.html"
    figure: Message
    area: str
    when: Message
    made: Message
    declared: Table
    steps: Table
    unexplained: Message
    signers: tuple[Message, ...]
    back: Link


def minutes_page(
    asked: Mapping[str, str], view: Mapping[str, str], document: Json, made: Message
) -> MinutesPage:
    """Return the minutes of the way between the numbers; ``made``: when they were drawn up."""
    both = sides(document)
    path = f"{PATH}/{document['figure']}"
    left = document["between"]["unexplained"] if "between" in document else document["unexplained"]
    return MinutesPage(
        title=message("page.minutes.title"),
        figure=Message(document["vi"], document["en"]),
        area=document["area_name"],
        when=when_of(document),
        made=made,
        declared=_both_declared(document, both),
        steps=_minuted(rows_of(document)),
        unexplained=words.change_written(left),
        signers=tuple(
            message("page.minutes.signer", agency=message(f"holder.agency.{side['agency']}")) for side in both
        ),
        back=Link(text=message("page.minutes.back"), href=words.link(path, {**asked, **view})),
    )


def _both_declared(document: Json, both: list[Json]) -> Table:
    rows = [
        (
            Cell(text=message(f"holder.agency.{side['agency']}")),
            Cell(text=when_of(side["declaration"])),
            Cell(text=number_message(side["declared"])),
        )
        for side in both
    ]
    computed = (
        Cell(text=message("page.bridge.registers")),
        Cell(text=when_of(document)),
        Cell(text=number_message(document["computed"])),
    )
    return Table(
        caption=message("page.minutes.numbers"),
        columns=(
            Column(text=message("page.minutes.source")),
            Column(text=message("page.reconciliation.when")),
            Column(text=message("page.bridge.count"), number=True),
        ),
        rows=(*rows, computed),
    )


def _minuted(rows: Iterable[Row]) -> Table:
    return Table(
        caption=message("page.bridge.table"),
        columns=_columns(),
        rows=tuple(table_row(row) for row in rows if row.step is None or row.value),
    )
