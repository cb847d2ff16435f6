"""What the page of a figure shows of its numbers over time: a line and its table, by month, by year, and by month for each area."""

from collections.abc import Mapping
from dataclasses import dataclass

from reference import Period, area_book
from services.chassis.web import Cell, Column, Table
from services.reporting.pages import words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.figure_charts import Drawn, areas_over_time, trend
from services.reporting.pages.series import Numbers, Series
from texts import Message, message, number_message

_HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class OverTime:
    """Charts with their tables; a chart is empty where there is nothing to draw, a table None where there is none."""

    months: Table
    months_drawn: Drawn
    years: Table | None
    years_drawn: Drawn
    areas: Table | None
    areas_drawn: Drawn


def over_time(found: Series, chosen: Chosen, path: str, kept: Mapping[str, str]) -> OverTime:
    """Return what is shown of a series; the links lead to the same figure in each period."""
    areas = [(_area(code, chosen), numbers) for code, numbers in found.parts.items()]
    by_month = message("page.figure.areas_by_month")
    return OverTime(
        months=_table(message("page.figure.months"), found.months, chosen, path, kept),
        months_drawn=trend(
            message("page.figure.months"), [(_short(one), value) for one, value in found.months]
        ),
        years=_table(message("page.figure.years"), found.years, chosen, path, kept)
        if len(found.years) > 1
        else None,
        years_drawn=trend(message("page.figure.years"), [(_short(one), value) for one, value in found.years]),
        areas=_areas_table(by_month, areas) if areas else None,
        areas_drawn=areas_over_time(by_month, areas),
    )


def bar_of(value: float | None, most: float) -> float | None:
    """Return how long the bar of a value is, in hundredths of the longest; None where there is nothing to draw."""
    return None if not most or value is None else max(0.0, round(value * _HUNDRED / most, 1))


def _short(period: Period) -> Message:
    return words.both(period.code)


def _area(code: str, chosen: Chosen) -> Message:
    area = area_book().resolve(code, chosen.hierarchy)
    return words.both(code if area is None else area.name)


def _table(caption: Message, numbers: Numbers, chosen: Chosen, path: str, kept: Mapping[str, str]) -> Table:
    most = max((value or 0 for _, value in numbers), default=0)
    rows = []
    for period, value in numbers:
        href = words.link(path, {**chosen.asked(calendar=period.calendar, period=period.code), **kept})
        rows.append(
            (Cell(text=_short(period), href=href), Cell(text=number_message(value), bar=bar_of(value, most)))
        )
    return Table(
        caption=caption,
        columns=(
            Column(text=message("page.figures.period")),
            Column(text=message("page.headline.number"), number=True),
        ),
        rows=tuple(rows),
        empty=message("page.figure.no_parts"),
    )


def _areas_table(caption: Message, areas: list[tuple[Message, Numbers]]) -> Table:
    months = [month for month, _ in areas[0][1]]
    return Table(
        caption=caption,
        columns=(
            Column(text=message("dimension.area")),
            *(Column(text=_short(month), number=True) for month in months),
        ),
        rows=tuple(
            (Cell(text=name), *(Cell(text=number_message(value)) for _, value in numbers))
            for name, numbers in areas
        ),
    )
