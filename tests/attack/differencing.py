"""Which hidden counts follow from all that one outsider is told: one system of whole numbers, solved cell by cell.

The attacker is a program of its own. He knows what adds up to what, and even by how much each sum fails to hold (persons
in two places), which no reader does; so what he cannot find nobody can.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_matrix
from scipy.sparse.csgraph import connected_components

from tests.attack.releases import Cell

Relation = Sequence[tuple[Cell, int]]
"""Cells with their signs, whose signed sum the attacker knows."""
_FAR = 1_000
_OPEN = 2  # a cell with values so far apart is neither known nor narrowed to two
_ROUGHLY = {"mip_rel_gap": 0.3, "node_limit": 20}


@dataclass(frozen=True)
class Attacked:
    """What became of the cells that were tried: those with one value left, and those with two."""

    tried: list[Cell] = field(default_factory=list)
    recovered: list[Cell] = field(default_factory=list)
    narrowed: list[Cell] = field(default_factory=list)


def attack(
    values: Mapping[Cell, int],
    known: Collection[Cell],
    targets: Collection[Cell],
    relations: Sequence[Relation],
    ranges: Mapping[Cell, tuple[int, int | None]],
) -> Attacked:
    """Return which of the ``targets`` have one value only, or two, in all tables that fit what is ``known``.

    ``values`` are the true counts, of which only those of known cells and the sums of relations are used as knowledge;
    ``ranges`` the least and the most that a hidden cell can be by the rule that hides it, where that is not 0 and anything.
    """
    hidden = [cell for cell in values if cell not in known]
    place = {cell: number for number, cell in enumerate(hidden)}
    tried = sorted(cell for cell in targets if cell in place)
    unknown = ([(place[cell], sign) for cell, sign in relation if cell in place] for relation in relations)
    matrix = _matrix([row for row in unknown if row], len(hidden))
    true = np.array([values[cell] for cell in hidden], dtype=float)
    ends = [ranges.get(cell, (0, None)) for cell in hidden]
    low = np.minimum(true, [least for least, _ in ends])
    high = np.maximum(true, [_FAR if most is None else most for _, most in ends])
    width = np.zeros(len(hidden))
    for cells, system in _parts(matrix, true, low, high):
        asked = np.isin(cells, [place[cell] for cell in tried])
        width[cells] = system.widths(asked)
    return Attacked(
        tried,
        [cell for cell in tried if width[place[cell]] == 0],
        [cell for cell in tried if width[place[cell]] == 1],
    )


def _matrix(rows: Sequence[Sequence[tuple[int, int]]], columns: int) -> csr_matrix:
    return csr_matrix(
        (
            [float(sign) for row in rows for _, sign in row],
            (
                [number for number, row in enumerate(rows) for _ in row],
                [at for row in rows for at, _ in row],
            ),
        ),
        shape=(len(rows), columns),
    )


def _parts(
    matrix: csr_matrix, true: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Iterator[tuple[np.ndarray, "_System"]]:
    """The cells that hang together, each lot with its own relations."""
    graph = bmat([[None, matrix.T], [matrix, None]]) if matrix.shape[0] else csr_matrix((len(true),) * 2)
    labels = connected_components(graph, directed=False)[1][: len(true)]
    for label in np.unique(labels):
        cells = np.flatnonzero(labels == label)
        rows = np.flatnonzero(abs(matrix[:, cells]).sum(axis=1))
        yield cells, _System(matrix[rows][:, cells], true[cells], low[cells], high[cells])


class _System:
    """Whole numbers within ranges, some sums of which are known."""

    def __init__(self, matrix: csr_matrix, true: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self._matrix, self._sums = matrix, matrix @ true
        self._true, self._low, self._high = true, low, high
        self._least, self._most = true.copy(), true.copy()

    def widths(self, asked: np.ndarray) -> np.ndarray:
        """How far apart two values of a cell were seen; of those asked for exact below `_OPEN`."""
        self._many_at_once(asked)
        for at in map(int, np.flatnonzero(asked)):
            for direction in (1, -1):
                if self._most[at] - self._least[at] < _OPEN:
                    self._one(at, direction)
        widths: np.ndarray = self._most - self._least
        return widths

    def _many_at_once(self, asked: np.ndarray) -> None:
        """Tables in which many cells move together, some up and some down: they show most cells to be open."""
        toss = np.random.default_rng(len(asked))
        for _ in range(8):
            left = asked & (self._most - self._least < _OPEN)
            if left.sum() < 4:
                return
            goal = np.where(left, toss.choice((-1.0, 1.0), len(left)), 0.0)
            for sign in (1, -1):
                near = (
                    np.where(left, self._true + _OPEN, self._high),
                    np.where(left, self._true - _OPEN, self._low),
                )
                self._note(
                    sign * goal, np.maximum(self._low, near[1]), np.minimum(self._high, near[0]), _ROUGHLY
                )

    def _one(self, at: int, direction: int) -> None:
        """A table with the cell as small (1) or as large (-1) as it can be; it need not be by more than what matters."""
        goal, low, high = np.zeros(len(self._true)), self._low.copy(), self._high.copy()
        goal[at] = direction
        low[at], high[at] = max(low[at], self._true[at] - _OPEN), min(high[at], self._true[at] + _OPEN)
        self._note(goal, low, high, None)

    def _note(
        self, goal: np.ndarray, low: np.ndarray, high: np.ndarray, limits: Mapping[str, float] | None
    ) -> None:
        done = milp(
            goal,
            integrality=np.ones(len(goal)),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(self._matrix, self._sums, self._sums) if len(self._sums) else None,
            options=limits,
        )
        # A search that was cut short may have found nothing; one that was not must, since the true table is one.
        assert done.x is not None or limits is not None, done.message
        if done.x is not None:
            table = np.round(done.x)
            assert np.array_equal(self._matrix @ table, self._sums)
            self._least, self._most = np.minimum(self._least, table), np.maximum(self._most, table)
