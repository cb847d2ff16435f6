"""What is remembered of a state is worked out once; of another state, and of another question, anew."""

from datetime import UTC, datetime, timedelta

from services.reporting.figures import Remembered, Watermark, knowledge

LAST = datetime(2024, 1, 5, 2, tzinfo=UTC)
STATE = Watermark(1, 7, LAST - timedelta(days=300), LAST)
FOLDED = Watermark(1, 8, LAST - timedelta(days=300), LAST)


class Counting:
    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        return self.made


async def test_a_result_is_made_once_for_a_state_and_anew_when_something_was_folded() -> None:
    kept, make = Remembered(), Counting()
    assert [await kept.get(STATE, "a", make), await kept.get(STATE, "a", make)] == [1, 1]
    assert await kept.get(FOLDED, "a", make) == 2
    assert await kept.get(FOLDED, "b", make) == 3


async def test_the_longest_unused_result_makes_room() -> None:
    kept, make = Remembered(most=2), Counting()
    for asked in ("a", "b", "a", "c", "a"):
        await kept.get(STATE, asked, make)
    assert make.made == 3
    assert await kept.get(STATE, "b", make) == 4


def test_instants_after_all_that_is_known_differ_by_their_day_alone() -> None:
    # 5 January, 09:00 and 12:00 in Vietnam; and the day after
    assert knowledge(STATE, LAST) == knowledge(STATE, LAST + timedelta(hours=3))
    assert knowledge(STATE, LAST) != knowledge(STATE, LAST + timedelta(days=1))
    earlier = LAST - timedelta(seconds=1)
    assert knowledge(STATE, earlier) != knowledge(STATE, earlier - timedelta(seconds=1))
