"""The offset filter: only what comes next is applied, whatever the client hands over."""

from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kafka.offset_filter import OffsetFilter
from services.chassis.kafka.positions import Position

AT = ("t", 0)


def records(*offsets: int) -> list[ConsumerRecord[bytes, bytes]]:
    return [ConsumerRecord("t", 0, offset, 0, 0, b"k", b"{}", None, 1, 2, ()) for offset in offsets]


def cursor(next_offset: int) -> dict[tuple[str, int], Position]:
    return {AT: Position("log", next_offset)}


def test_what_was_applied_is_dropped_and_the_rest_kept() -> None:
    found = OffsetFilter("c", None).apply(records(3, 4, 5, 6), cursor(5))
    assert [item.offset for item in found.items] == [5, 6]
    assert not found.seek


def test_partitions_of_others_are_not_ours() -> None:
    assert OffsetFilter("c", None).apply(records(0, 1), {}).items == []


def test_a_gap_is_sought_once_and_then_believed() -> None:
    offsets = OffsetFilter("c", None)
    first = offsets.apply(records(9, 10), cursor(5))
    assert (first.items, first.seek) == ([], [AT])
    second = offsets.apply(records(9, 10), cursor(5))
    assert [item.offset for item in second.items] == [9, 10]


def test_a_log_that_ends_before_our_position_is_found_out() -> None:
    offsets = OffsetFilter("c", None)
    for _ in range(2):
        found = offsets.apply(records(0, 1), cursor(50))
        assert (found.items, found.seek, found.truncated) == ([], [AT], set())
    assert offsets.apply(records(0, 1), cursor(50)).truncated == {AT}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20, unique=True).map(sorted), st.integers(0, 30))
def test_nothing_before_the_position_is_ever_applied(offsets: list[int], position: int) -> None:
    found = OffsetFilter("c", None).apply(records(*offsets), cursor(position))
    assert all(item.offset >= position for item in found.items)
