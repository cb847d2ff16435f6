"""The pages of an edition of a closed period: what it holds, what is another number by now, and two editions compared."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from reference import unit_name
from services.chassis.problems import Problem
from services.chassis.web import Cell, Column, Link, Page, SummaryRow, Table
from services.reporting.closing import differing
from services.reporting.documents import REPORTS
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.closing.desk_page import way
from services.reporting.pages.closing.sending import errors_of, must_prove, refused
from services.reporting.pages.closing.tables import (
    Json,
    editions_table,
    moment,
    totals_table,
    value_text,
    what_of,
)
from services.reporting.pages.editions import PATH
from services.reporting.pages.lines import area_named
from services.reporting.pages.reports import report_list
from texts import Message, joined, message, number_message

OUTCOMES = ("closed", "reissued")
ABOUT = (
    "edition",
    "official",
    "unit",
    "closed_at",
    "known_at",
    "note",
    "accepted",
    "hash",
    "entry_hash",
    "signature",
    "key",
)
"""What a page says of an edition; ``page.closing.<name>`` is what each is called."""
_SHOWN = 200
_WHOLE = "annual"
FORMATS = ("docx", "pdf", "xlsx", "csv")
"""The formats in which an edition's page offers its report."""


@dataclass(frozen=True, kw_only=True)
class EditionPage(Page):
    """An edition. ``compare`` leads to it beside its other editions; only the latest is closed again (``reissues``).

    ``prove_first`` leads to a fresh sign-in, which a file must not be sent before: it could not be kept meanwhile.
    """

    template: ClassVar[str] = "closed.html"
    done: Message | None
    refused: Message | None
    about: tuple[SummaryRow, ...]
    totals: Table
    editions: Table
    compare: tuple[Link, ...]
    files: tuple[Link, ...]
    changes: str
    document: str
    desk: str
    action: str
    reissues: bool
    publishes: bool
    prove: bool
    prove_first: str
    typed: Mapping[str, str]


def edition_page(
    closing: Json,
    editions: Sequence[Json],
    reader: Reader,
    navigation: tuple[Link, ...],
    *,
    may: Collection[str],
    outcome: str,
    typed: Mapping[str, str],
    problem: Problem | None,
) -> EditionPage:
    """Return the page of an edition; ``editions`` are all of its period, ``may`` is what the reader may do with it."""
    path, title = f"{PATH}/{closing['id']}", message("page.closing.closing", what=what_of(closing))
    asked = {name: closing[name] for name in ("calendar", "period", "figures")}
    again = urlencode({"anew": "1", "return_to": words.ROOM + path})
    return EditionPage(
        title=title,
        breadcrumbs=way(title),
        navigation=navigation,
        wide=True,
        errors=errors_of(problem),
        done=message(f"page.closing.done.{outcome}") if outcome in OUTCOMES else None,
        refused=refused(problem),
        about=tuple(_about(closing)),
        totals=totals_table(closing["cells"]),
        editions=editions_table(editions),
        compare=tuple(_compared_with(path, closing, editions)),
        files=tuple(_files(closing)),
        changes=words.link(f"{path}/changes", {}),
        document=words.link(f"{path}/document.json", {}),
        desk=words.link(PATH, {"area": closing["area_uid"], **asked}),
        action=words.ROOM + path,
        reissues="reissue" in may and all(one["edition"] <= closing["edition"] for one in editions),
        publishes="publish" in may,
        prove=must_prove(reader, "reissue"),
        prove_first=f"/sign-in?{again}" if must_prove(reader, "publish") else "",
        typed=typed,
    )


def _compared_with(path: str, closing: Json, editions: Iterable[Json]) -> Iterable[Link]:
    for one in editions:
        if one["id"] != closing["id"]:
            yield Link(
                text=message("page.closing.compare_with", number=one["edition"]),
                href=words.link(f"{path}/compare", {"other": one["id"]}),
            )


def _files(closing: Json) -> Iterable[Link]:
    """Yield the report of the closed numbers in each format: that of the same set, else the committee's over all of them."""
    own = REPORTS.get(closing["figures"])
    name = _WHOLE if own is None or own.declared else own.name
    for kind in FORMATS:
        href = words.link(f"{report_list.PATH}/{name}.{kind}", {"closing": closing["id"]})
        yield Link(text=message("page.closing.report", format=kind), href=href)


def _about(closing: Json) -> Iterable[SummaryRow]:
    accepted, official = closing.get("accepted_missing"), closing["official"]
    told: Mapping[str, Message | str] = {
        "edition": message("page.closing.edition_number", number=closing["edition"]),
        "official": official["name"],
        "unit": words.both(unit_name(official["unit"])),
        "closed_at": moment(closing["closed_at"]),
        "known_at": moment(closing["known_at"]),
        "note": closing["note"] or "",
        "accepted": "" if accepted is None else f"{accepted['name']}: {accepted['reason']}",
        "hash": closing["content_hash"],
        "entry_hash": closing["entry_hash"],
        "signature": closing["signature"],
        "key": closing["key_id"],
    }
    for name in ABOUT:
        if str(told[name]):
            yield SummaryRow(term=message(f"page.closing.{name}"), value=told[name])


@dataclass(frozen=True, kw_only=True)
class ChangesPage(Page):
    """What is another number than in an edition: in another one of it, or by now, then with the causes."""

    template: ClassVar[str] = "closing_changes.html"
    lead: Message
    changes: Table
    left_out: Message | None
    back: Link


def compared_page(closing: Json, other: Json, navigation: tuple[Link, ...]) -> ChangesPage:
    """Return two editions beside each other, the earlier one first."""
    first, second = sorted((closing, other), key=lambda one: one["edition"])
    rows = [
        (_cell_name(new or old or {}), _value(old), _value(new))
        for _, old, new in differing(first["cells"], second["cells"])
    ]
    heads = [message("page.closing.edition_number", number=one["edition"]) for one in (first, second)]
    return _changes(closing, message("page.closing.compare"), heads, rows, navigation)


def revised_page(closing: Json, found: Json, navigation: tuple[Link, ...]) -> ChangesPage:
    """Return what is another number by now, with the causes and how many of each."""
    rows = [
        (
            _cell_name(cell),
            Cell(text=value_text(cell["old"])),
            Cell(text=value_text(cell["new"])),
            _causes(cell),
        )
        for cell in found["cells"]
    ]
    heads = [message(f"page.closing.{name}") for name in ("as_closed", "now", "causes")]
    return _changes(closing, message("page.closing.changes"), heads, rows, navigation)


def _changes(
    closing: Json,
    title: Message,
    heads: Sequence[Message],
    rows: Sequence[tuple[Cell, ...]],
    navigation: tuple[Link, ...],
) -> ChangesPage:
    back = words.link(f"{PATH}/{closing['id']}", {})
    left_out = None
    if len(rows) > _SHOWN:
        numbers = {"shown": number_message(_SHOWN), "all": number_message(len(rows))}
        left_out = message("page.handin.left_out", **numbers)
    return ChangesPage(
        title=title,
        breadcrumbs=way(title),
        navigation=navigation,
        wide=True,
        lead=what_of(closing),
        changes=Table(
            caption=title,
            columns=(
                Column(text=message("page.headline.figure")),
                *(Column(text=head, number=at < 2) for at, head in enumerate(heads)),
            ),
            rows=tuple(rows[:_SHOWN]),
            empty=message("page.closing.unchanged"),
        ),
        left_out=left_out,
        back=Link(text=message("page.closing.back_to_closing"), href=back),
    )


def _cell_name(cell: Json) -> Cell:
    name, row = words.figure_name(cell["figure"]), cell["row"]
    if row is None:
        return Cell(text=name)
    area = area_named(row)
    return Cell(text=joined([name, area if isinstance(area, Message) else words.both(area)], ", "))


def _value(cell: Json | None) -> Cell:
    return Cell(text=value_text(None if cell is None else cell["value"]))


def _causes(cell: Json) -> Cell:
    named = []
    for cause in cell["causes"]:
        change = words.change_written(float(cause["count"]))
        named.append(Message(f"{cause['vi']} ({change.vi})", f"{cause['en']} ({change.en})"))
    return Cell(text=joined(named, "; ") if named else "")
