"""The page of a figure's map: the communes shaded by their numbers, and a list beside it that says the same in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from reference import Area, Succession, area_book
from services.chassis.problems import Problem
from services.chassis.web import Cell, Column, Link, Page, Table
from services.chassis.web.maps import Land, shaded, sign
from services.reporting.figures import Reader
from services.reporting.pages import commune_map, words
from services.reporting.pages.choice import Choice, choice_of, known_in_words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.commune_map import HIDDEN, NONE, NOUGHT, Drawn, Mapped
from services.reporting.pages.figure_page import PATH, called, problem_in_words, value_of, way_to
from services.reporting.pages.series_page import bar_of
from services.reporting.pages.trees import trees
from texts import Language, Message, joined, message, number_message

ENDING = "map"


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A line of the legend: what a shade looks like, and what it means."""

    drawn: Markup
    text: Message


@dataclass(frozen=True, kw_only=True)
class MapPage(Page):
    """A figure by commune, drawn and listed. ``maps`` has the map in each language; it is empty where there is none."""

    template: ClassVar[str] = "map.html"
    action: str
    area: str
    period: Message
    known: Message
    choice: Choice
    geography: str
    trees: tuple[Link, ...]
    refused: Message | None
    maps: dict[Language, Markup]
    legend: tuple[Sign, ...]
    source: Message | None
    communes: Table | None
    back: str


def map_page(
    chosen: Chosen, found: Mapped, reader: Reader, navigation: tuple[Link, ...], *, exact: bool
) -> MapPage:
    """Return the page of an answer; ``exact``: the reader sees exact numbers, so also those in areas of another time."""
    figure = found.question.figure
    name, here = words.figure_name(figure.code), f"{PATH}/{figure.code}"
    path, back = f"{here}/{ENDING}", words.link(here, chosen.asked())
    told = not isinstance(found.document, Problem)
    return MapPage(
        title=message("page.map.title", figure=name),
        breadcrumbs=way_to(name, chosen, back, message("page.map.short")),
        navigation=navigation,
        wide=True,
        action=words.ROOM + path,
        area=chosen.area.name,
        period=words.days_written(found.question.first, found.question.day),
        known=known_in_words(chosen),
        choice=choice_of(chosen, reader, path),
        geography="" if chosen.geography is None else chosen.geography.isoformat(),
        trees=trees(chosen, path, {}) if exact else (),
        refused=problem_in_words(found.document),
        maps={} if found.shapes is None else _maps(found, chosen),
        legend=tuple(_legend(found)),
        source=None if found.shapes is None else _source(found),
        communes=_table(found, chosen) if told else None,
        back=back,
    )


def _maps(found: Mapped, chosen: Chosen) -> dict[Language, Markup]:
    languages: tuple[Language, ...] = ("vi", "en")
    return {language: shaded(list(_lands(found, chosen, language))) for language in languages}


def _lands(found: Mapped, chosen: Chosen, language: Language) -> Iterator[Land]:
    for one in found.communes:
        if one.outline is not None:
            about = [_numbered(one, found), *_lineage(one.area)]
            title = joined(about, ". ").in_language(language)
            yield Land(one.outline, one.shade, title, _into(one, found, chosen))


def _numbered(one: Drawn, found: Mapped) -> Message:
    number = value_of(one.row)
    unit = words.unit_of(found.question.figure.code)
    if one.shade in (HIDDEN, NONE):
        return Message(f"{one.area.name}: {number.vi}", f"{one.area.name}: {number.en}")
    return Message(f"{one.area.name}: {number.vi} {unit.vi}", f"{one.area.name}: {number.en} {unit.en}")


def _into(one: Drawn, found: Mapped, chosen: Chosen) -> str:
    """Return the address of the figure in the commune."""
    return words.link(f"{PATH}/{found.question.figure.code}", chosen.asked(area=one.area.uid))


def _legend(found: Mapped) -> Iterator[Sign]:
    """Yield what each shade that is there means, from nought up; then those without a number."""
    if found.shapes is None:
        return
    there = {one.shade for one in found.communes}
    if NOUGHT in there:
        yield Sign(drawn=sign(NOUGHT), text=number_message(0))
    for number, (least, most) in enumerate(found.groups):
        shade = commune_map.shade_of_group(number, len(found.groups))
        if shade in there:
            yield Sign(drawn=sign(shade), text=_span(least, most))
    if HIDDEN in there:
        yield Sign(drawn=sign(HIDDEN), text=message("page.figures.withheld"))
    if NONE in there:
        yield Sign(drawn=sign(NONE), text=message("page.figures.no_value"))


def _span(least: float, most: float) -> Message:
    if least == most:
        return number_message(least)
    return joined([number_message(least), number_message(most)], "\u2013")


def _source(found: Mapped) -> Message:
    assert found.shapes is not None
    return message("page.map.source", source=found.shapes.source, licence=found.shapes.licence)


def _table(found: Mapped, chosen: Chosen) -> Table:
    """Return every commune, the greatest number first; then what belongs to none."""
    most = max((one.row["value"] or 0 for one in found.communes), default=0)
    listed = sorted(found.communes, key=lambda one: (-(one.row["value"] or 0), one.area.code))
    rows = [
        (
            Cell(
                text=called(one.row, found.question.figure.code, "commune", chosen),
                href=_into(one, found, chosen),
            ),
            Cell(text=value_of(one.row), bar=bar_of(one.row["value"], most)),
            Cell(text=joined(_lineage(one.area), ". ")),
        )
        for one in listed
    ]
    rest = [
        (
            Cell(text=called(row, found.question.figure.code, "commune", chosen)),
            Cell(text=value_of(row)),
            Cell(text=""),
        )
        for row in found.elsewhere
    ]
    return Table(
        caption=message("page.figure.parts", dimension=message("dimension.commune")),
        columns=(
            Column(text=message("dimension.commune")),
            Column(text=words.unit_of(found.question.figure.code), number=True),
            Column(text=message("page.map.lineage")),
        ),
        rows=(*rows, *rest),
        empty=message("page.figure.no_parts"),
    )


def _lineage(area: Area) -> list[Message]:
    """Return in words what a commune was made of and what became of it; nothing of one that never changed."""
    before, after = commune_map.lineage(area)
    said = []
    if before:
        said.append(message("page.map.made_of", areas=_areas(before, [step.from_uid for step in before])))
    if after:
        said.append(message("page.map.became", areas=_areas(after, [step.to_uid or "" for step in after])))
    return said


def _areas(steps: Iterable[Succession], uids: Iterable[str]) -> Message:
    book = area_book()
    return joined([_step(step, book.by_uid[uid].name) for step, uid in zip(steps, uids, strict=True)], ", ")


def _step(step: Succession, name: str) -> Message:
    said = message("page.map.part", area=name) if step.kind == "part" else words.both(name)
    # Shapes are drawn coarsely: what is known by them alone is said to be.
    return message("page.map.by_shape", area=said) if step.basis == "by_shape" else said
