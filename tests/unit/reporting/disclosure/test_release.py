"""Releases of several windows together: what holds between them, and which rows may be there at all."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.reporting.disclosure.grid import Window
from services.reporting.disclosure.policy import Link, Moment, Term
from services.reporting.disclosure.primary import Threshold
from services.reporting.disclosure.release import Node, Release, decide

FIVE = Threshold(5)
H1, H2, YEAR = (
    Window(date(2023, 6, 30), date(2023, 1, 1)),
    Window(date(2023, 12, 31), date(2023, 7, 1)),
    Window(date(2023, 12, 31), date(2023, 1, 1)),
)


def table(window: Window, root: str, values: Mapping[str, int]) -> Release:
    """A whole with its parts."""
    nodes = {root: Node(root, root, None, 0)} | {name: Node(name, name, root, 1) for name in values}
    return Release("f", window, nodes, {"f": {root: sum(values.values()), **values}})


def released(made: Release, *history: Release, **more: Any) -> Release:
    decided = decide(made, FIVE, [], history, **more)
    assert decided is not None
    return decided


def test_a_window_in_which_nothing_is_counted_ties_the_year_to_the_other_half() -> None:
    """Year and second half are the same table; each by itself would hide another partner of the two persons."""
    communes = {"a1": 7, "a2": 4, "b1": 9, "b2": 0, "c1": 2, "c2": 0}
    districts = {"a": 11, "b": 9, "c": 2}
    whole = table(YEAR, "p", districts)
    nodes = {**whole.nodes, **{name: Node(name, name, name[0], 2) for name in communes}}
    whole = Release("f", YEAR, nodes, {"f": {**whole.values["f"], **communes}})
    empty = released(table(H1, "p", dict.fromkeys(districts, 0)))
    second = released(table(H2, "p", districts))
    year = released(whole, second, empty)
    alone = released(whole, second)

    def known(year: Release) -> set[str]:
        return {place for place in districts if "s" in (second.marks["f"][place], year.marks["f"][place])}

    assert len(known(alone)) == 2, (
        "taken apart wrongly, the two tables leave the third district to be subtracted"
    )
    assert "c" not in known(year)
    assert year.marks["f"]["p"] != "s" or len(known(year)) < 2


def test_a_later_edition_of_a_part_is_held_against_a_whole_in_which_areas_have_other_names() -> None:
    """The year after a reform: what was `old` is `new` by its end, and the half in between is made again."""

    def home(place: str, day: date) -> str:
        return "new" if place == "old" and day >= H2.last else place

    nodes = {"new": Node("new", "new", None, 0)}
    year = Release("f", YEAR, nodes, {"f": {"new": 33}}, {"f": {"new": "s"}})
    second = Release("f", H2, nodes, {"f": {"new": 3}}, {"f": {"new": "h"}})
    first = Release("f", H1, {"old": Node("old", "old", None, 0)}, {"f": {"old": 30}})
    assert released(first, second, year, home=home).shown("f", "old") is None, "33 - 30 is what was hidden"
    assert released(first, second, year).shown("f", "old") == 30


def test_rows_that_are_there_only_where_somebody_counts_are_left_out_of_a_small_whole() -> None:
    nodes = {
        "p": Node("p", "p", None, 0),
        "a": Node("a", "a", "p", 1),
        "p/unattributed:x": Node("p/unattributed:x", "unattributed:x", "p", 1),
    }
    few = released(Release("f", H1, nodes, {"f": {"p": 4, "a": 3, "p/unattributed:x": 1, "sex=m": 4}}))
    assert [few.tells("f", place) for place in ("p", "a", "p/unattributed:x", "sex=m")] == [
        True,
        True,
        False,
        False,
    ]
    many = released(Release("f", H1, nodes, {"f": {"p": 40, "a": 37, "p/unattributed:x": 3, "sex=m": 40}}))
    assert all(many.tells("f", place) for place in many.values["f"])


def test_what_cannot_be_made_safe_shows_nothing_and_leaves_an_earlier_edition_standing() -> None:
    """Stocks that were shown say that three more went than came; nobody came, which cannot be hidden."""
    node = {"p": Node("p", "p", None, 0)}
    parts: tuple[tuple[str, int, Moment], ...] = (
        ("came", 1, "now"),
        ("went", -1, "now"),
        ("stock", 1, "before"),
        ("stock", -1, "end"),
    )
    link = Link("balance", False, tuple(Term(sign, name, moment) for name, sign, moment in parts))

    def stock(day: date, value: int) -> Release:
        return Release("f", Window(day, None), node, {"stock": {"p": value}}, {"stock": {"p": "s"}})

    history = [stock(date(2022, 12, 31), 13), stock(H1.last, 10)]
    values = {"came": {"p": 0}, "went": {"p": 3}, "others": {"p": 50}}
    first = decide(Release("f", H1, node, values), FIVE, [link], history)
    assert first is not None
    assert {first.shown(figure, "p") for figure in values} == {None}
    before = {"came": {"p": 6}, "went": {"p": 9}, "others": {"p": 50}}
    safe = decide(Release("f", H1, node, before), FIVE, [link], history)
    assert safe is not None
    assert {safe.shown(figure, "p") for figure in before} == {6, 9, 50}
    assert decide(Release("f", H1, node, values), FIVE, [link], history, previous=safe) is None
