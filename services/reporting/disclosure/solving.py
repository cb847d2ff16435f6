"""What a reader can work out: bounds of unknown whole numbers that hang together by sums he knows. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_matrix
from scipy.sparse.csgraph import connected_components

Relation = tuple[tuple[str, int], ...]
"""Cells with their signs; their signed sum is a number that every reader knows."""
Vector = NDArray[np.float64]

_PASSES = 50
_TURNS = 12
_FEW = 3
_ROUGHLY = {"mip_rel_gap": 0.3, "node_limit": 20}  # bounds of work, not of time: the same everywhere


class System:
    """Unknown cells, what each may be, and their relations with the sums that readers see."""

    def __init__(self, true: Vector, low: Vector, high: Vector, matrix: csr_matrix) -> None:
        self._true, self._matrix = true, matrix
        self._sums = matrix @ true
        self.low, self.high = self._narrowed(low, high)

    def too_tight(self, spans: Vector) -> dict[int, tuple[int, int]]:
        """Return the cells, by place, whose bounds are less than ``spans`` apart, with the values that tables show them to have.

        Exact: what is wide is witnessed by whole tables, what is tight is proven by a relation or an integer programme. A
        cell with one value only has no other.
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
        """Return the system of some cells, in which all that hangs together with any of them is."""
        rows = np.flatnonzero(abs(self._matrix[:, places]).sum(axis=1))
        return System(self._true[places], self.low[places], self.high[places], self._matrix[rows][:, places])

    def labels(self) -> NDArray[np.int32]:
        """Return a number for each cell, the same for those that hang together."""
        return connected(self._matrix)

    def furthest(self, place: int, direction: int, limit: float | None) -> Vector:
        """Return a table with the cell as far up or down as it may be, up at most to ``limit``."""
        high = self.high.copy()
        if limit is not None:
            high[place] = min(high[place], max(limit, self._true[place]))
        goal = np.zeros(len(high))
        goal[place] = direction
        return self._table(goal, self.low, high)

    def _narrowed(self, low: Vector, high: Vector) -> tuple[Vector, Vector]:
        """What each relation by itself leaves of the ranges, again and again."""
        matrix = self._matrix
        if not matrix.shape[0]:
            return low, high
        factors, cells, starts = matrix.data, matrix.indices, matrix.indptr[:-1]
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        sums, positive = self._sums[rows], factors > 0
        for _ in range(_PASSES):
            least = factors * np.where(positive, low[cells], high[cells])
            most = factors * np.where(positive, high[cells], low[cells])
            # What the other cells of the row leave to each.
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
        """Bounds that a few tables witness in which many cells move at once, some up and some down."""
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
        """A whole table that fits the relations and has as much of the goal as was found.

        Where none was found the true one: what is not solved is not proven, and then a cell counts as known.
        """
        if not self._matrix.shape[0]:
            return np.where(goal > 0, high, np.where(goal < 0, low, self._true))
        done = milp(
            -goal,
            constraints=LinearConstraint(self._matrix, self._sums, self._sums),
            # Persons are whole: bounds over fractions would look wider, and so safer, than they are.
            integrality=np.ones(len(goal)),
            bounds=Bounds(low, high),
            options=options,
        )
        if done.x is None:
            return self._true
        table = np.round(done.x)
        # Solvers work with fractions and small errors; only a table that fits exactly proves anything.
        fits = (
            np.array_equal(self._matrix @ table, self._sums)
            and (low <= table).all()
            and (table <= high).all()
        )
        return table if fits else self._true


class _Parts:
    """A system in parts that do not hang together: a programme about one cell needs no more than its part."""

    def __init__(self, whole: System) -> None:
        self._whole = whole
        self._labels: NDArray[np.int32] | None = None
        self._made: dict[int, tuple[NDArray[np.int64], System]] = {}

    def widen(self, place: int, direction: int, limit: float | None, least: Vector, most: Vector) -> None:
        """Let ``least`` and ``most`` have what a table with the cell furthest up or down shows."""
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
    """Return the cells that hang together, with the relations among them; everybody knows all other cells' numbers."""
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


def connected(matrix: csr_matrix) -> NDArray[np.int32]:
    """Return a number for each cell (column), the same for those that relations (rows) hang together."""
    graph = bmat([[None, matrix.T], [matrix, None]])
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels[: matrix.shape[1]]


def matrix_of(relations: Sequence[Relation], place: Mapping[str, int]) -> csr_matrix:
    """Return the relations as rows over the cells that have a place; those without any are left out."""
    rows, columns, signs, count = [], [], [], 0
    for relation in relations:
        known = [(place[key], sign) for key, sign in relation if key in place]
        for column, sign in known:
            rows.append(count)
            columns.append(column)
            signs.append(float(sign))
        count += bool(known)
    return csr_matrix((signs, (rows, columns)), shape=(count, len(place)))
