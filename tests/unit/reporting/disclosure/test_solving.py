"""What can be worked out of sums, against plain enumeration of every table there is."""

from itertools import product
from random import Random

import numpy as np
import pytest

from services.reporting.disclosure.solving import Relation, System, groups, matrix_of


def every_table(
    true: list[int], ranges: list[tuple[int, int]], relations: list[Relation]
) -> list[tuple[int, ...]]:
    """All whole tables in the ranges in which every relation comes to what it comes to in the true one."""

    def sums(values: tuple[int, ...]) -> list[int]:
        return [sum(sign * values[int(key)] for key, sign in relation) for relation in relations]

    seen = sums(tuple(true))
    return [
        table for table in product(*(range(low, high + 1) for low, high in ranges)) if sums(table) == seen
    ]


@pytest.mark.parametrize("seed", range(60))
def test_a_cell_is_too_tight_exactly_where_all_tables_say_so(seed: int) -> None:
    rng = Random(seed)
    count = rng.randrange(2, 6)
    true = [rng.randrange(6) for _ in range(count)]
    ranges = [(rng.randrange(value + 1), value + rng.randrange(5)) for value in true]
    relations: list[Relation] = [
        tuple(
            (str(key), rng.choice((1, -1)))
            for key in sorted(rng.sample(range(count), rng.randrange(1, count + 1)))
        )
        for _ in range(rng.randrange(4))
    ]
    span = rng.randrange(1, 7)
    low, high = (np.array(ends, dtype=float) for ends in zip(*ranges, strict=True))
    matrix = matrix_of(relations, {str(key): key for key in range(count)})
    system = System(np.array(true, dtype=float), low, high, matrix)
    found = system.too_tight(np.full(count, float(span)))
    tables = every_table(true, ranges, relations)
    for cell in range(count):
        values = {table[cell] for table in tables}
        assert (cell in found) == (max(values) - min(values) < span), cell
        if cell in found:
            least, most = found[cell]
            assert {least, most} <= values
            assert (least == most) == (len(values) == 1), "one value only where there is no other"


def test_what_is_shown_separates_what_is_not() -> None:
    relations: list[Relation] = [(("all", 1), ("a", -1), ("b", -1)), (("b", 1), ("c", -1), ("d", -1))]
    apart = groups(["a", "c", "d"], relations)
    assert [keys for keys, _ in apart] == [["a"], ["c", "d"]]
    assert [owned for _, owned in apart] == [[(("a", -1),)], [(("c", -1), ("d", -1))]]
    assert [keys for keys, _ in groups(["a", "b", "c", "d"], relations)] == [["a", "b", "c", "d"]]
