"""Outlines: what a topology says of borders is drawn as it lies, north up, and neighbours keep their common border."""

import math
import re
from typing import Any

from services.chassis.web.outlines import WIDTH, outlines

# Two squares side by side, of 10 steps each; the border between them is arc 1 and is gone along backwards by the second.
SQUARES: dict[str, Any] = {
    "transform": {"scale": [0.1, 0.1], "translate": [110, 0]},
    "arcs": [
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 0], [0, 10]],
        [[10, 0], [10, 0], [0, 10], [-10, 0]],
    ],
    "objects": {
        "communes": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"code": "a"}},
                {"type": "MultiPolygon", "arcs": [[[2, -2]]], "properties": {"code": "b"}},
            ]
        }
    },
}


def corners(path: str) -> set[tuple[int, int]]:
    """The points of a path ``M x y l dx dy … z``."""
    (x, y), *steps = [tuple(map(int, pair)) for pair in re.findall(r"(-?\d+) (-?\d+)", path)]
    found = {(x, y)}
    for right, down in steps:
        x, y = x + right, y + down
        found.add((x, y))
    return found


def test_areas_are_drawn_where_they_lie_with_north_up() -> None:
    drawn = outlines(SQUARES, "communes")
    # One degree across is as long as one up at the middle's latitude of half a degree, but for its cosine
    height = round(WIDTH / 2 / math.cos(math.radians(0.5)))
    assert drawn["a"].box == (0, 0, WIDTH // 2, height)
    assert drawn["b"].box == (WIDTH // 2, 0, WIDTH, height)


def test_neighbours_share_the_points_of_their_border() -> None:
    drawn = outlines(SQUARES, "communes")
    common = corners(drawn["a"].path) & corners(drawn["b"].path)
    assert {x for x, _ in common} == {WIDTH // 2}
    assert len(common) == 2


def test_points_that_hardly_bend_a_border_are_left_out_and_corners_are_kept() -> None:
    fine = [[0, 0], *([1, number % 2 * 2 - 1] for number in range(10_000)), [0, 5_000], [-10_000, 0]]
    ring = {"type": "Polygon", "arcs": [[0]], "properties": {"code": "a"}}
    topology = {
        "transform": {"scale": [0.0001, 0.0001], "translate": [110, 0]},
        "arcs": [[*fine, [0, -5_000]]],
        "objects": {"communes": {"geometries": [ring]}},
    }
    outline = outlines(topology, "communes")["a"]
    assert len(corners(outline.path)) == 4
    assert outline.box[2] == WIDTH
