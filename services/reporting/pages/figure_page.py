"""The page of one figure: what it shows of the answers, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from reference import Figure, area_book, version_of
from services.chassis.problems import Problem
from services.chassis.web import Breadcrumb, Cell, Column, Link, Option, Page, SummaryRow, Table
from services.reporting.figures import (
    UNKNOWN,
    Reader,
    dimensions,
    row_name,
)
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, choice_of, known_in_words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.editions import Edition, edition_text
from services.reporting.pages.figure import PEOPLE, Seen, View, Why
from services.reporting.pages.figure_charts import Drawn, parts_as_bars
from services.reporting.pages.headline import state_of
from services.reporting.pages.headline_page import number_in_words
from services.reporting.pages.knowing import Slider
from services.reporting.pages.series_page import OverTime, bar_of, over_time
from services.reporting.pages.trees import trees
from texts import Message, day_written, joined, message, number_message

PATH = "figures"


@dataclass(frozen=True, kw_only=True)
class FigurePage(Page):
    """One figure of an area and period, with its parts, its months, its rules, and why it changed."""

    template: ClassVar[str] = "figure.html"
    action: str
    area: str
    period: Message
    known: Message
    number: Message
    rate: Message | None
    protection: Message | None
    about: tuple[SummaryRow, ...]
    choice: Choice
    geography: str
    trees: tuple[Link, ...]
    dimensions: tuple[Option, ...]
    by: str
    across: str
    rates: tuple[Option, ...]
    per: str
    parts: Table | None
    parts_refused: Message | None
    overlap: Message | None
    parts_drawn: Drawn
    over_time: OverTime | None
    since: str
    why: Table | None
    why_refused: Message | None
    behind: tuple[Link, ...]
    slider: Slider | None
    csv: str
    map: str
    growth: str
    permanent: str
    permanent_hint: Message


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a figure's numbers: ways to what it counts, a slider over days of knowledge, and its closed edition.

    ``exact``: the reader is told exact numbers, not released ones.
    """

    behind: tuple[Link, ...] = ()
    slider: Slider | None = None
    edition: Edition | None = None
    exact: bool = True


def way_to(
    name: Message, chosen: Chosen, back: str = "", short: Message | None = None
) -> tuple[Breadcrumb, ...]:
    """Return the way to the page of a figure; to one below it, which is called ``short``, over the figure's at ``back``."""
    room = message("page.reporting.room")
    return (
        Breadcrumb(text=room, href=words.link("", chosen.asked(geography=""))),
        Breadcrumb(text=name, href=back),
        *(() if short is None else (Breadcrumb(text=short),)),
    )


def figure_page(
    chosen: Chosen, view: View, found: Seen, reader: Reader, navigation: tuple[Link, ...], beside: Beside
) -> FigurePage:
    """Return the page of the answers."""
    figure = found.question.figure
    path, name = f"{PATH}/{figure.code}", words.figure_name(figure.code)
    kept = kept_in_address(view)
    whole = None if isinstance(found.whole, Problem) else found.whole
    parts = found.parts
    return FigurePage(
        title=name,
        breadcrumbs=way_to(name, chosen),
        navigation=navigation,
        wide=True,
        action=words.ROOM + path,
        area=chosen.area.name,
        period=words.days_written(found.question.first, found.question.day),
        known=known_in_words(chosen),
        number=_number(figure, found.whole),
        rate=None if whole is None or view.per is None else _rate(whole, view.per),
        protection=None if whole is None else _protection(whole),
        about=tuple(_about(figure, chosen, beside.edition)),
        choice=choice_of(chosen, reader, path, **kept),
        geography="" if chosen.geography is None else chosen.geography.isoformat(),
        # Releases are of the areas of their own day.
        trees=() if found.series is None else trees(chosen, path, kept),
        dimensions=tuple(Option(value=one, text=message(f"dimension.{one}")) for one in dimensions(figure)),
        by=view.by,
        across=view.across,
        rates=tuple(
            Option(value=str(people), text=message("page.figure.per", people=number_message(people)))
            for people in PEOPLE
        ),
        per="" if view.per is None else str(view.per),
        parts=None if parts is None or isinstance(parts, Problem) else _parts(parts, chosen, view, figure),
        parts_refused=problem_in_words(parts),
        overlap=None if parts is None or isinstance(parts, Problem) else _overlap(parts),
        parts_drawn=_parts_drawn(parts, chosen, view, figure),
        over_time=None if found.series is None else over_time(found.series, chosen, path, kept),
        since=view.since,
        why=None if found.why is None or isinstance(found.why, Problem) else _why(found.why, chosen, figure),
        why_refused=problem_in_words(found.why),
        behind=beside.behind,
        slider=beside.slider,
        csv=words.link(f"{path}.csv", {**chosen.asked(), **kept}),
        map=words.link(f"{path}/map", chosen.asked()) if "commune" in dimensions(figure) else "",
        growth="" if found.series is None else words.link(f"{path}/growth", chosen.asked()),
        permanent=words.link(path, {**(_fixed(chosen) if beside.exact else chosen.asked()), **kept}),
        permanent_hint=words.permanent_hint(exact=beside.exact),
    )


def kept_in_address(view: View) -> Mapping[str, str]:
    """Return how a figure is looked at as the parameters of an address."""
    return {
        "by": view.by,
        "across": view.across,
        "per": "" if view.per is None else str(view.per),
        "since": view.since,
    }


def _fixed(chosen: Chosen) -> Mapping[str, str]:
    """Return the whole question, with the moment of knowledge and the tree of areas said.

    Released numbers are asked without them: a release is made once for its period, by the areas of its own day.
    """
    return chosen.asked(
        known_at=chosen.known_as_asked or chosen.now.isoformat(), geography=chosen.hierarchy.isoformat()
    )


def problem_in_words(found: object) -> Message | None:
    """Return what a problem says, with each of its faults; None for what is no problem."""
    if not isinstance(found, Problem):
        return None
    return joined([found.title, *(fault.message for fault in found.faults)], ". ")


def _number(figure: Figure, whole: Mapping[str, Any] | Problem) -> Message:
    if isinstance(whole, Problem):
        return number_in_words(figure.code, None, state_of(whole), whole)
    state = "withheld" if whole.get("suppressed") else "shown"
    return number_in_words(figure.code, whole["value"], state, None)


def _rate(whole: Mapping[str, Any], per: int) -> Message | None:
    if whole.get("population") is None:
        return message("page.figure.no_population")
    rate = message("page.figures.withheld") if whole["rate"] is None else number_message(whole["rate"])
    return message(
        "page.figure.rate",
        rate=rate,
        people=number_message(per),
        population=number_message(whole["population"]),
        since=day_written(date.fromisoformat(whole["population_from"])),
    )


def _protection(whole: Mapping[str, Any]) -> Message | None:
    note = whole.get("protection")
    if note is None:
        return None
    released = words.both(day_written(date.fromisoformat(note["released_at"][:10])))
    said = message("page.figure.released", edition=note["edition"], day=released)
    return joined([said, Message(**note["rule"])], " ")


def _about(figure: Figure, chosen: Chosen, edition: Edition | None) -> Iterable[SummaryRow]:
    """Yield what the figure counts, by which rule, whose it is, and whether the period is closed."""
    version = version_of(figure.code, chosen.period.last)
    yield SummaryRow(term=message("page.figure.counts"), value=Message(version.vi, version.en))
    yield SummaryRow(term=message("page.figure.basis"), value=version.basis)
    owner = message(f"holder.agency.{figure.owner_on(chosen.period.last)}")
    yield SummaryRow(term=message("page.figure.owner"), value=owner)
    yield SummaryRow(term=message("page.figure.code"), value=figure.code)
    leads = () if edition is None or not edition.href else (edition.href,)
    open_it = message("page.closing.open")
    links = tuple(Link(text=open_it, href=href) for href in leads)
    yield SummaryRow(term=message("page.headline.edition"), value=edition_text(edition), links=links)


def _parts(parts: Mapping[str, Any], chosen: Chosen, view: View, figure: Figure) -> Table:
    if parts.get("cells") is not None:
        return _crossed(parts, chosen, view, figure)
    rows = parts["rows"]
    most = max((row["value"] or 0 for row in rows), default=0)
    rated = view.per is not None and any("rate" in row for row in rows)
    columns = [
        Column(text=message(f"dimension.{view.by}")),
        Column(text=words.unit_of(figure.code), number=True),
    ]
    if rated:
        columns.append(Column(text=message("page.figure.per", people=number_message(view.per)), number=True))
    return Table(
        caption=message("page.figure.parts", dimension=message(f"dimension.{view.by}")),
        columns=tuple(columns),
        rows=tuple(_part(row, chosen, view, most, figure, rated=rated) for row in rows),
        empty=message("page.figure.no_parts"),
    )


def _parts_drawn(found: object, chosen: Chosen, view: View, figure: Figure) -> Drawn:
    """Return the parts as bars; communes are too many for that, and have a map."""
    if not isinstance(found, Mapping) or found.get("cells") is not None or view.by == "commune":
        return {}
    title = message("page.figure.parts", dimension=message(f"dimension.{view.by}"))
    rows = [(called(row, figure.code, view.by, chosen), row) for row in found["rows"]]
    return parts_as_bars(title, rows)


def _part(
    row: Mapping[str, Any], chosen: Chosen, view: View, most: float, figure: Figure, *, rated: bool
) -> tuple[Cell, ...]:
    cells = [
        Cell(text=called(row, figure.code, view.by, chosen), href=_into(row, view, chosen, figure)),
        Cell(text=value_of(row), bar=bar_of(row["value"], most)),
    ]
    if rated:
        cells.append(Cell(text=number_message(row.get("rate"))))
    return tuple(cells)


def value_of(row: Mapping[str, Any]) -> Message:
    """Return the number of a row in words: that it is withheld, or a dash where there is none."""
    if row.get("suppressed"):
        return message("page.figures.withheld_short")
    return number_message(row["value"])


def called(row: Mapping[str, Any], figure: str, dimension: str, chosen: Chosen) -> Message:
    """Return what a row of a breakdown is called; areas with their codes, since names repeat."""
    value = str(row[dimension])
    area = row_name(value, dimension, chosen.hierarchy)
    if area is None:
        return words.value_name(figure, dimension, value)
    if ":" in value or value == UNKNOWN:
        return area
    return Message(f"{area.vi} ({value})", f"{area.en} ({value})")


def _into(row: Mapping[str, Any], view: View, chosen: Chosen, figure: Figure) -> str:
    """Return the address of the figure in the area of a row; none where the row is no area below the one shown."""
    if view.by not in ("area", "commune"):
        return ""
    area = area_book().resolve(str(row[view.by]), chosen.hierarchy)
    if area is None or area.uid == chosen.area.uid:
        return ""
    kept = {**kept_in_address(view), "since": ""}
    return words.link(f"{PATH}/{figure.code}", {**chosen.asked(area=area.uid), **kept})


def _crossed(parts: Mapping[str, Any], chosen: Chosen, view: View, figure: Figure) -> Table:
    """Return the table of two dimensions, with the totals of its rows last."""
    values = {(cell[view.by], cell[view.across]): cell["value"] for cell in parts["cells"]}
    columns = parts["columns"]
    total = Column(text=message("page.figure.total"), number=True)
    names = [Column(text=called(one, figure.code, view.across, chosen), number=True) for one in columns]
    rows = [
        (
            Cell(text=called(row, figure.code, view.by, chosen)),
            *(Cell(text=number_message(values[row[view.by], one[view.across]])) for one in columns),
            Cell(text=number_message(row["value"])),
        )
        for row in parts["rows"]
    ]
    sums = (
        Cell(text=message("page.figure.total")),
        *(Cell(text=number_message(one["value"])) for one in columns),
        Cell(text=number_message(parts["value"])),
    )
    return Table(
        caption=message(
            "page.figure.crossed",
            rows=message(f"dimension.{view.by}"),
            columns=message(f"dimension.{view.across}"),
            unit=words.unit_of(figure.code),
        ),
        columns=(Column(text=message(f"dimension.{view.by}")), *names, total),
        rows=(*rows, sums),
    )


def _overlap(parts: Mapping[str, Any]) -> Message | None:
    if not parts.get("overlap"):
        return None
    return message("page.figure.overlap", overlap=number_message(parts["overlap"]))


def _why(why: Why, chosen: Chosen, figure: Figure) -> Table:
    """Return the way from the earlier number to the one shown, in steps that add up."""
    until = known_in_words(chosen)
    then = message("page.figures.known_at", at=day_written(why.known_then))
    rows = [
        (Cell(text=then), Cell(text=number_message(why.then))),
        *(
            (Cell(text=message(f"page.figure.why.{step}")), Cell(text=words.change_written(count)))
            for step, count in why.steps
        ),
        (Cell(text=until), Cell(text=number_message(why.now))),
    ]
    return Table(
        caption=message("page.figure.why_title"),
        columns=(
            Column(text=message("page.figure.why_step")),
            Column(text=words.unit_of(figure.code), number=True),
        ),
        rows=tuple(rows),
    )
