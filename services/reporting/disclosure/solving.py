"""What a reader can work out: bounds of unknown whole numbers that hang together by sums he knows. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

Relation = tuple[tuple[str, int], ...]
"""Cells with their signs; their signed sum is a number that every reader knows."""


class System:
    """Unknown cells that hang together, what each may be, and their relations with the sums that readers see."""

    def __init__(
        self,
        keys: list[str],
        values: Mapping[str, int],
        ranges: Mapping[str, tuple[int, int]],
        relations: Sequence[Relation],
    ) -> None:
        self.keys = keys
        self._true = np.array([values[key] for key in keys], dtype=float)
        self._low = np.array([ranges[key][0] for key in keys], dtype=float)
        self._high = np.array([ranges[key][1] for key in keys], dtype=float)
        self._matrix = matrix_of(relations, {key: number for number, key in enumerate(keys)})
        self._sums = self._matrix @ self._true

    def too_tight(self, wanted: Mapping[str, int]) -> dict[str, tuple[int, int]]:
        """The cells whose bounds are less than ``wanted`` apart, with their bounds."""
        least, most = self._true.copy(), self._true.copy()
        found = {}
        for place, key in enumerate(self.keys):
            span = wanted.get(key, 0)
            for direction in (1, -1):
                if most[place] - least[place] >= span:
                    break
                limit = least[place] + span if direction == 1 else None
                witness = self._solve(place, direction, limit)
                least, most = np.minimum(least, witness), np.maximum(most, witness)
            if most[place] - least[place] < span:
                found[key] = (int(least[place]), int(most[place]))
        return found

    def _solve(self, place: int, direction: int, limit: float | None) -> NDArray[np.float64]:
        high = self._high.copy()
        if limit is not None:
            high[place] = min(high[place], max(limit, self._true[place]))
        if self._matrix.shape[0] == 0:
            alone = self._true.copy()
            alone[place] = high[place] if direction == 1 else self._low[place]
            return alone
        goal = np.zeros(len(self.keys))
        goal[place] = -direction
        done = milp(
            goal,
            constraints=LinearConstraint(self._matrix, self._sums, self._sums),
            integrality=np.ones(len(self.keys)),
            bounds=Bounds(self._low, high),
        )
        # Not solved is not proven: then only the true table is sure, and the cell counts as known.
        return self._true if done.x is None else np.round(done.x)


def split(
    values: Mapping[str, int], ranges: Mapping[str, tuple[int, int]], relations: Sequence[Relation]
) -> list[System]:
    """Systems by connected unknowns: what is shown separates them."""
    root = {key: key for key in values}

    def top(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    kept: list[Relation] = []
    for relation in relations:
        unknown = tuple((key, sign) for key, sign in relation if key in values)
        if unknown:
            kept.append(unknown)
            for key, _ in unknown[1:]:
                root[top(key)] = top(unknown[0][0])
    members: dict[str, list[str]] = {}
    for key in values:
        members.setdefault(top(key), []).append(key)
    owned: dict[str, list[Relation]] = {}
    for relation in kept:
        owned.setdefault(top(relation[0][0]), []).append(relation)
    return [System(keys, values, ranges, owned.get(name, ())) for name, keys in members.items()]


def matrix_of(relations: Sequence[Relation], place: Mapping[str, int]) -> csr_matrix:
    rows, columns, signs = [], [], []
    for number, relation in enumerate(relations):
        for key, sign in relation:
            rows.append(number)
            columns.append(place[key])
            signs.append(float(sign))
    return csr_matrix((signs, (rows, columns)), shape=(len(relations), len(place)))
