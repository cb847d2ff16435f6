"""Charts: where marks stand follows from the numbers, what they say from the texts, and nothing is inline."""

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from services.chassis.web.charts import Datum, Step, bars, line, waterfall

# The widest bar: the picture without its labels on the left and its numbers on the right.
FULL = 640 - 250 - 80


def drawn(chart: Markup, tag: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(chart).findall(tag)


def spans(chart: Markup) -> list[tuple[float, float]]:
    return [(float(each.attrib["x"]) - 250, float(each.attrib["width"])) for each in drawn(chart, "rect")]


def test_bars_are_as_long_as_their_numbers_say() -> None:
    chart = bars(
        "persons", [Datum("a", 100, "100"), Datum("b", 25, "25"), Datum("c", 0, "0"), Datum("d", None, "–")]
    )
    assert spans(chart) == [(0, FULL), (0, FULL / 4), (0, 0), (0, 0)]
    assert [each.findtext("title") for each in drawn(chart, "rect")] == ["a: 100", "b: 25", "c: 0", "d: –"]


def test_bars_below_nought_go_to_the_left() -> None:
    assert spans(bars("change", [Datum("up", 30, "30"), Datum("down", -10, "-10")])) == [
        pytest.approx((FULL / 4, FULL * 3 / 4), abs=0.1),
        pytest.approx((0, FULL / 4), abs=0.1),
    ]


def test_waterfall_begins_each_step_where_the_one_before_ended() -> None:
    chart = waterfall(
        "declared to computed",
        [
            Step("declared", 80, "80", total=True),
            Step("late", 20, "+20"),
            Step("twice", -50, "-50"),
            Step("computed", 50, "50", total=True),
        ],
    )
    unit = FULL / 100
    assert spans(chart) == [
        pytest.approx(place, abs=0.1)
        for place in [(0, 80 * unit), (80 * unit, 20 * unit), (50 * unit, 50 * unit), (0, 50 * unit)]
    ]
    assert [each.attrib["class"] for each in drawn(chart, "rect")] == ["mark", "more", "less", "mark"]


def test_line_has_a_gap_where_there_is_no_number() -> None:
    values = [10, 20, None, 5, None, 20, 40]
    chart = line("by month", [Datum(str(n), value, str(value)) for n, value in enumerate(values)])
    assert [len(each.attrib["points"].split()) for each in drawn(chart, "polyline")] == [2, 2]
    heights = [210 - float(each.attrib["cy"]) for each in drawn(chart, "circle")]
    assert heights == pytest.approx([value / 40 * 194 for value in values if value is not None], abs=0.1)


@pytest.mark.parametrize(
    "chart", [bars("x", []), line("x", []), waterfall("x", []), line("x", [Datum("a", 0, "0")])]
)
def test_nothing_to_draw_is_no_error(chart: Markup) -> None:
    assert ElementTree.fromstring(chart).attrib["aria-label"] == "x"


def test_texts_are_escaped_and_nothing_is_inline() -> None:
    nasty = '"><script>x</script>'
    charts = [
        bars(nasty, [Datum(nasty, 1, nasty)]),
        line(nasty, [Datum(nasty, 1, nasty)]),
        waterfall(nasty, [Step(nasty, 1, nasty)]),
    ]
    for chart in charts:
        assert ElementTree.fromstring(chart).attrib["aria-label"] == nasty
        assert re.findall(r"<script|style=|\son\w+=", chart) == []


def test_a_band_goes_along_its_upper_ends_and_back_along_the_lower_ones() -> None:
    chart = line("known", [Datum("1", 80, "80"), Datum("2", 90, "90")], [(60, 90), (80, 100)])
    (band,) = drawn(chart, "polygon")
    left, right, floor, top = 56.0, 624.0, 210.0, 16.0
    places = [tuple(map(float, point.split(","))) for point in band.attrib["points"].split()]
    heights = [floor - share * (floor - top) for share in (0.9, 1.0, 0.8, 0.6)]
    assert places == [
        pytest.approx(place, abs=0.1) for place in zip((left, right, right, left), heights, strict=True)
    ]
