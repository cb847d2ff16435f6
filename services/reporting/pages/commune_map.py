"""A figure by commune as a map: how each commune is shaded, what its outline is, and what it was made of and became."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from reference import Area, ShapeFile, Succession, area_book, province, read_shapes
from services.chassis.problems import Problem
from services.chassis.web.outlines import Outline, outlines
from services.reporting.figures import Question, Reader
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.preparing import PREPARING, Preparing

_GROUPS = 4
HIDDEN, NONE, NOUGHT = "hidden", "none", "shade-0"
"""The shades of a number that is withheld, of one that is not there, and of nought."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A commune of the map. ``row`` is its row of the answer; ``outline`` is None where nobody has drawn its shape."""

    area: Area
    row: Mapping[str, Any]
    shade: str
    outline: Outline | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """A figure by commune. A problem stands in the place of what the reader is not told.

    ``groups`` are the least and the greatest number of each shade, the palest first; ``elsewhere`` are the rows of no commune.
    """

    question: Question
    communes: tuple[Drawn, ...]
    elsewhere: tuple[Mapping[str, Any], ...]
    groups: tuple[tuple[float, float], ...]
    document: Mapping[str, Any] | Problem
    shapes: ShapeFile | None


async def see_map(preparing: Preparing, reader: Reader, figure: str, chosen: Chosen) -> Mapped:
    """Return the figure by commune as the reader may see it.

    Raises:
        Problem: 404 for an unknown figure, 422 where it has no places or nothing was known yet at the instant asked, 503 while its
            release is being made.
    """
    question = chosen.question(figure, by="commune")
    (answer,) = await preparing.ask_all([question], reader)
    if isinstance(answer, Problem):
        if answer.status == PREPARING:
            raise answer
        return Mapped(question, (), (), (), answer, None)
    rows = answer.document["rows"]
    groups = _groups(row["value"] for row in rows)
    shapes = shapes_of(chosen.hierarchy)
    drawn = {} if shapes is None else _drawn(shapes)
    book, communes, elsewhere = area_book(), [], []
    for row in rows:
        area = book.resolve(str(row["commune"]), chosen.hierarchy)
        if area is None:
            elsewhere.append(row)
        else:
            communes.append(Drawn(area, row, shade_of(row, groups), drawn.get(area.code)))
    return Mapped(question, tuple(communes), tuple(elsewhere), groups, answer.document, shapes)


def _groups(values: Iterable[float | None]) -> tuple[tuple[float, float], ...]:
    """Return groups of about as many communes each of those with a number above nought; equal numbers are in one group."""
    above = sorted(value for value in values if value is not None and value > 0)
    if not above:
        return ()
    ends = sorted({above[-(-len(above) * number // _GROUPS) - 1] for number in range(1, _GROUPS + 1)})
    starts = [above[0], *(next(value for value in above if value > end) for end in ends[:-1])]
    return tuple(zip(starts, ends, strict=True))


def shade_of(row: Mapping[str, Any], groups: tuple[tuple[float, float], ...]) -> str:
    """Return the class of a commune's shape: ``shade-1`` is the palest, the last group has ``shade-4``."""
    if row.get("suppressed"):
        return HIDDEN
    if row["value"] is None:
        return NONE
    if row["value"] <= 0:
        return NOUGHT
    return shade_of_group(bisect_left([end for _, end in groups], row["value"]), len(groups))


def shade_of_group(number: int, groups: int) -> str:
    """Return the class of a group, counted from nought; where there are few groups, the darkest shades."""
    return f"shade-{_GROUPS - groups + number + 1}"


def shapes_of(hierarchy: date) -> ShapeFile | None:
    """Return the file with the shapes of the communes of a day; None where the province's pack has none."""
    era = area_book().era(hierarchy)
    return next((one for one in province().shapes if area_book().era(one.day) == era), None)


@lru_cache(maxsize=4)
def _drawn(shapes: ShapeFile) -> Mapping[str, Outline]:
    return outlines(read_shapes(province(), shapes), shapes.object)


def lineage(area: Area) -> tuple[list[Succession], list[Succession]]:
    """Return what a commune was made of, and what became of it, as far as it is known."""
    book = area_book()
    became = [step for step in book.successions(area.uid) if step.to_uid is not None]
    return book.predecessions(area.uid), became
