"""A release: the tables of a family of figures for one window, with a mark on each cell: shown or hidden. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from services.reporting.disclosure.grid import Window
from services.reporting.disclosure.policy import Link
from services.reporting.disclosure.primary import Threshold
from services.reporting.disclosure.secondary import Cell, State, suppress
from services.reporting.disclosure.solving import Relation

Mark = Literal["s", "h", "b"]
"""``s`` shown, ``h`` hidden, ``b`` nested: hidden as a part of a sensitive total."""
Home = Callable[[str, date], str | None]
"""Function of a place and a day: the place that it has wholly become by that day, None where it was divided."""
_STATE: dict[Mark, State] = {"s": "shown", "h": "hidden", "b": "nested"}
_COST = {0: 1_000.0, 1: 30.0}  # totals of the province are hidden last, then those of districts
_PART = 60.0


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree of areas: an area (its uid), or the part of ``parent`` that is attributed to no area below it.

    ``row`` is its name in answers.
    """

    key: str
    row: str
    parent: str | None
    depth: int

    @property
    def attributed(self) -> bool:
        """Return whether the place is an area; the rows of all other places exist only where their count is not zero."""
        return self.parent is None or not self.key.startswith(f"{self.parent}/")


@dataclass(frozen=True, slots=True)
class Release:
    """The values that were computed for a window, and which of them are shown.

    ``values`` and ``marks``: by figure, then by node key or ``dimension=value`` (of the root).
    """

    family: str
    window: Window
    nodes: Mapping[str, Node]
    values: Mapping[str, Mapping[str, int]]
    marks: Mapping[str, Mapping[str, Mark]] = field(default_factory=dict)

    def key(self, figure: str, place: str) -> str:
        """Return a cell's name among those of all windows."""
        return f"{self.window.name}|{figure}|{place}"

    def shown(self, figure: str, place: str) -> int | None:
        """Return what readers see of a cell: None where it is hidden.

        Raises:
            KeyError: the release has no such cell.
        """
        value = self.values[figure][place]
        return value if self.marks[figure][place] == "s" else None

    def tells(self, figure: str, place: str) -> bool:
        """Return whether the row of a place may be listed.

        Rows such as "not attributed" exist only where their count is not zero. They are omitted where their total is
        suppressed: listing them would reveal that their counts are not zero, and what the counted persons have in common.
        """
        node = self.nodes.get(place)
        always = node is not None and node.attributed
        return always or self.marks[figure][place] != "b"

    def places(self, figure: str, dimension: str) -> list[tuple[str, str]]:
        """Return the rows of a breakdown of the root by a dimension, each as value and place."""
        start = f"{dimension}="
        return [
            (place.removeprefix(start), place) for place in self.values[figure] if place.startswith(start)
        ]

    def children(self, key: str) -> list[Node]:
        """Return the nodes directly below."""
        return [node for node in self.nodes.values() if node.parent == key]

    def leaves(self, key: str) -> list[Node]:
        """Return the finest nodes below; the node itself where it has none below."""
        below = self.children(key)
        return [leaf for child in below for leaf in self.leaves(child.key)] if below else [self.nodes[key]]

    @property
    def empty(self) -> bool:
        """Return whether every value is zero."""
        return not any(value for cells in self.values.values() for value in cells.values())


def decide(
    made: Release,
    threshold: Threshold,
    links: Sequence[Link],
    history: Sequence[Release] = (),
    previous: Release | None = None,
    home: Home = lambda place, _: place,
) -> Release | None:
    """Return the release with its marks, or None where a new edition cannot be made safe: then the ``previous`` stands.

    ``history`` are releases of other windows of the family, as they stand, those in which nothing is counted included;
    ``home`` says what became of areas. A first edition that cannot be made safe shows nothing at all.
    """
    cells = list(_cells(made, previous))
    values = {cell.key: cell.value for cell in cells}
    relations = [*_sums(made), *_linked(made, links, cells, values)]
    past, past_relations = _past(made, links, history, home)
    outcome = suppress([*cells, *past], [*relations, *past_relations], threshold)
    # The new edition is not safe beside what readers have already, so the old one stands.
    if outcome.unsafe and previous is not None:
        return None
    marks: dict[str, dict[str, Mark]] = {}
    for figure, own in made.values.items():
        marks[figure] = {}
        for place in own:
            key = made.key(figure, place)
            hidden: Mark = "b" if key in outcome.nested or outcome.unsafe else "h"
            marks[figure][place] = hidden if outcome.unsafe or key in outcome.hidden else "s"
    return Release(made.family, made.window, made.nodes, made.values, marks)


def _cells(made: Release, previous: Release | None) -> Iterator[Cell]:
    for figure, own in made.values.items():
        for place, value in own.items():
            node = made.nodes.get(place)
            # Totals of large areas are what readers need most, so a commune is hidden before them.
            cost = _PART if node is None else _COST.get(node.depth, 1.0)
            yield Cell(made.key(figure, place), value, _state(previous, figure, place, value), cost)


def _state(previous: Release | None, figure: str, place: str, value: int) -> State:
    """Return the state in which a cell enters the decision, given the previous edition.

    A hidden cell stays hidden. A value that was shown and has not changed is known to readers. All others are open.
    """
    if previous is None or place not in previous.values.get(figure, {}):
        return "open"
    mark = previous.marks[figure][place]
    if mark != "s":
        return _STATE[mark]
    # A changed value was never published, so it may still be hidden.
    return "shown" if previous.values[figure][place] == value else "open"


def _sums(made: Release) -> Iterator[Relation]:
    """Yield the relations within one figure: an area is the sum of its parts; the root is the sum of each breakdown."""
    below: dict[str, list[str]] = {}
    for node in made.nodes.values():
        if node.parent is not None:
            below.setdefault(node.parent, []).append(node.key)
    root = next(node.key for node in made.nodes.values() if node.parent is None)
    for figure, own in made.values.items():
        for parent, children in below.items():
            parts = [child for child in children if child in own]
            if parent in own and parts:
                yield _whole(made, figure, parent, parts)
        for dimension in sorted({place.partition("=")[0] for place in own if "=" in place}):
            yield _whole(made, figure, root, [place for _, place in made.places(figure, dimension)])


def _whole(made: Release, figure: str, total: str, parts: Sequence[str]) -> Relation:
    return ((made.key(figure, total), 1), *((made.key(figure, part), -1) for part in parts))


def _linked(
    made: Release, links: Sequence[Link], cells: list[Cell], values: Mapping[str, int]
) -> Iterator[Relation]:
    """Yield the relations between figures of one window, for each place.

    Where what remains of a subtraction is itself a count of persons, it is added to ``cells`` and to the relation.
    """
    for link in links:
        if not all(term.moment == "now" and term.figure in made.values for term in link.terms):
            continue
        for place in made.nodes:
            if not all(place in made.values[term.figure] for term in link.terms):
                continue
            relation = tuple((made.key(term.figure, place), term.sign) for term in link.terms)
            if link.complement:
                rest = Cell(
                    made.key(link.name, place),
                    max(0, sum(values[key] * sign for key, sign in relation)),
                    "implicit",
                )
                cells.append(rest)
                relation = (*relation, (rest.key, -1))
            yield relation


def _past(
    made: Release, links: Sequence[Link], history: Sequence[Release], home: Home
) -> tuple[list[Cell], list[Relation]]:
    """Return the hidden cells of other windows, and the relations that connect them with each other and with this one.

    Shown cells are known numbers and not unknowns, so they are left out of the relations.
    """
    everything = {release.window: release for release in (*history, made)}
    cells = [
        Cell(release.key(figure, place), release.values[figure][place], _STATE[mark])
        for release in history
        for figure, marks in release.marks.items()
        for place, mark in marks.items()
        if mark != "s"
    ]
    relations: list[Relation] = []
    for release in everything.values():
        if release is not made:
            relations += _sums(release)
            relations += _linked(release, links, cells, _values(release))
        relations += _over_time(release, everything, home)
        relations += _balances(release, everything, links)
    unknown = {cell.key for cell in cells} | {
        made.key(figure, place) for figure, own in made.values.items() for place in own
    }
    short = (tuple((key, sign) for key, sign in relation if key in unknown) for relation in relations)
    return cells, [relation for relation in short if relation]


def _values(release: Release) -> dict[str, int]:
    return {
        release.key(figure, place): value
        for figure, own in release.values.items()
        for place, value in own.items()
    }


def _over_time(whole: Release, everything: Mapping[Window, Release], home: Home) -> Iterator[Relation]:
    """Yield the relations of a period to shorter periods: it is their sum, for each way to divide it into windows."""
    for parts in partitions(whole.window, list(everything)):
        for figure, own in whole.values.items():
            terms: dict[str, list[tuple[str, int]]] = {place: [] for place in own}
            for window in parts:
                part = everything[window]
                for place in part.values.get(figure, {}):
                    # A commune may have become part of another one since: its months then add to the new area's year.
                    became = home(place, whole.window.last)
                    if became in terms:
                        terms[became].append((part.key(figure, place), -1))
            for place, found in terms.items():
                if found:
                    yield ((whole.key(figure, place), 1), *found)


def partitions(whole: Window, windows: Sequence[Window]) -> list[tuple[Window, ...]]:
    """Return every sequence of shorter windows without gap or overlap that covers a longer window.

    Example: a year is covered by twelve months, by four quarters, by two half-years, and by mixtures of these.
    """
    if whole.first is None:
        return []
    found: list[tuple[Window, ...]] = []

    def follow(start: object, taken: tuple[Window, ...]) -> None:
        for window in windows:
            if window.first == start and window != whole and window.last <= whole.last:
                if window.last == whole.last:
                    found.append((*taken, window))
                else:
                    follow(window.last + timedelta(days=1), (*taken, window))

    follow(whole.first, ())
    return found


def _balances(
    flow: Release, everything: Mapping[Window, Release], links: Sequence[Link]
) -> Iterator[Relation]:
    """Yield the balances of a period, for each place: closing stock = opening stock + entries − exits."""
    if flow.window.first is None:
        return
    at = {
        "now": flow,
        "end": everything.get(Window(flow.window.last, None)),
        "before": everything.get(Window(flow.window.first - timedelta(days=1), None)),
    }
    for link in links:
        if all(term.moment == "now" for term in link.terms):
            continue
        terms = [(term, at[term.moment]) for term in link.terms]
        for place in flow.nodes:
            found = [
                (release.key(term.figure, place), term.sign)
                for term, release in terms
                if release is not None and place in release.values.get(term.figure, {})
            ]
            if len(found) == len(terms):
                yield tuple(found)
