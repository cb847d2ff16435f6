"""Steps from a stock as known then to the same as known now: they add up, whatever was linked, lost or found."""

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.checks.restated import compare

states = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 4))


@given(then=states, now=states)
def test_the_steps_lead_from_then_to_now(then: dict[str, int], now: dict[str, int]) -> None:
    before: dict[str, Hashable] = dict(then)
    after: dict[str, Hashable] = dict(now)
    found = compare(before, after)
    assert (found.then, found.now) == (len(set(then.values())), len(set(now.values())))
    assert min(found.withdrawn, found.linked, found.separated, found.late) >= 0


def test_a_link_and_a_separation_are_two_steps_even_where_they_cancel() -> None:
    found = compare({"a": 1, "b": 2, "c": 3, "d": 3}, {"a": 1, "b": 1, "c": 3, "d": 4})
    assert (found.then, found.linked, found.separated, found.now) == (3, 1, 1, 3)
    assert (found.records["linked"], found.records["separated"]) == (["a", "b"], ["c", "d"])


def test_a_record_that_counts_somebody_already_counted_adds_nobody() -> None:
    found = compare({"a": 1}, {"a": 1, "b": 1})
    assert (found.late, found.records["late"]) == (0, ["b"])
