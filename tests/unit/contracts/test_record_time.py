"""The rules of record time, held against what they mean at each single instant."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.record_time import FOREVER, in_force, newest, settle, supersedes

T0 = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A version as an event told it; one event id tells one thing."""

    event_id: UUID
    sequence: int
    recorded_at: datetime


def told(event: int, sequence: int, day: int) -> Told:
    return Told(UUID(int=event), sequence, T0 + timedelta(days=day))


VERSIONS = st.lists(
    st.builds(told, st.integers(1, 99), st.integers(1, 5), st.integers(0, 9)),
    max_size=12,
    unique_by=lambda version: version.event_id,
)


@given(VERSIONS)
def test_at_every_instant_the_highest_sequence_recorded_by_then_counts(versions: list[Told]) -> None:
    settled = settle(versions)
    for day in range(11):
        moment = T0 + timedelta(days=day)
        known = [version for version in settled if version.recorded_at <= moment]
        expected = max(known, key=lambda version: version.sequence, default=None)
        holding = [version for version, since, until in in_force(settled) if since <= moment < until]
        assert holding == ([] if expected is None else [expected])
        assert newest(known) == expected


@given(VERSIONS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_what_counts(versions: list[Told], random: Random) -> None:
    again = [*versions, *versions[::2]]
    random.shuffle(again)
    assert settle(again) == settle(versions)
    assert newest(again) == newest(versions)


@given(VERSIONS)
def test_of_one_sequence_the_smallest_event_id_counts(versions: list[Told]) -> None:
    for version in settle(versions):
        twins = [other.event_id for other in versions if other.sequence == version.sequence]
        assert version.event_id == min(twins)


@given(VERSIONS)
def test_of_two_versions_exactly_one_counts(versions: list[Told]) -> None:
    for one in versions:
        for other in versions:
            assert supersedes(one, other) + supersedes(other, one) == (one != other)


@given(VERSIONS)
def test_what_is_known_has_no_gap_and_no_end(versions: list[Told]) -> None:
    stretches = in_force(settle(versions))
    assert [until for _, _, until in stretches[:-1]] == [since for _, since, _ in stretches[1:]]
    assert [until for _, _, until in stretches[-1:]] == [FOREVER] * bool(versions)
