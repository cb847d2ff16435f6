"""The page of headline figures: what it shows of the answers, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import ClassVar

from services.chassis.problems import Problem
from services.chassis.web import Breadcrumb, Cell, Column, Link, Page, Table
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, choice_of, known_in_words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.editions import edition_cell
from services.reporting.pages.headline import Handed, Headline, Line
from texts import Message, joined, message, number_message

_COMPARED_IN_WORDS = {
    "incomplete": "page.headline.incomplete",
    "protected": "page.headline.not_compared",
    "no_period": "page.headline.no_comparison",
}


@dataclass(frozen=True, kw_only=True)
class HeadlinePage(Page):
    """Headline figures of one area and period, with what to choose others by."""

    template: ClassVar[str] = "headline.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    closed: tuple[Link, ...]
    tables: tuple[Table, ...]
    permanent: str
    permanent_hint: Message
    waiting: Link | None


def headline_page(
    chosen: Chosen,
    found: Headline,
    reader: Reader,
    navigation: tuple[Link, ...],
    waiting: Link | None = None,
) -> HeadlinePage:
    """Return the page of the answers; ``waiting`` leads to what its reader has to do."""
    title = message("page.headline.title")
    return HeadlinePage(
        title=title,
        breadcrumbs=(Breadcrumb(text=message("page.reporting.room")),),
        navigation=navigation,
        wide=True,
        area=chosen.area.name,
        period=words.period_label(chosen.period),
        known=known_in_words(chosen),
        choice=choice_of(chosen, reader, ""),
        closed=tuple(_editions(chosen, found)),
        tables=tuple(_tables(chosen, found)),
        permanent=words.link("", _fixed(chosen, found)),
        permanent_hint=words.permanent_hint(exact=not found.released),
        waiting=waiting,
    )


def _fixed(chosen: Chosen, found: Headline) -> Mapping[str, str]:
    """Return the whole question, with the moment of knowledge said; nothing is released for one, then it is left out."""
    if found.released:
        return chosen.asked()
    return chosen.asked(known_at=chosen.known_as_asked or chosen.now.isoformat())


def _editions(chosen: Chosen, found: Headline) -> Iterable[Link]:
    """Yield a link to the figures as each edition of the closed period knew them."""
    editions = {line.edition.number: line.edition for line in found.lines if line.edition is not None}
    for number in sorted(editions):
        known_at = editions[number].known_at
        yield Link(
            text=message("page.headline.as_closed", edition=number, at=words.moment_of(known_at)),
            href=words.link("", chosen.asked(known_at=known_at.isoformat())),
            current=chosen.known_at == known_at,
        )


def _tables(chosen: Chosen, found: Headline) -> Iterable[Table]:
    """Yield one table for each kind of figure."""
    columns = _columns(found)
    for kind, lines in groupby(found.lines, key=lambda line: line.figure.partition(".")[0]):
        yield Table(
            caption=message(f"page.figures.kind.{kind}"),
            columns=columns,
            rows=tuple(_row(line, chosen) for line in lines),
        )


def _columns(found: Headline) -> tuple[Column, ...]:
    change = message("page.headline.change")
    if found.before is not None:
        change = message("page.headline.change_since", period=words.period_label(found.before))
    return (
        Column(text=message("page.headline.figure")),
        Column(text=message("page.headline.number"), number=True),
        Column(text=change, number=True),
        Column(text=message("page.headline.handed_in")),
        Column(text=message("page.headline.edition")),
    )


def _row(line: Line, chosen: Chosen) -> tuple[Cell, ...]:
    return (
        Cell(text=words.figure_name(line.figure), href=words.link(f"figures/{line.figure}", chosen.asked())),
        Cell(text=number_in_words(line.figure, line.value, line.state, line.why)),
        Cell(text=_change(line)),
        Cell(text=handed_in_words(line.handed)),
        edition_cell(line.edition),
    )


def number_in_words(figure: str, value: float | Decimal | None, state: str, why: Problem | None) -> Message:
    """Return a number with its unit, or why there is none, so that an empty cell never means two things."""
    if state == "withheld":
        return message("page.figures.withheld")
    if state == "refused":
        return message("page.figures.refused")
    if state == "preparing":
        return message("page.figures.preparing")
    if why is not None:
        return _not_released(why)
    if value is None:
        return message("page.figures.no_value")
    number, unit = number_message(value), words.unit_of(figure)
    return Message(f"{number.vi}\u00a0{unit.vi}", f"{number.en}\u00a0{unit.en}")


def _not_released(why: Problem) -> Message:
    said = [Message(fault.message.vi, fault.message.en) for fault in why.faults]
    return joined([message("page.figures.not_released"), *said], " ")


def _change(line: Line) -> Message:
    if line.compared == "shown" and line.change is not None:
        return words.change_written(line.change)
    return message(_COMPARED_IN_WORDS.get(line.compared, "page.headline.no_comparison"))


def handed_in_words(handed: Handed | None) -> Message:
    """Return how many registers of how many came."""
    if handed is None:
        return message("page.headline.nothing_expected")
    if handed.came is None:
        return message("page.headline.handed_hidden", expected=number_message(handed.expected))
    numbers = {"came": number_message(handed.came), "expected": number_message(handed.expected)}
    if handed.late:
        return message("page.headline.handed_late", late=number_message(handed.late), **numbers)
    return message("page.headline.handed", **numbers)
