"""Secondary suppression: which further cells are hidden so that no hidden one follows from what is shown.

Pure: cells, exact relations between them, a threshold → the cells to hide. Two readers are kept out. The *plain* one
solves the relations: the whole numbers that a hidden cell may still be must span at least the threshold. The *informed*
one also knows which cells are hidden for their own sake and which only to protect them: of a sensitive count he may
learn no more than the rule itself says, that it is under the threshold. Whatever else readers do not know (overlap of
parts, later corrections) is taken as known to them, so what is safe here is safe against those who know less.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import log2
from typing import Literal

import numpy as np
import scipy  # loads its parts at their first use

from services.reporting.disclosure.primary import Threshold
from services.reporting.disclosure.solving import Relation, System, Vector, groups, matrix_of

State = Literal["open", "shown", "hidden", "nested", "implicit"]

_FAR = 1_000  # how far a bound is looked for; nearer proofs end a search earlier
# A bound, not a promise: what is still open after it is reported as unsafe, and `release.decide` shows nothing of it.
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """A count.

    ``state``: *open* is to be decided; *shown*, *hidden* and *nested* were decided earlier; *implicit* is never printed but
    follows from printed counts. A *nested* cell is a part of a sensitive total and is hidden even where it is zero.
    Example: four persons in four communes; if the zeros of the other communes were shown, each of the four would be
    known to have one. ``cost`` is the loss to readers when the cell is hidden; cheap cells are hidden first.
    """

    key: str
    value: int
    state: State = "open"
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Suppression:
    """The result of `suppress`, as keys of cells.

    ``hidden``: all cells that are not shown, those decided earlier included. ``nested``: those of them that are parts of
    sensitive totals. ``unsafe``: those that could not be protected.
    """

    hidden: frozenset[str]
    nested: frozenset[str]
    unsafe: frozenset[str]


def suppress(cells: Sequence[Cell], relations: Sequence[Relation], threshold: Threshold) -> Suppression:
    """Return what to hide: the sensitive cells, and as few others as a linear programme finds. Deterministic.

    A *plain* reader knows only what is published. An *informed* reader also knows the rule, so that a hidden count must be
    small. Of a sensitive count an informed reader shall learn nothing beyond the rule. Where earlier releases make that
    impossible, at least two values stay possible for it.
    """
    nested = _nested(cells, relations, threshold)
    hidden = {cell.key for cell in cells if cell.state in ("hidden", "nested")} | nested
    unsafe: set[str] = set()
    by_key = {cell.key: cell for cell in cells}
    unknown = [cell.key for cell in cells if cell.state != "shown"]
    for keys, owned in groups(unknown, relations):
        own = [by_key[key] for key in keys]
        # Cells decided earlier that no relation connects with an open cell are as safe as before.
        if any(cell.state == "open" for cell in own):
            table = _Table(own, owned, threshold, nested)
            found = _suppressed(table)
            hidden |= found[0]
            unsafe |= found[1]
            followed = table.zeros_that_follow(found[0])
            # Readers can compute these zeros anyway, so showing them reveals nothing more.
            hidden -= followed
            nested -= followed
    return Suppression(frozenset(hidden), frozenset(nested), frozenset(unsafe))


def _suppressed(table: "_Table") -> tuple[set[str], set[str]]:
    """Return which of these connected cells to hide, and which of them could not be protected."""
    hidden = {cell.key for cell in table.cells.values() if table.is_hidden_for_itself(cell)}
    # Earlier releases reveal too much of these cells; without this set the rounds would try them again and again.
    unprotectable: set[str] = set()
    unsafe: set[str] = set()
    for _ in range(_ROUNDS):
        plain = table.too_tight(hidden, informed=False)
        informed = table.too_tight(hidden, informed=True)
        unsafe = plain.keys() | {key for key, (least, most) in informed.items() if least == most}
        improvable = informed.keys() - unsafe - unprotectable
        if not unsafe and not improvable:
            break
        before, known = len(hidden), len(table.revealed)
        table.forget_moves()
        for key in table.ordered(plain):
            more = table.partners(key, hidden, informed=False)
            if more is None and table.is_only_a_partner(key):
                # Readers can compute this cell (nearly) anyway, so hiding it protects nothing: it is shown.
                table.revealed.add(key)
                table.forget_moves()
                hidden.discard(key)
            else:
                hidden |= table.around(key, hidden) if more is None else more
        unprotectable |= table.unprotectable(informed.keys() - unprotectable, hidden)
        for key in table.ordered(informed.keys() - unprotectable):
            more = table.partners(key, hidden, informed=True)
            if more is None:
                unprotectable.add(key)
            hidden |= more or set()
        if len(hidden) == before and len(table.revealed) == known:
            more = {other for key in unsafe for other in table.around(key, hidden)}
            if not more:
                break
            hidden |= more
    if unsafe:
        # What readers could compute before this release is not unsafe because of it; hiding more would not help.
        unsafe -= table.unavoidable()
    return hidden, unsafe


def audit(
    cells: Sequence[Cell], relations: Sequence[Relation], hidden: Iterable[str], threshold: Threshold
) -> dict[str, tuple[int, int]]:
    """Return the cells that a reader can bound too tightly, with the bounds; empty when everything is safe.

    Exact over whole numbers: every bound is an integer programme, and every range is witnessed by whole tables.
    """
    table, gone = _Table(cells, relations, threshold, _nested(cells, relations, threshold)), set(hidden)
    informed = table.too_tight(gone, informed=True)
    known = {key: ends for key, ends in informed.items() if ends[0] == ends[1]}
    return known | table.too_tight(gone, informed=False)


def _is_small(cell: Cell, threshold: Threshold) -> bool:
    return cell.state == "open" and threshold.is_sensitive(cell.value)


def _nested(cells: Sequence[Cell], relations: Sequence[Relation], threshold: Threshold) -> set[str]:
    """Return the parts of sensitive totals, and the parts of these parts.

    A total is the only cell on the positive side of a relation: total − part − part … = 0.
    """
    by_key = {cell.key: cell for cell in cells}
    wholes: dict[str, list[str]] = {}
    for relation in relations:
        up = [key for key, sign in relation if sign > 0]
        if len(up) == 1:
            wholes.setdefault(up[0], []).extend(key for key, sign in relation if sign < 0)
    nested = {cell.key for cell in cells if cell.state == "nested"}
    waiting = [*nested, *(key for key in wholes if _is_small(by_key[key], threshold))]
    while waiting:
        for part in wholes.get(waiting.pop(), ()):
            cell = by_key[part]
            if part not in nested and cell.state == "open" and cell.value < threshold.least:
                nested.add(part)
                waiting.append(part)
    return nested


class _Table:
    """Cells and the relations among them, with the questions that suppression asks of them."""

    def __init__(
        self,
        cells: Sequence[Cell],
        relations: Sequence[Relation],
        threshold: Threshold,
        nested: AbstractSet[str],
    ) -> None:
        self.cells = {cell.key: cell for cell in cells}
        self.relations = relations
        self.threshold = threshold
        self.nested = nested
        self.revealed: set[str] = set()
        self._place = {key: number for number, key in enumerate(self.cells)}
        matrix = matrix_of(relations, self._place)
        # Up and down are two unknowns of each cell, since costs of a linear programme cannot fall below nothing.
        self._both = scipy.sparse.csr_matrix(scipy.sparse.hstack([matrix, -matrix]))
        self._values = np.array([cell.value for cell in self.cells.values()], dtype=float)
        self._costs = np.array(
            [cell.cost * (1 + log2(1 + cell.value) / 10) for cell in self.cells.values()], dtype=float
        )
        self._ranges = {informed: self._ranges_for(informed=informed) for informed in (False, True)}
        self._moves: dict[bool, tuple[Vector, Vector]] = {}
        self._neighbours: dict[str, set[str]] = {}
        self.forget_moves()

    def _ranges_for(self, *, informed: bool) -> tuple[Vector, Vector]:
        ends = [self.range_of(key, informed=informed) for key in self.cells]
        return np.array([low for low, _ in ends], float), np.array([high for _, high in ends], float)

    def forget_moves(self) -> None:
        """Forget how far cells were found to vary: cells were shown since, so the earlier findings do not hold."""
        nothing = np.zeros(len(self.cells))
        self._moves = {informed: (nothing.copy(), nothing.copy()) for informed in (False, True)}

    def is_hidden_for_itself(self, cell: Cell) -> bool:
        """Return whether a cell is hidden because of its own value or an earlier decision."""
        return (
            cell.state in ("hidden", "nested") or cell.key in self.nested or _is_small(cell, self.threshold)
        )

    def too_tight(self, hidden: set[str], *, informed: bool) -> dict[str, tuple[int, int]]:
        """Return the cells that a reader bounds too tightly, with the bounds."""
        unknown = [cell.key for cell in self.cells.values() if cell.key in hidden or cell.state == "implicit"]
        spans = np.array([self._span(key, informed=informed) for key in unknown], dtype=float)
        return self._too_tight(unknown, spans, informed=informed)

    def _too_tight(
        self, unknown: Sequence[str], spans: Vector, *, informed: bool
    ) -> dict[str, tuple[int, int]]:
        places = [self._place[key] for key in unknown]
        low, high = (ends[places] for ends in self._ranges[informed])
        matrix = matrix_of(self.relations, {key: number for number, key in enumerate(unknown)})
        found = System(self._values[places], low, high, matrix).too_tight(spans)
        return {unknown[place]: ends for place, ends in found.items()}

    def zeros_that_follow(self, hidden: set[str]) -> set[str]:
        """Return the undecided zeros that are hidden as parts of a sensitive whole, and that what is shown leaves no other value."""
        zeros = {
            key
            for key in hidden & self.nested
            if self.cells[key].state == "open" and not self.threshold.is_sensitive(self.cells[key].value)
        }
        if not zeros:
            return set()
        unknown = [cell.key for cell in self.cells.values() if cell.key in hidden or cell.state == "implicit"]
        spans = np.array([float(key in zeros) for key in unknown])
        # What is left has one value only; the span of all others is nothing, so they are not asked about.
        return self._too_tight(unknown, spans, informed=False).keys() & zeros

    def unprotectable(self, keys: AbstractSet[str], hidden: set[str]) -> set[str]:
        """Return the cells for which an informed reader excludes a value even if everything that may be hidden is hidden."""
        free = [key for key, is_free in zip(self.cells, self._free(hidden), strict=True) if is_free]
        places = [self._place[key] for key in free]
        low, high = (ends[places] for ends in self._ranges[True])
        matrix = matrix_of(self.relations, {key: number for number, key in enumerate(free)})
        system = System(self._values[places], low, high, matrix)
        whole = (system.low == low) & (system.high == high)
        return {key for key, is_whole in zip(free, whole, strict=True) if key in keys and not is_whole}

    def _free(self, hidden: set[str]) -> list[bool]:
        """Return for each cell whether its value may vary: readers do not see it, or it may be hidden."""
        return [
            cell.key in hidden or cell.state == "implicit" or self.may_hide(cell)
            for cell in self.cells.values()
        ]

    def is_only_a_partner(self, key: str) -> bool:
        """Return whether a cell would be hidden only to protect others, and was not hidden earlier."""
        cell = self.cells[key]
        return cell.state == "open" and cell.value >= self.threshold.least

    def may_hide(self, cell: Cell) -> bool:
        """Return whether hiding the cell is undecided and would protect others."""
        free = cell.state == "open" and cell.key not in self.revealed
        return free and self.threshold.may_partner(cell.value)

    def unavoidable(self) -> set[str]:
        """Return the cells that readers can bound too tightly even if every open cell is hidden."""
        everything = {
            cell.key
            for cell in self.cells.values()
            if cell.state not in ("shown", "implicit") and cell.key not in self.revealed
        }
        informed = self.too_tight(everything, informed=True)
        known = {key for key, (least, most) in informed.items() if least == most}
        return known | self.too_tight(everything, informed=False).keys()

    def ordered(self, keys: Iterable[str]) -> list[str]:
        """Return the keys with large values first: what protects a large cell often protects small ones too."""
        return sorted(keys, key=lambda key: (-self.cells[key].value, key))

    def range_of(self, key: str, *, informed: bool) -> tuple[int, int]:
        """Return the bounds that a reader knows of a hidden cell from the rule alone, without any other cell."""
        cell, threshold = self.cells[key], self.threshold
        if key in self.nested:
            # A part of a sensitive whole may be zero as well, so the floor of the rule does not hold for it.
            return 0, threshold.least - 1 if informed else cell.value + _FAR
        if cell.state == "implicit":
            return 0, cell.value + _FAR
        if not informed:
            return min(cell.value, threshold.floor), cell.value + _FAR
        if threshold.is_sensitive(cell.value):
            return threshold.floor, threshold.least - 1
        return min(cell.value, threshold.least), cell.value + _FAR

    def partners(self, key: str, hidden: set[str], *, informed: bool) -> set[str] | None:
        """Return the cheapest further cells to hide so that this one can take every value it should; None where none do."""
        value, (low, high) = self.cells[key].value, self.range_of(key, informed=informed)
        place, (down, up) = self._place[key], self._moves[informed]
        if informed:
            extra: set[str] = set()
            for shift in (high - value, low - value):
                if down[place] <= shift <= up[place]:
                    continue
                found = self._moved(key, shift, hidden | extra, informed=True)
                if found is None:
                    return None
                extra |= found[1]
                self._note(found[2], informed=True)
            return extra
        least = self.threshold.least
        if up[place] - down[place] >= least:
            return set()
        ways = [
            self._moved(key, shift, hidden, informed=False)
            for shift in (least, -least)
            if value + shift >= low
        ]
        possible = [way for way in ways if way is not None]
        if not possible:
            return None
        best = min(possible, key=lambda way: way[0])
        self._note(best[2], informed=False)
        return best[1]

    def _note(self, moved: Vector, *, informed: bool) -> None:
        """Store how far cells were found to vary: cells that varied far enough need no linear programme of their own."""
        down, up = self._moves[informed]
        np.minimum(down, moved, out=down)
        np.maximum(up, moved, out=up)

    def _span(self, key: str, *, informed: bool) -> int:
        """Return how far apart the bounds of a cell must be; 0 where the cell needs no protection.

        Of the counts that are never printed only those of a few persons need protection.
        """
        cell = self.cells[key]
        if key in self.nested and (informed or not cell.value):
            return self.threshold.least - 1 if cell.value else 0
        if informed:
            own = cell.state != "implicit" and self.threshold.is_sensitive(cell.value)
            return self.threshold.least - 1 - self.threshold.floor if own else 0
        # A count that is never printed is a danger only if it points at a few persons.
        if cell.state == "implicit" and not 0 < cell.value < self.threshold.least:
            return 0
        return self.threshold.least

    def _moved(
        self, key: str, shift: int, hidden: set[str], *, informed: bool
    ) -> tuple[float, set[str], Vector] | None:
        """Return the cost of making ``shift`` more possible for a cell, the cells to hide for it, and the change of every cell."""
        count, place = len(self._place), self._place[key]
        free, (low, high) = np.array(self._free(hidden)), self._ranges[informed]
        gone = np.array([cell.key in hidden or cell.state == "implicit" for cell in self.cells.values()])
        # Hidden cells cost nearly nothing, yet something: of equally cheap ways the one that moves fewer cells is
        # found.
        cost = np.where(gone, 1e-6, np.where(free, self._costs, 0))
        most = np.concatenate([(high - self._values) * free, (self._values - low) * free])
        least = np.zeros(2 * count)
        least[place] = most[place] = max(shift, 0)
        least[count + place] = most[count + place] = max(-shift, 0)
        zero = np.zeros(self._both.shape[0])
        done = scipy.optimize.milp(
            np.concatenate([cost, cost]),
            constraints=scipy.optimize.LinearConstraint(self._both, zero, zero) if len(zero) else None,
            bounds=scipy.optimize.Bounds(least, most),
        )
        if done.status != 0:
            return None
        moved = done.x[:count] - done.x[count:]
        used = np.abs(moved) > 1e-6
        more = {
            cell.key
            for at, cell in enumerate(self.cells.values())
            if used[at] and cell.state == "open" and cell.key not in hidden
        }
        return float(done.fun), more, np.round(moved, 6)

    def around(self, key: str, hidden: set[str]) -> set[str]:
        """Return the undecided cells next to this one: by a relation, or by relations through cells that are hidden."""
        reached, edge = {key}, {key}
        while edge:
            near = {other for name in edge for other in self._next_to(name)} - reached
            open_ones = {name for name in near - hidden if self.may_hide(self.cells[name])}
            if open_ones:
                return open_ones
            reached |= near
            edge = {name for name in near if name in hidden or self.cells[name].state == "implicit"}
        return set()

    def _next_to(self, key: str) -> set[str]:
        if not self._neighbours:
            for relation in self.relations:
                for name, _ in relation:
                    self._neighbours.setdefault(name, set()).update(other for other, _ in relation)
        return self._neighbours.get(key, set())
