"""Small multiples: every area on one scale, a gap where there is no number, and what each says in its title."""

from xml.etree import ElementTree

from services.chassis.web.charts import Datum
from services.chassis.web.panels import Panel, multiples


def panel(name: str, *values: float | None) -> Panel:
    return Panel(name, [Datum(f"m{number}", value, str(value)) for number, value in enumerate(values)])


def test_all_panels_have_one_scale_and_none_is_a_gap() -> None:
    drawn = ElementTree.fromstring(
        multiples("cases", [panel("a", 10, 5, None, 0, 10), panel("b", 5, 5, 5, 5, 5)])
    )
    first, second = (
        [line.attrib["points"] for line in one.findall("polyline")] for one in drawn.findall("g")
    )
    heights = [[float(point.partition(",")[2]) for point in run.split()] for run in (*first, *second)]
    floor, top = 90.0, 20.0
    half = (floor + top) / 2
    assert heights == [[top, half], [floor, top], [half] * 5]


def test_each_panel_says_its_numbers_and_shows_the_last() -> None:
    drawn = ElementTree.fromstring(multiples("cases", [panel("a", 1, 2), panel("b", None, 7)]))
    assert [one.findtext("title") for one in drawn.findall("g")] == ["a. m0: 1; m1: 2", "b. m0: None; m1: 7"]
    assert [[text.text for text in one.findall("text")] for one in drawn.findall("g")] == [
        ["a", "2"],
        ["b", "7"],
    ]
