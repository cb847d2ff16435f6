"""All numbers that one reader is told, by any route, and what adds up to what among them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any

import httpx

from reference import FIGURES, national_table
from reference.pack.areas import area_book
from tests.attack.calls import CALLS, Call
from tests.attack.differencing import Relation
from tests.attack.parties import PARTIES, exact_for
from tests.attack.readers import sees
from tests.attack.releases import CROSSED, Cell, Stated, place_of, reader_of
from tests.attack.twins import Province
from tests.support.small_province import AGENCIES, DAY

STOCK_DAYS = (date(2023, 9, 30), date(2023, 12, 31))
Period = tuple[date, date]
PERIODS: tuple[Period, ...] = (
    (date(2023, 7, 1), date(2023, 9, 30)),
    (date(2023, 10, 1), date(2023, 12, 31)),
    (date(2023, 1, 1), date(2023, 6, 30)),
    (date(2023, 7, 1), date(2023, 12, 31)),
    (date(2023, 1, 1), date(2023, 12, 31)),
)
"""Two quarters and the half that they make up, the other half and the year."""
_EMPTY = (PERIODS[0], PERIODS[2])
"""Nothing is counted in them. They are released with the longer ones; asked for, they would be made again each time."""
BETWEEN = {
    rule: "flow" if rule == "determination.not_addicted_without_decision" else "stock" for rule in PARTIES
}
"""Checks, and whether each looks at a day or at a period; all are asked, also those that counts are told of to nobody else."""
_PROVINCE = "30@2008"
_SWEPT = ("registry.", "methadone.", "determination.", "detox.in_facility")
"""Figures that share a system with checks. Those of other families are asked by the other calls alone."""


@dataclass
class Source:
    """What one route told: how often a number and how often that one is hidden, and which cells are known by it."""

    numbers: int = 0
    stars: int = 0
    cells: set[Cell] = field(default_factory=set)


@dataclass
class Told:
    """``shown``: numbers, by cell. ``hidden``: cells of which a route said that they are not shown. ``clashes``: two numbers for one.

    ``by_route``: what each route told.
    """

    shown: dict[Cell, int] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    clashes: list[tuple[Cell, int, int]] = field(default_factory=list)
    by_route: dict[str, Source] = field(default_factory=lambda: defaultdict(Source))

    def add(self, route: str, stated: Iterable[tuple[Cell, Any]]) -> None:
        """Take in what an answer of a route states."""
        for cell, value in stated:
            if cell.figure in FIGURES and FIGURES[cell.figure].kind == "ratio":
                continue  # a percentage is of two numbers that are told beside it
            source = self.by_route[route]
            if value is None:
                source.stars += 1
                self.hidden.add(cell)
                continue
            source.numbers += 1
            source.cells.add(cell)
            if self.shown.setdefault(cell, int(value)) != int(value):
                self.clashes.append((cell, self.shown[cell], int(value)))

    def known_by(self) -> dict[str, dict[str, int]]:
        """By route: numbers and stars that it told, cells known by it, and how many of these no other route told."""
        routes = Counter(cell for source in self.by_route.values() for cell in source.cells)
        return {
            route: {
                "numbers": source.numbers,
                "stars": source.stars,
                "cells": len(source.cells),
                "alone": sum(routes[cell] == 1 for cell in source.cells),
            }
            for route, source in self.by_route.items()
        }


async def told_to(there: Province, reader: str) -> Told:
    """Everything that the reader finds by asking every figure and every check on the grid, and by all other calls."""
    found = Told()
    periods = PERIODS if sees(reader) == set(AGENCIES) else tuple(one for one in PERIODS if one not in _EMPTY)
    for call in (*_figures(periods), *_checks(periods), *CALLS):
        read = _reader(call)
        if call.method == "GET" and read is not None:
            answer = await there.ask(call, reader)
            if answer.status_code == 200:
                # A breakdown of a part of the province is no part of its own sums.
                whole = call.params.get("area") in (None, "30")
                found.add(call.route, (pair for pair in read(answer) if whole or "=" not in pair[0].place))
    return found


def is_own(cell: Cell, reader: str, shown: Mapping[Cell, int]) -> bool:
    """Whether the reader sees the cell exactly, so that it is nothing to find out.

    What remains of a whole is the reader's own where he sees the whole exactly and of the rest nothing is taken away: parts
    that he sees exactly too, or that are ``shown`` to be nobody.
    """
    if not cell.figure.startswith(REMAINS):
        return _sees(cell.figure, reader)
    whole, *parts = (term["figure"] for term in _links()[cell.figure.removeprefix(REMAINS)])
    taken = (part for part in parts if not _sees(part, reader))
    return _sees(whole, reader) and all(shown.get(cell._replace(figure=part)) == 0 for part in taken)


def _sees(figure: str, reader: str) -> bool:
    if figure.startswith("check."):
        return bool(sees(reader) & exact_for(figure.removeprefix("check.")))
    return FIGURES[figure].owner_on(DAY) in sees(reader)


def _reader(call: Call) -> Any:
    if call.route == "GET /v1/checks/{rule}":
        return _of_check
    # With another knowledge, calendar or hierarchy, or at a facility, a number is of something else.
    if set(call.params) & {"known_at", "geography", "area_of", "includeHistory", "updatedAfter"}:
        return None
    return reader_of(call)


def _figures(periods: Sequence[Period]) -> Iterator[Call]:
    for code, figure in FIGURES.items():
        if figure.unit not in ("person", "slip") or figure.kind == "ratio" or not code.startswith(_SWEPT):
            continue
        times = (
            [{"as_of": day.isoformat()} for day in STOCK_DAYS]
            if figure.kind == "stock"
            else [{"from": first.isoformat(), "to": last.isoformat()} for first, last in periods]
        )
        dimensions = [one for one in figure.dimensions if one in _DIMENSIONS]
        for when in times:
            tables = [f"area,{one}" for one in dimensions if one in _CROSSED]
            for by in ("area", "commune", *dimensions, *tables):
                yield Call("GET /v1/figures/{code}", f"/v1/figures/{code}", {**when, "by": by})


_CROSSED = ("sex", "age_band")
_DIMENSIONS = ("sex", "age_band", "outcome", "substance", "facility", "end_reason")


def _checks(periods: Sequence[Period]) -> Iterator[Call]:
    for rule, kind in BETWEEN.items():
        times = (
            [{"as_of": day.isoformat()} for day in STOCK_DAYS]
            if kind == "stock"
            else [{"from": first.isoformat(), "to": last.isoformat()} for first, last in periods]
        )
        for when in times:
            for by in ("area", "commune"):
                yield Call("GET /v1/checks/{rule}", f"/v1/checks/{rule}", {**when, "by": by})


def _of_check(answer: httpx.Response) -> Stated:
    """A check's count and rows; of a balance the stocks at its ends, of an overlap the figure: numbers that figures are."""
    document = answer.json()
    kind, _, figure = document["rule"].partition(".")
    if kind == "balance":
        before = (date.fromisoformat(document["from"]) - timedelta(days=1)).isoformat()
        for day, name in ((before, "opening"), (document["to"], "closing")):
            balance = document["balance"]
            area = place_of("area", document["area"])
            yield Cell(figure, "", day, area), balance[name]
            for row in balance["rows"]:
                if row["row"] is not None:
                    yield Cell(figure, "", day, place_of("area", row["row"])), row[name]
        return
    first = document["from"] if BETWEEN.get(document["rule"]) == "flow" else ""
    if kind == "overlap":
        first, code, value = "", figure, document["value"]
    else:
        code, value = f"check.{document['rule']}", document["count"]
    yield Cell(code, first, document["to"], place_of("area", document["area"])), value
    for row in document.get("rows") or ():
        by = "commune" if "commune" in row else "area"
        yield Cell(code, first, document["to"], place_of("area", row[by])), row["value"]


def relations_of(cells: Iterable[Cell]) -> Iterator[Relation]:
    """What adds up to what: areas, breakdowns, periods, and measures of one place and time."""
    by_time: dict[tuple[str, str, str], dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        by_time[cell.figure, cell.first, cell.last][cell.place] = cell
    book = area_book()
    for (_, _, last), own in by_time.items():
        for place, cell in own.items():
            if place in book.by_uid:
                below = [area.uid for area in book.children(place, date.fromisoformat(last))]
                parts = [own[uid] for uid in below if uid in own]
                if parts:
                    yield [(cell, 1), *((part, -1) for part in parts)]
        yield from _of_tables(own)
        alone = [place for place in own if "=" in place and CROSSED not in place]
        for dimension in {place.partition("=")[0] for place in alone}:
            rows = [cell for place, cell in own.items() if place.startswith(f"{dimension}=")]
            if _PROVINCE in own:
                yield [(own[_PROVINCE], 1), *((row, -1) for row in rows)]
    yield from _over_time(by_time)
    yield from _between_measures(by_time)


def _of_tables(own: Mapping[str, Cell]) -> Iterator[Relation]:
    """The margins of tables of two dimensions, each over its cells."""
    parts: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for place, cell in own.items():
        if CROSSED in place:
            one, other = place.split(CROSSED)
            # An area is a part of the province whatever its level, and the tables asked have districts alone.
            parts[one, other.partition("=")[0]].append(cell)
            parts[other, one.partition("=")[0] if "=" in one else ""].append(cell)
    for (margin, _), cells in parts.items():
        if margin in own:
            yield [(own[margin], 1), *((cell, -1) for cell in cells)]


def remains_of(shown: Mapping[Cell, int], relations: Iterable[Relation]) -> Iterator[tuple[Cell, int]]:
    """What remains of wholes: counts that no route tells."""
    for relation in relations:
        for rest, _ in relation:
            if rest.figure.startswith(REMAINS):
                yield rest, max(0, sum(shown[cell] * sign for cell, sign in relation if cell != rest))


REMAINS = "rest."
"""Before the name of a relation: what remains when the parts are taken from the whole."""


@cache
def _links() -> Mapping[str, list[dict[str, str]]]:
    links: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in national_table("disclosure_links.csv"):
        links[row["relation"]].append(row)
    return links


_ByTime = Mapping[tuple[str, str, str], Mapping[str, Cell]]


def _over_time(by_time: _ByTime) -> Iterator[Relation]:
    """The half over its quarters, the year over its halves."""
    for figure, (whole, *parts) in product({key[0] for key in by_time}, _WHOLES):
        for place, cell in by_time.get((figure, *_texts(whole)), {}).items():
            found = [by_time.get((figure, *_texts(part)), {}).get(place) for part in parts]
            if all(one is not None for one in found):
                yield [(cell, 1), *((one, -1) for one in found if one is not None)]


_Q3, _Q4, _H1, _H2, _YEAR = PERIODS
_WHOLES = ((_H2, _Q3, _Q4), (_YEAR, _H1, _H2))


def _texts(period: Period) -> tuple[str, str]:
    return period[0].isoformat(), period[1].isoformat()


def _between_measures(by_time: _ByTime) -> Iterator[Relation]:
    """Rows of ``disclosure_links.csv``; what remains of a complement is a cell that no route tells: at least 0."""
    for name, terms in _links().items():
        for figure, first, last in list(by_time):
            if figure != terms[0]["figure"] and terms[0]["moment"] == "now":
                continue
            for place in by_time[figure, first, last]:
                found = _terms(by_time, terms, first, last, place)
                if found is not None:
                    rest = Cell(f"{REMAINS}{name}", first, last, place)
                    yield [*found, *([(rest, -1)] if terms[0]["kind"] == "complement" else [])]


def _terms(
    by_time: _ByTime, terms: list[dict[str, str]], first: str, last: str, place: str
) -> list[tuple[Cell, int]] | None:
    if any(term["moment"] != "now" for term in terms) and (
        not first or terms[0]["figure"] not in {key[0] for key in by_time}
    ):
        return None
    found = []
    for term in terms:
        when = (first, last)
        if term["moment"] == "end":
            when = ("", last)
        elif term["moment"] == "before":
            when = ("", (date.fromisoformat(first) - timedelta(days=1)).isoformat())
        cell = by_time.get((term["figure"], *when), {}).get(place)
        if cell is None:
            return None
        found.append((cell, 1 if term["sign"] == "+" else -1))
    return found
