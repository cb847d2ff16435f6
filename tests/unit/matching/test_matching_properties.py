"""Whatever happened to a list, a match finds exactly that: judged by the generator that made it happen."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.model import Kind
from tests.support.lists import CHANGES, UNITS, case_of, listed, person
from tests.unit.matching.in_memory import found, match_in_memory

# One kept person per unit, so that no unit is missing from the list by accident.
KEPT = ["kept"] * len(UNITS)
changes = st.lists(st.sampled_from(sorted(CHANGES)), max_size=25)
seeds = st.integers(0, 10_000)
people = st.lists(st.integers(1, 400), unique=True, max_size=20)


@settings(max_examples=150, deadline=None)
@given(changes, seeds)
def test_a_changed_list_is_told_apart_exactly(names: list[str], seed: int) -> None:
    case = case_of(KEPT + names, seed)
    matched = match_in_memory("registry", case.register, case.listed)
    assert found(matched) == case.expected
    assert (matched.theirs, matched.ours, matched.in_both) == (case.theirs, case.ours, case.in_both)


@settings(max_examples=40, deadline=None)
@given(people, seeds)
def test_a_register_held_against_itself_is_the_same_on_both_sides(numbers: list[int], seed: int) -> None:
    rows = [person(number, random.Random(seed + number)) for number in numbers]
    matched = match_in_memory("registry", rows, [listed(row) for row in rows])
    assert matched.items == []
    assert matched.in_both == matched.ours == matched.theirs == len(rows)
    assert matched.people is not None
    assert (matched.people.theirs, matched.people.ours, matched.people.in_both) == (len(rows),) * 3


@settings(max_examples=60, deadline=None)
@given(changes, seeds, st.randoms(use_true_random=False))
def test_every_row_and_every_record_is_in_exactly_one_place_in_any_order_of_the_list(
    names: list[str], seed: int, shuffled: Any
) -> None:
    """Which of two duplicates comes first may change what is called the duplicate, never how many there are."""
    case = case_of(KEPT + names, seed)
    shuffled.shuffle(case.listed)
    matched = match_in_memory("registry", case.register, case.listed)
    kinds: tuple[Kind, ...] = ("different", "only_theirs", "only_ours")
    expected = {kind: sum(each.kind == kind for each in case.expected) for kind in kinds}
    assert {kind: matched.count(kind) for kind in kinds} == expected
    assert matched.theirs == matched.in_both + expected["different"] + expected["only_theirs"]
    assert matched.ours == matched.in_both + expected["different"] + expected["only_ours"]


@settings(max_examples=60, deadline=None)
@given(changes, seeds)
def test_what_only_the_list_has_is_what_only_the_register_has_when_the_sides_are_exchanged(
    names: list[str], seed: int
) -> None:
    """For plain losses and additions: nobody is lost by looking from the other side."""
    rng = random.Random(seed)
    rows = [person(number, rng) for number in range(1, len(names) + 4)]
    left = [row for row in rows if rng.random() < 0.7]
    right = [row for row in rows if rng.random() < 0.7]
    one = match_in_memory("registry", left, [listed(row) for row in right])
    other = match_in_memory("registry", right, [listed(row) for row in left])
    assert (one.in_both, one.count("only_theirs"), one.count("only_ours")) == (
        other.in_both,
        other.count("only_ours"),
        other.count("only_theirs"),
    )
