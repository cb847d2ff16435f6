"""What a reader can compute about hidden cells: lower and upper bounds of whole numbers whose sums are known. Pure.

Example: A + B = 8 is shown, A and B are hidden, and readers know that each is from 1 to 4. Then both are 4, and hiding
them protected nothing. With A + B = 5 each may be any number from 1 to 4. A *table* here is one possible set of values of
all unknown cells with which every known sum is right.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import scipy  # loads its parts at their first use: they were a fifth of a process' start, and few processes solve
from numpy.typing import NDArray

Relation = tuple[tuple[str, int], ...]
"""Cells with their signs; their signed sum is a number that every reader knows."""
Vector = NDArray[np.float64]

_PASSES = 50
_TURNS = 12
_FEW = 3
_ROUGHLY = {"mip_rel_gap": 0.3, "node_limit": 20}  # limits of work, not of time: equal results everywhere


class System:
    """Unknown cells (numbered from 0: their *place*), the range [low, high] of each, and the relations with known sums."""

    def __init__(self, true: Vector, low: Vector, high: Vector, matrix: "scipy.sparse.csr_matrix") -> None:
        self._true, self._matrix = true, matrix
        self._sums = matrix @ true
        self.low, self.high = self._narrowed(low, high)

    def too_tight(self, spans: Vector) -> dict[int, tuple[int, int]]:
        """Return the cells whose possible values lie less than ``spans`` apart: place → least and greatest value found.

        A cell is left out only where two possible tables show values at least so far apart. A cell is returned only where a
        relation, or an integer programme that found no such table, shows that they do not.
        """
        least, most = self._witnessed(spans)
        parts = _Parts(self)
        found = {}
        for place in map(int, np.flatnonzero(most - least < spans)):
            span = spans[place]
            if most[place] - least[place] >= span:
                continue
            if self.high[place] - self.low[place] >= span or least[place] == most[place]:
                if self.high[place] > most[place]:
                    parts.widen(place, 1, least[place] + span, least, most)
                if most[place] - least[place] < span and self.low[place] < least[place]:
                    parts.widen(place, -1, None, least, most)
            if most[place] - least[place] < span:
                found[place] = (int(least[place]), int(most[place]))
        return found

    def part(self, places: NDArray[np.int64]) -> "System":
        """Return the system of some of the cells; every cell connected with one of them by a relation must be among them."""
        rows = np.flatnonzero(abs(self._matrix[:, places]).sum(axis=1))
        return System(self._true[places], self.low[places], self.high[places], self._matrix[rows][:, places])

    def labels(self) -> NDArray[np.int32]:
        """Return a number for each cell, the same for cells that relations connect."""
        return connected(self._matrix)

    def furthest(self, place: int, direction: int, limit: float | None) -> Vector:
        """Return a table in which the cell is as large (``direction`` 1) or as small (-1) as possible.

        Where ``limit`` is given, the cell need not be larger than that.
        """
        high = self.high.copy()
        if limit is not None:
            high[place] = min(high[place], max(limit, self._true[place]))
        goal = np.zeros(len(high))
        goal[place] = direction
        return self._table(goal, self.low, high)

    def _narrowed(self, low: Vector, high: Vector) -> tuple[Vector, Vector]:
        """Return narrower ranges: each relation limits its cells by the ranges of the others, until nothing changes."""
        matrix = self._matrix
        if not matrix.shape[0]:
            return low, high
        factors, cells, starts = matrix.data, matrix.indices, matrix.indptr[:-1]
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        sums, positive = self._sums[rows], factors > 0
        for _ in range(_PASSES):
            least = factors * np.where(positive, low[cells], high[cells])
            most = factors * np.where(positive, high[cells], low[cells])
            # The least and greatest value of each cell, given the ranges of the other cells of its relation.
            ends = (
                (sums - np.add.reduceat(most, starts)[rows] + most) / factors,
                (sums - np.add.reduceat(least, starts)[rows] + least) / factors,
            )
            lower, upper = low.copy(), high.copy()
            np.maximum.at(lower, cells, np.ceil(np.minimum(*ends)))
            np.minimum.at(upper, cells, np.floor(np.maximum(*ends)))
            if np.array_equal(low, lower) and np.array_equal(high, upper):
                break
            low, high = lower, upper
        return low, high

    def _witnessed(self, spans: Vector) -> tuple[Vector, Vector]:
        """Return for each cell the least and greatest value found in a few possible tables.

        Each table moves many cells at once, some up and some down: this shows most cells to be wide enough at little cost.
        """
        least, most = self._true.copy(), self._true.copy()
        able = self.high - self.low >= spans
        # A fixed seed: the same table must give the same release on every machine.
        toss = np.random.default_rng(len(spans))
        before, idle = len(spans), 0
        for _ in range(_TURNS):
            left = able & (most - least < spans)
            idle = idle + 1 if left.sum() > 0.9 * before else 0
            before = left.sum()
            if before < _FEW or idle > 1:
                break
            signs = toss.choice((-1.0, 1.0), len(spans))
            for sign in (1, -1):
                low = np.where(left, np.maximum(self.low, np.minimum(self._true, most - spans)), self.low)
                high = np.where(left, np.minimum(self.high, np.maximum(self._true, least + spans)), self.high)
                witness = self._table(np.where(left, sign * signs, 0.0), low, high, _ROUGHLY)
                least, most = np.minimum(least, witness), np.maximum(most, witness)
        return least, most

    def _table(
        self, goal: Vector, low: Vector, high: Vector, options: Mapping[str, float] | None = None
    ) -> Vector:
        """Return a table of whole numbers that fulfils the relations, with ``goal`` · table as large as the solver found.

        Where the solver finds none, the true table: it proves no other value, so the cell counts as known to readers.
        """
        if not self._matrix.shape[0]:
            return np.where(goal > 0, high, np.where(goal < 0, low, self._true))
        done = scipy.optimize.milp(
            -goal,
            constraints=scipy.optimize.LinearConstraint(self._matrix, self._sums, self._sums),
            # Counts of persons are whole numbers. With fractions allowed, bounds would look wider and safer than they are.
            integrality=np.ones(len(goal)),
            bounds=scipy.optimize.Bounds(low, high),
            options=options,
        )
        if done.x is None:
            return self._true
        table = np.round(done.x)
        # Solvers compute with rounding errors; only a table that fulfils every relation exactly is a proof.
        fits = (
            np.array_equal(self._matrix @ table, self._sums)
            and (low <= table).all()
            and (table <= high).all()
        )
        return table if fits else self._true


class _Parts:
    """A system divided into parts that no relation connects, so that each integer programme has one part only."""

    def __init__(self, whole: System) -> None:
        self._whole = whole
        self._labels: NDArray[np.int32] | None = None
        self._made: dict[int, tuple[NDArray[np.int64], System]] = {}

    def widen(self, place: int, direction: int, limit: float | None, least: Vector, most: Vector) -> None:
        """Update ``least`` and ``most`` by the table in which the cell is as large or as small as possible (`furthest`)."""
        if self._labels is None:
            self._labels = self._whole.labels()
        label = int(self._labels[place])
        if label not in self._made:
            places = np.flatnonzero(self._labels == label)
            self._made[label] = (places, self._whole.part(places))
        places, part = self._made[label]
        table = part.furthest(int(np.searchsorted(places, place)), direction, limit)
        least[places] = np.minimum(least[places], table)
        most[places] = np.maximum(most[places], table)


def groups(keys: Iterable[str], relations: Sequence[Relation]) -> list[tuple[list[str], list[Relation]]]:
    """Return the groups of cells that relations connect, each with its relations.

    Cells that are not among ``keys`` are known numbers; they are left out of the relations.
    """
    place = {key: column for column, key in enumerate(keys)}
    unknown = (tuple(part for part in relation if part[0] in place) for relation in relations)
    kept = [relation for relation in unknown if relation]
    labels = connected(matrix_of(kept, place))
    found: dict[int, tuple[list[str], list[Relation]]] = {}
    for key, column in place.items():
        found.setdefault(labels[column], ([], []))[0].append(key)
    for relation in kept:
        found[labels[place[relation[0][0]]]][1].append(relation)
    return list(found.values())


def connected(matrix: "scipy.sparse.csr_matrix") -> NDArray[np.int32]:
    """Return a number for each cell (column), the same for cells that relations (rows) connect."""
    graph = scipy.sparse.bmat([[None, matrix.T], [matrix, None]])
    labels: NDArray[np.int32] = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
    return labels[: matrix.shape[1]]


def matrix_of(relations: Sequence[Relation], place: Mapping[str, int]) -> "scipy.sparse.csr_matrix":
    """Return a matrix of signs: one row for each relation, one column for each cell in ``place``.

    A relation without any of these cells has no row.
    """
    rows, columns, signs, count = [], [], [], 0
    for relation in relations:
        known = [(place[key], sign) for key, sign in relation if key in place]
        for column, sign in known:
            rows.append(count)
            columns.append(column)
            signs.append(float(sign))
        count += bool(known)
    return scipy.sparse.csr_matrix((signs, (rows, columns)), shape=(count, len(place)))
