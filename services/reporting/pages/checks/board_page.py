"""The page of the board: the checks by how much they matter, each with its owner, its number, and how that has changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from services.chassis.web import Cell, Column, Kind, Link, Page, Table
from services.reporting.checks import Severity
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.checks.board import BEFORE_DAYS, Age, Line
from services.reporting.pages.choice import Choice, head_of_question
from services.reporting.pages.choosing import Chosen
from texts import Message, message, number_message

PATH = "checks"
SEVERITIES: Sequence[Severity] = get_args(Severity)
AGES: Sequence[Age] = get_args(Age)
NOT_TOLD = ("withheld", "preparing")
_TAGS: dict[Severity, Kind] = {"high": "bad", "medium": "warning", "low": "plain"}


@dataclass(frozen=True, kw_only=True)
class BoardPage(Page):
    """The checks of an area and period. ``balances`` leads to the same with those of stocks, which take longer."""

    template: ClassVar[str] = "checks.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    tables: tuple[Table, ...]
    balances: Link


def board_page(
    chosen: Chosen, lines: list[Line], reader: Reader, navigation: tuple[Link, ...], *, balances: bool
) -> BoardPage:
    """Return the page of the board."""
    kept = {"balances": "yes" if balances else ""}
    return BoardPage(
        **head_of_question(message("page.checks.title"), chosen, reader, PATH, navigation, **kept),
        tables=tuple(_tables(chosen, lines)),
        balances=Link(
            text=message("page.checks.without_balances" if balances else "page.checks.with_balances"),
            href=words.link(PATH, {**chosen.asked(), "balances": "" if balances else "yes"}),
        ),
    )


def _tables(chosen: Chosen, lines: list[Line]) -> Iterable[Table]:
    """Yield a table for each severity: what finds most comes first, what finds nothing last."""
    for severity in SEVERITIES:
        those = sorted(
            (line for line in lines if line.severity == severity), key=lambda line: -(line.count or 0)
        )
        if those:
            yield Table(
                caption=message(f"page.checks.severity.{severity}"),
                columns=_columns(),
                rows=tuple(_row(chosen, line) for line in those),
            )


def _columns() -> tuple[Column, ...]:
    return (
        Column(text=message("page.checks.check")),
        Column(text=message("page.checks.owner")),
        Column(text=message("page.checks.found"), number=True),
        Column(text=message("page.checks.before", days=BEFORE_DAYS), number=True),
        Column(text=message("page.checks.age")),
    )


def _row(chosen: Chosen, line: Line) -> tuple[Cell, ...]:
    name = line.check.name()
    return (
        Cell(text=name, href=words.link(f"{PATH}/{line.check.code}", chosen.asked())),
        Cell(text=message(f"holder.agency.{line.owner}")),
        _count(line),
        Cell(text=_trend(line)),
        Cell(text="" if line.age is None or not line.count else message(f"page.checks.age.{line.age}")),
    )


def _count(line: Line) -> Cell:
    if line.state != "shown":
        return Cell(text=message(f"page.checks.{line.state}"))
    return Cell(text=number_message(line.count), tag=_TAGS[line.severity] if line.count else None)


def _trend(line: Line) -> Message:
    """Return how many there were, and by how many more or fewer there are now."""
    if line.before is None or line.count is None:
        return number_message(None)
    before, change = number_message(line.before), words.change_written(line.count - line.before)
    return Message(f"{before.vi} ({change.vi})", f"{before.en} ({change.en})")
