"""Holds a province pack's areas against its shapes: ``python -m tools.shapes [PACK]``.

Prints what does not fit, with a proposal for each: coordinates that are missing or outside their commune, successors that an
area does not touch or that hold less than half of it, and successors for communes whose successor is not known. Exit code 1 where there is anything.
Shapes are coarse: a proposal is for a person to judge.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import MultiPolygon, Point, Polygon, make_valid
from shapely.geometry.base import BaseGeometry
from shapely.ops import polylabel, unary_union

from reference import Area, AreaBook, Province, ShapeFile, open_province, province, read_shapes
from reference.pack.areas import read_areas

COARSE_DEGREES = 0.003
"""How far shapes of different sources may miss each other: some 300 m."""
_FINE_DEGREES = 0.0001
Point2D = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What does not fit, and what would."""

    uid: str
    fault: str
    proposal: str

    def __str__(self) -> str:
        return f"{self.uid}: {self.fault}; {self.proposal}"


def polygons(topology: Mapping[str, Any], shapes: ShapeFile) -> dict[str, BaseGeometry]:
    """Return the shape of each commune by its code, in degrees (WGS 84, longitude first), from quantised TopoJSON."""
    arcs = [_line(arc, topology["transform"]) for arc in topology["arcs"]]
    found = {}
    for geometry in topology["objects"][shapes.object]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        rings = [[_ring(ring, arcs) for ring in part] for part in parts]
        shape = MultiPolygon([Polygon(outer, holes) for outer, *holes in rings])
        found[str(geometry["properties"]["code"])] = make_valid(shape)
    return found


def _line(arc: Sequence[Sequence[int]], transform: Mapping[str, Sequence[float]]) -> list[Point2D]:
    """Return the points of an arc, whose positions are given as steps from one to the next."""
    (width, height), (left, bottom) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * width + left, y * height + bottom))
    return points


def _ring(numbers: Sequence[int], arcs: Sequence[list[Point2D]]) -> list[Point2D]:
    """Return a ring put together from arcs; the number ``~n`` is arc ``n`` backwards. Neighbours share their end point."""
    points: list[Point2D] = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[1:] if points else line
    return points


def territories(of: Province, book: AreaBook) -> dict[str, BaseGeometry]:
    """Return the shape of every commune that has one, by area uid.

    A commune that was put together between the days of two files has the shapes of what wholly became it.
    """
    found: dict[str, BaseGeometry] = {}
    for shapes in of.shapes:
        by_code = polygons(read_shapes(of, shapes), shapes)
        there = (area for area in _communes(book) if area.exists_on(shapes.day))
        found |= {area.uid: by_code[area.code] for area in there}
    for area in _communes(book):
        parts = [step.from_uid for step in book.predecessions(area.uid) if step.kind == "whole"]
        if area.uid not in found and parts and all(uid in found for uid in parts):
            found[area.uid] = unary_union([found[uid] for uid in parts])
    return found


def _communes(book: AreaBook) -> list[Area]:
    return [area for area in book.by_uid.values() if area.level == "commune"]


def inner_point(shape: BaseGeometry) -> Point:
    """Return the point of the shape that lies farthest from its border, to some ten metres."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return polylabel(max(parts, key=lambda part: part.area), _FINE_DEGREES)


def share_of(part: BaseGeometry, whole: BaseGeometry) -> float:
    """Return how much of ``whole`` lies in ``part``, 0 to 1."""
    return float(whole.intersection(part).area / whole.area)


def proposals(of: Province) -> Iterator[Proposal]:
    """Yield what does not fit between the areas of a pack and its shapes."""
    book = read_areas(of)
    lands, last = territories(of, book), max(shapes.day for shapes in of.shapes)
    for area in _communes(book):
        if area.uid in lands:
            yield from _coordinates(area, lands[area.uid])
            yield from _lineage(area, book, lands, last)


def _coordinates(area: Area, land: BaseGeometry) -> Iterator[Proposal]:
    inner = inner_point(land)
    proposal = f"lat,lon {inner.y:.5f},{inner.x:.5f}"
    if area.lat is None or area.lon is None:
        yield Proposal(area.uid, "no coordinate", proposal)
    elif not land.covers(Point(area.lon, area.lat)):
        yield Proposal(area.uid, f"{area.lat},{area.lon} lies outside", proposal)


def _lineage(area: Area, book: AreaBook, lands: Mapping[str, BaseGeometry], last: date) -> Iterator[Proposal]:
    """Judge by the shapes of the last day: those of days between are put together from the lineage itself."""
    own, successor = lands[area.uid], book.carried_to(area.uid, last)
    if successor == area.uid:
        return
    told = [successor] if successor else [step.to_uid for step in book.became(area.uid, last) if step.to_uid]
    shares = {one.uid: share_of(lands[one.uid], own) for one in _communes(book) if one.exists_on(last)}
    best = sorted(shares, key=lambda uid: -shares[uid])[:2]
    proposal = ", ".join(f"{shares[uid]:.2f} in {uid}" for uid in best)
    if not told:
        yield Proposal(area.uid, "successor not known", proposal)
    for uid in told:
        if own.distance(lands[uid]) > COARSE_DEGREES:
            yield Proposal(area.uid, f"does not touch {uid}", proposal)
    if successor and shares[successor] < 0.5:
        yield Proposal(area.uid, f"{shares[successor]:.2f} lies in {successor}", proposal)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.shapes", description=__doc__)
    parser.add_argument("pack", nargs="?", help="name or path of a pack; default: the one that is served")
    pack = parser.parse_args(arguments).pack
    found = list(proposals(open_province(pack) if pack else province()))
    sys.stdout.writelines(f"{proposal}\n" for proposal in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
