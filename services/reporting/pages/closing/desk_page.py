"""The page of the closing desk, and of what a closing would hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from reference import figure_sets
from services.chassis.problems import Problem
from services.chassis.web import Breadcrumb, Cell, Column, Link, Option, Page, Table
from services.reporting.figures import Reader
from services.reporting.ledger.usecases import Ledger
from services.reporting.pages import hand_in_page, words
from services.reporting.pages.checks import board_page
from services.reporting.pages.choice import Choice, head_of_question
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.closing.desk import Desk
from services.reporting.pages.closing.sending import errors_of, must_prove, refused, said
from services.reporting.pages.closing.tables import editions_table, totals_table
from services.reporting.pages.editions import PATH
from services.reporting.pages.reconciliation import overview_page
from texts import Message, joined, message, number_message

SETS = ("annual", "health", "police", "labour", "fires-conflicts", "all")
"""The sets of figures that are closed."""
_COUNTED = ("expected", "received", "late", "missing", "awaited")


@dataclass(frozen=True, kw_only=True)
class DeskPage(Page):
    """What stands against closing a period, and the form to close it; ``prove``: sending it asks to sign in again."""

    template: ClassVar[str] = "closing.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    sets: tuple[Option, ...]
    figures: str
    editions: Table | None
    hand_ins: Table | None
    findings: Table
    differing: Table
    refusal: Message | None
    refused: Message | None
    preview: str
    verify: str
    prove: bool
    kept: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]


def desk_page(
    chosen: Chosen,
    found: Desk,
    reader: Reader,
    navigation: tuple[Link, ...],
    *,
    typed: Mapping[str, str],
    problem: Problem | None,
) -> DeskPage:
    """Return the page; ``typed`` and ``problem``: what was sent, and why nothing was closed."""
    asked = {**chosen.asked(), "figures": found.figures}
    title = message("page.closing.title")
    return DeskPage(
        **head_of_question(title, chosen, reader, PATH, navigation, figures=found.figures),
        errors=errors_of(problem),
        sets=tuple(
            Option(value=one, text=message(f"page.closing.set.{one}")) for one in figure_sets() if one in SETS
        ),
        figures=found.figures,
        editions=editions_table(found.editions) if found.editions else None,
        hand_ins=None if found.hand_ins is None else _hand_ins(chosen, found.hand_ins),
        findings=_findings(chosen, found),
        differing=_differing(chosen, found),
        refusal=None if found.refusal is None else said(found.refusal),
        refused=refused(problem),
        preview=words.link(f"{PATH}/preview", asked),
        verify=words.link(f"{PATH}/verify", {}),
        prove=must_prove(reader, "close"),
        kept=tuple(asked.items()),
        typed=typed,
    )


def way(*steps: Message) -> tuple[Breadcrumb, ...]:
    """Return the way to a page below the desk."""
    return (
        Breadcrumb(text=message("page.reporting.room"), href=words.ROOM),
        Breadcrumb(text=message("page.closing.title"), href=words.link(PATH, {})),
        *(Breadcrumb(text=step) for step in steps),
    )


def _hand_ins(chosen: Chosen, found: Ledger) -> Table:
    return hand_in_page.counts_table(found, chosen, message("page.closing.late"), _COUNTED)


def _findings(chosen: Chosen, found: Desk) -> Table:
    return Table(
        caption=message("page.closing.inconsistent"),
        columns=(
            Column(text=message("page.checks.check")),
            Column(text=message("page.checks.owner")),
            Column(text=message("page.checks.found"), number=True),
            Column(text=message("page.closing.unmarked"), number=True),
        ),
        rows=tuple(
            (
                Cell(
                    text=one.check.name(),
                    href=words.link(f"{board_page.PATH}/{one.check.code}", chosen.asked()),
                ),
                Cell(text=message(f"holder.agency.{one.owner}")),
                Cell(text=number_message(one.count)),
                Cell(text=number_message(one.unmarked)),
            )
            for one in found.findings
        ),
        empty=message("page.closing.nothing_inconsistent"),
    )


def _differing(chosen: Chosen, found: Desk) -> Table:
    return Table(
        caption=message("page.closing.unexplained"),
        columns=(
            Column(text=message("page.headline.figure")),
            Column(text=message("page.bridge.whose")),
            Column(text=message("page.closing.declared"), number=True),
            Column(text=message("page.reconciliation.registers"), number=True),
        ),
        rows=tuple(
            (
                Cell(
                    text=Message(row["vi"], row["en"]),
                    href=overview_page.bridge_address(chosen, [dict(row)]),
                ),
                Cell(text=message(f"holder.agency.{row['agency']}")),
                Cell(text=number_message(row["declared"])),
                Cell(text=number_message(row["computed"])),
            )
            for row in found.differing
        ),
        empty=message("page.closing.nothing_unexplained"),
    )


@dataclass(frozen=True, kw_only=True)
class PreviewPage(Page):
    """What a closing would hold if it were made now: the numbers of the whole area, and how many there are in all."""

    template: ClassVar[str] = "closing_preview.html"
    lead: Message
    cells: Table
    count: Message
    back: Link


def preview_page(
    chosen: Chosen, figures: str, cells: Sequence[Mapping[str, Any]], navigation: tuple[Link, ...]
) -> PreviewPage:
    """Return the page of the cells that would be closed."""
    title = message("page.closing.preview")
    asked = {**chosen.asked(), "figures": figures}
    return PreviewPage(
        title=title,
        breadcrumbs=way(title),
        navigation=navigation,
        wide=True,
        lead=joined([words.both(chosen.area.name), words.period_label(chosen.period)], " · "),
        cells=totals_table(cells),
        count=message("page.closing.cells", count=number_message(len(cells))),
        back=Link(text=message("page.closing.back"), href=words.link(PATH, asked)),
    )
