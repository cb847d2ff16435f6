"""The steps of a report: whatever is done to it in whatever order, held against a plain model of what may follow on what."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.marks import writes_identity_number
from services.reporting.documents.composing.domain import (
    Act,
    Command,
    Conflict,
    Step,
    Texts,
    Unchanged,
    decide,
    possible,
    sent,
    state_of,
    texts_of,
)

SOURCE = UUID(int=7)
START = datetime(2024, 1, 14, 2, tzinfo=UTC)
FOLLOWS = {
    ("draft", "written"): "draft",
    ("draft", "taken_over"): "draft",
    ("draft", "submitted"): "submitted",
    ("submitted", "recalled"): "draft",
    ("submitted", "approved"): "approved",
    ("submitted", "returned"): "returned",
    ("returned", "written"): "returned",
    ("returned", "taken_over"): "returned",
    ("returned", "submitted"): "submitted",
}
"""State and act → the state that follows; nothing else may be done."""
commands = st.lists(
    st.tuples(
        st.sampled_from(get_args(Act)),
        st.sampled_from(("an", "binh")),
        st.sampled_from(("", "Số vụ tăng.", "Số vụ giảm.")),
        st.integers(-1, 1),
    ),
    max_size=12,
)


@given(commands)
def test_a_report_goes_only_where_its_state_allows_and_what_was_sent_stays_as_it_was_sent(
    given_: list[tuple[Act, str, str, int]],
) -> None:
    steps: list[Step] = []
    state, texts = "draft", Texts()
    for at, (act, by, remarks, behind) in enumerate(given_):
        # When somebody acts on what they were shown, which may be older or newer than what stands
        seen = len(steps) + behind
        now = START + timedelta(minutes=at)
        command = Command(act, by, "committee:288", seen, Texts(remarks=remarks), reason="vì", source=SOURCE)
        found = decide(steps, command, now, START)
        # Then only an act on the last step that the state allows adds a step
        follows = FOLLOWS.get((state, act))
        # And texts of an edition before only begin a report that has none
        if act == "taken_over" and texts != Texts():
            follows = None
        if isinstance(found, Step):
            assert behind == 0
            assert follows is not None
            assert found.state == follows
            assert (found.number, found.at, found.by) == (len(steps) + 1, now, by)
            if act in ("written", "taken_over"):
                texts = Texts(remarks=remarks)
            assert found.source == (SOURCE if act == "taken_over" else None)
            state = follows
            steps.append(found)
        elif isinstance(found, Conflict):
            assert behind != 0 or follows is None
            assert found.last == (steps[-1] if steps else None)
        else:
            same_text = behind == 0 and act == "written" and Texts(remarks=remarks) == texts
            assert same_text or (behind == -1 and (steps[-1].act, steps[-1].by) == (act, by))
        # And the texts change by writing, or by beginning with those of before, alone
        assert (state_of(steps), texts_of(steps)) == (state, texts)
        assert set(possible(state_of(steps))) == {one for held, one in FOLLOWS if held == state}
        frozen = sent(steps)
        assert (frozen is None) == (state not in ("submitted", "approved"))
        assert frozen is None or (frozen.texts == texts and frozen.known_at == START)


def test_a_command_that_is_sent_twice_is_one_step() -> None:
    command = Command("written", "an", "committee:288", 0, Texts(remarks="Số vụ tăng."))
    first = decide([], command, START, None)
    assert isinstance(first, Step)
    assert isinstance(decide([first], command, START, None), Unchanged)
    # Somebody else's, or other words, are no repetition
    other = Command("written", "binh", "committee:288", 0, Texts(remarks="Số vụ tăng."))
    assert decide([first], other, START, None) == Conflict("report_changed", first)


def test_numbers_of_persons_are_told_from_the_numbers_that_reports_are_full_of() -> None:
    for written in (
        "Anh A, CCCD 030090001234",
        "số 030 090 001 234",
        "CMND 142.345.678",
        "142-345-678 đã ghi",
    ):
        assert writes_identity_number(written), written
    for plain in (
        "thiệt hại 150.000.000 đồng; năm trước 1.500.000.000 đồng",
        "78,3%; 51,3%; 12,4%",
        "năm 2021: 12; 2022: 15; 2023: 20",
        "từ 15/12/2022 đến 14/12/2023, điện thoại 0912 345 678",
    ):
        assert not writes_identity_number(plain), plain
