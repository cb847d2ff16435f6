"""Outlines of areas for maps: from TopoJSON to paths of SVG. Functions of their data alone.

Neighbours share their border as one *arc* of the topology. It is made simpler once, so that no gap opens between them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WIDTH = 2_000
"""How many units of the drawing the whole topology is wide."""
_TOLERANCE = 1.0
"""How many units a border may be moved where it is made simpler: on a screen that shows all of it, about a third of a pixel."""
Point = tuple[int, int]
Exact = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """One area: the ``d`` of its path, and the box around it (least x, least y, greatest x, greatest y)."""

    path: str
    box: tuple[int, int, int, int]


def outlines(topology: Mapping[str, Any], name: str) -> dict[str, Outline]:
    """Return the outline of every geometry of the object with that name, by its property ``code``.

    North is up, and a degree to the east is as much shorter than one to the north as in the middle of the topology.
    """
    arcs = [_simpler(arc) for arc in _projected(topology)]
    geometries = topology["objects"][name]["geometries"]
    return {str(one["properties"]["code"]): _outline(one, arcs) for one in geometries}


def _projected(topology: Mapping[str, Any]) -> list[list[Exact]]:
    """Return the arcs in units of the drawing."""
    (across, up), (_, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [list(_summed(arc)) for arc in topology["arcs"]]
    most_x, most_y = (max(point[axis] for arc in arcs for point in arc) for axis in (0, 1))
    middle = south + up * most_y / 2
    unit = WIDTH / (across * most_x)
    stretch = unit / math.cos(math.radians(middle))
    return [[(x * across * unit, (most_y - y) * up * stretch) for x, y in arc] for arc in arcs]


def _summed(arc: Iterable[Sequence[int]]) -> Iterator[Point]:
    """Yield the points of an arc, each of which the topology has as the difference to the one before."""
    x = y = 0
    for right, up, *_ in arc:
        x, y = x + right, y + up
        yield x, y


def _simpler(arc: Sequence[Exact]) -> list[Point]:
    """Return the arc without the points that hardly bend it (Ramer, Douglas and Peucker); its ends stay where they are."""
    kept, stretches = {0, len(arc) - 1}, [(0, len(arc) - 1)]
    while stretches:
        first, last = stretches.pop()
        between = range(first + 1, last)
        if not between:
            continue
        farthest = max(between, key=lambda one: _distance(arc[one], arc[first], arc[last]))
        if _distance(arc[farthest], arc[first], arc[last]) > _TOLERANCE:
            kept.add(farthest)
            stretches += [(first, farthest), (farthest, last)]
    return [(round(arc[one][0]), round(arc[one][1])) for one in sorted(kept)]


def _distance(point: Exact, first: Exact, last: Exact) -> float:
    """Return how far a point lies from the stretch between two others."""
    along = (last[0] - first[0], last[1] - first[1])
    length = along[0] ** 2 + along[1] ** 2
    away = (point[0] - first[0], point[1] - first[1])
    # A ring of one arc begins and ends in one point.
    share = 0.0 if not length else max(0.0, min(1.0, (away[0] * along[0] + away[1] * along[1]) / length))
    return math.hypot(away[0] - share * along[0], away[1] - share * along[1])


def _outline(geometry: Mapping[str, Any], arcs: Sequence[Sequence[Point]]) -> Outline:
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    return Outline("".join(map(_path, rings)), (min(xs), min(ys), max(xs), max(ys)))


def _ring(numbers: Iterable[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Return the points of a ring; the number of an arc that is gone along backwards is below nought (~n)."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        # Each arc begins where the one before ended.
        points += arc[1:] if points else arc
    return points


def _path(ring: Sequence[Point]) -> str:
    (x, y), steps = ring[0], []
    for before, after in pairwise(ring[:-1]):
        steps.append(f"{after[0] - before[0]} {after[1] - before[1]}")
    return f"M{x} {y}l{' '.join(steps)}z" if steps else ""
