"""The page of how a figure's months grew after their ends: what to expect, the curve with its band, and its tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from services.chassis.web import Cell, Column, Link, Page, Table
from services.chassis.web.charts import Datum, line
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, choice_of, known_in_words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.figure_charts import Drawn, in_each_language
from services.reporting.pages.figure_page import PATH, way_to
from services.reporting.pages.growth import WEEKS, Growth, Mark
from texts import Language, Message, joined, message, number_message

ENDING = "growth"


@dataclass(frozen=True, kw_only=True)
class GrowthPage(Page):
    """How months grew. ``curve`` is empty, and ``marks`` None, where of no month is known what was known earlier."""

    template: ClassVar[str] = "growth.html"
    action: str
    area: str
    known: Message
    choice: Choice
    geography: str
    expect: tuple[Message, ...]
    curve: Drawn
    marks: Table | None
    months: Table | None
    back: str


def growth_page(chosen: Chosen, found: Growth, reader: Reader, navigation: tuple[Link, ...]) -> GrowthPage:
    """Return the page of the months."""
    figure = found.question.figure
    name, here = words.figure_name(figure.code), f"{PATH}/{figure.code}"
    back, path = words.link(here, chosen.asked()), f"{here}/{ENDING}"
    return GrowthPage(
        title=message("page.growth.title", figure=name),
        breadcrumbs=way_to(name, chosen, back, message("page.growth.short")),
        navigation=navigation,
        wide=True,
        action=words.ROOM + path,
        area=chosen.area.name,
        known=known_in_words(chosen),
        choice=choice_of(chosen, reader, path),
        geography="" if chosen.geography is None else chosen.geography.isoformat(),
        expect=tuple(_expect(found)),
        curve=_curve(found) if len(found.marks) > 1 else {},
        marks=_marks(found) if found.marks else None,
        months=_months(found) if found.marks else None,
        back=back,
    )


def _expect(found: Growth) -> Iterator[Message]:
    """Yield what to expect of a month that ended so many weeks ago."""
    for mark in found.marks:
        if mark.grew is None:
            continue
        least, most = (round(each) for each in mark.grew)
        weeks = number_message(mark.weeks)
        if least == most:
            yield message("page.growth.expect_about", weeks=weeks, grew=words.change_written(most))
        else:
            low, high = words.change_written(least), words.change_written(most)
            yield message("page.growth.expect", weeks=weeks, low=low, high=high)


def _curve(found: Growth) -> Drawn:
    def draw(language: Language) -> Markup:
        data = [
            Datum(
                message("page.growth.weeks", weeks=number_message(mark.weeks)).in_language(language),
                mark.middle,
                _percent(mark.middle).in_language(language),
            )
            for mark in found.marks
        ]
        title = message("page.growth.curve").in_language(language)
        return line(title, data, [(mark.least, mark.most) for mark in found.marks])

    return in_each_language(draw)


def _marks(found: Growth) -> Table:
    return Table(
        caption=message("page.growth.curve"),
        columns=(
            Column(text=message("page.growth.after")),
            Column(text=message("page.growth.middle"), number=True),
            Column(text=message("page.growth.span"), number=True),
            Column(text=message("page.growth.of_months"), number=True),
        ),
        rows=tuple(
            (
                Cell(text=message("page.growth.weeks", weeks=number_message(mark.weeks))),
                Cell(text=_percent(mark.middle)),
                Cell(text=_span(mark)),
                Cell(text=number_message(mark.months)),
            )
            for mark in found.marks
        ),
    )


def _percent(share: float) -> Message:
    shown = number_message(round(share, 1))
    return Message(f"{shown.vi}%", f"{shown.en}\u00a0%")


def _span(mark: Mark) -> Message:
    return joined([_percent(mark.least), _percent(mark.most)], "\u2013")


def _months(found: Growth) -> Table:
    rows = []
    for month in found.months:
        then = [Cell(text=number_message(month.then.get(weeks))) for weeks in WEEKS]
        rows.append((Cell(text=words.both(month.period.code)), *then, Cell(text=number_message(month.now))))
    return Table(
        caption=message("page.growth.months", unit=words.unit_of(found.question.figure.code)),
        columns=(
            Column(text=message("page.figures.period")),
            *(
                Column(text=message("page.growth.weeks", weeks=number_message(weeks)), number=True)
                for weeks in WEEKS
            ),
            Column(text=message("page.growth.now"), number=True),
        ),
        rows=tuple(rows),
    )
