"""What the service has released, read from its table, and the numbers that answers state of the same figures."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from sqlalchemy import text

from reference.pack.areas import area_book
from services.chassis.platform import Platform
from tests.attack.calls import Call
from tests.support.small_province import DAY

CROSSED = "×"
_SMALL = 4
"""Counts from 1 up to this are hidden for their own sake."""


class Cell(NamedTuple):
    """One number's place: its figure, its period ("" and a day for a stock), and its area or ``dimension=value``.

    A cell of a table of two dimensions has both, with `CROSSED` between.
    """

    figure: str
    first: str
    last: str
    place: str


@dataclass(frozen=True)
class Released:
    """Every cell of every release: what it counts, and what of it is shown (None: hidden), with its mark."""

    values: Mapping[Cell, int]
    shown: Mapping[Cell, int | None]
    marks: Mapping[Cell, str]

    @property
    def ranges(self) -> Mapping[Cell, tuple[int, int | None]]:
        """The least and the most that each hidden cell can be, as a reader knows who knows also why it is hidden."""
        return {
            cell: (0, _SMALL) if mark == "b" else (1, _SMALL) if value <= _SMALL else (_SMALL + 1, None)
            for cell, value in self.values.items()
            if (mark := self.marks[cell]) != "s"
        }

    @property
    def hidden_and_small(self) -> list[Cell]:
        """The cells that are hidden because they single somebody out."""
        return [cell for cell, value in self.values.items() if 0 < value < 5 and self.shown[cell] is None]


async def released(platform: Platform) -> Released:
    """What the service has released so far."""
    async with platform.uow() as session:
        rows = await session.execute(
            text("SELECT period_from::text, period_to::text, document FROM disclosure_release ORDER BY id")
        )
        found = list(rows)
    values: dict[Cell, int] = {}
    shown: dict[Cell, int | None] = {}
    marks: dict[Cell, str] = {}
    for first, last, document in found:
        for figure, own in document["values"].items():
            for place, value in own.items():
                cell = Cell(figure, first or "", last, place)
                values[cell] = value
                marks[cell] = document["marks"][figure][place]
                shown[cell] = value if marks[cell] == "s" else None
    return Released(values, shown, marks)


Stated = Iterator[tuple[Cell, Any]]


def reader_of(call: Call) -> Callable[[httpx.Response], Stated] | None:
    """What finds every number of a figure in the answers to a call, with its place; None where there is no such reader."""
    if "closing" in call.params:
        return None
    form = call.params.get("format", call.path.rpartition(".")[2])
    return _READ.get((call.route, form)) or _READ.get((call.route, ""))


def _of_figure(answer: httpx.Response) -> Stated:
    document = answer.json()
    yield _cell(document, _uid(document["area"])), document["value"]
    for row in (*(document.get("rows") or ()), *(document.get("columns") or ())):
        (dimension,) = row.keys() & _DIMENSIONS
        yield _cell(document, place_of(dimension, row[dimension])), row["value"]
    for cell in document.get("cells") or ():
        both = sorted(place_of(name, cell[name]) for name in cell.keys() & _DIMENSIONS)
        yield _cell(document, CROSSED.join(both)), cell["value"]


def _of_observations(answer: httpx.Response) -> Stated:
    for seen in answer.json()["observations"]:
        named = ((seen.get("by"), seen.get("row")), (seen.get("across"), seen.get("column")))
        yield (
            _cell(seen, _place(seen["area"], [f"{name}={row}" for name, row in named if name])),
            seen["value"],
        )


def _of_data_csv(answer: httpx.Response) -> Stated:
    for line in csv.DictReader(io.StringIO(answer.text)):
        named = zip(line["DIMENSION"].split(","), line["CATEGORY"].split(","), strict=True)
        place = _place(line["AREA"], [f"{name}={row}" for name, row in named if name != "_T"])
        cell = Cell(line["FIGURE"], line["START_DATE"], line["END_DATE"], place)
        yield cell, float(line["OBS_VALUE"]) if line["OBS_VALUE"] else None


def _place(area: str, categories: list[str]) -> str:
    """A category of the province is a place of its own; that of an area inside it is a cell of a table."""
    whole = area_book().by_uid[area].parent_uid is None
    return CROSSED.join(sorted(categories if whole and categories else [area, *categories]))


def _of_report(answer: httpx.Response) -> Stated:
    for cell in answer.json()["cells"]:
        yield (
            _cell(cell, place_of(cell["by"], cell["row"]) if cell["by"] else _uid(cell["area"])),
            cell["value"],
        )


def _of_report_csv(answer: httpx.Response) -> Stated:
    for line in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))):
        place = place_of(line["by"], line["row"]) if line["by"] else _uid(line["area"])
        cell = Cell(line["figure"], line["from"], line["to"] or line["as_of"], place)
        yield cell, float(line["value"]) if line["value"] not in ("", "*") else None


_READ: Mapping[tuple[str, str], Callable[[httpx.Response], Stated]] = {
    ("GET /v1/figures/{code}", ""): _of_figure,
    ("GET /v1/data/{figures}", "json"): _of_observations,
    ("GET /v1/data/{figures}", "csv"): _of_data_csv,
    ("GET /v1/reports/{name}.{format}", "json"): _of_report,
    ("GET /v1/reports/{name}.{format}", "csv"): _of_report_csv,
}
_DIMENSIONS = frozenset(
    {"area", "commune", "sex", "age_band", "outcome", "level", "substance", "facility", "end_reason"}
)


def _cell(document: Mapping[str, Any], place: str) -> Cell:
    return Cell(
        document["figure"], document.get("from") or "", document.get("to") or document["as_of"], place
    )


def place_of(dimension: str, row: str) -> str:
    """Return where a row is: the uid of an area, or ``dimension=value``."""
    return _uid(row) if dimension in ("area", "commune") else f"{dimension}={row}"


def _uid(code: str) -> str:
    area = area_book().resolve(code, DAY)
    return code if area is None else area.uid
