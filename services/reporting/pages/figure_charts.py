"""The charts of a figure's page: its line over months and years, its parts as bars, the line of each area. Tables are beneath."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reference import Period
from services.chassis.web.charts import Datum, bars, line
from services.chassis.web.panels import Panel, multiples
from texts import LANGUAGES, Language, Message, number_message

Drawn = Mapping[Language, Markup]
"""A chart in each language."""
MOST_BARS = 24
"""More parts than these are read from the table, whose numbers have bars of their own."""
_LEAST = 2


def in_each_language(draw: Callable[[Language], Markup]) -> Drawn:
    """Return what is drawn in each language."""
    return {language: draw(language) for language in LANGUAGES}


def trend(title: Message, numbers: Sequence[tuple[Message, float | None]]) -> Drawn:
    """Return numbers over time as a line; nothing where there are fewer than two."""
    if sum(value is not None for _, value in numbers) < _LEAST:
        return {}
    return in_each_language(
        lambda language: line(title.in_language(language), [_datum(*one, language) for one in numbers])
    )


def parts_as_bars(title: Message, parts: Sequence[tuple[Message, Mapping[str, Any]]]) -> Drawn:
    """Return the rows of a breakdown as bars, the longest first; nothing of a few, of many, and of withheld numbers."""
    known = [(name, row["value"]) for name, row in parts if row["value"] is not None]
    if not _LEAST <= len(known) <= MOST_BARS or len(known) < len(parts):
        return {}
    known.sort(key=lambda one: -one[1])
    return in_each_language(
        lambda language: bars(title.in_language(language), [_datum(*one, language) for one in known])
    )


def areas_over_time(
    title: Message, areas: Sequence[tuple[Message, Sequence[tuple[Period, float | None]]]]
) -> Drawn:
    """Return a small line for each area, all on one scale."""
    if len(areas) < _LEAST:
        return {}

    def draw(language: Language) -> Markup:
        panels = [
            Panel(
                name.in_language(language),
                [_datum(Message(month.code, month.code), value, language) for month, value in months],
            )
            for name, months in areas
        ]
        return multiples(title.in_language(language), panels)

    return in_each_language(draw)


def _datum(label: Message, value: float | None, language: Language) -> Datum:
    return Datum(label.in_language(language), value, number_message(value).in_language(language))
