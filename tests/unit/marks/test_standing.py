"""What stands of a line after its marks, in whatever order they were told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from services.marks.standing import (
    Kind,
    Mark,
    MarkedLines,
    is_wanted,
    standing_of,
)

DAY = date(2024, 5, 1)
TOLD = datetime(2024, 6, 1, tzinfo=UTC)


def mark(number: int, kind: Kind, on: date = DAY, to_unit: str | None = None) -> Mark:
    told = TOLD + timedelta(hours=number)
    nobody = frozenset[str]()
    return Mark(
        UUID(int=number), "line", frozenset(), nobody, kind, to_unit, None, on, told, "an", "health:30"
    )


def test_a_line_without_marks_is_open_and_nobodys() -> None:
    standing = standing_of([])
    assert (standing.state, standing.to_unit, standing.to_person, standing.mark) == ("open", None, None, None)


def test_the_latest_mark_makes_the_state_and_notes_make_none() -> None:
    # Given a line that was assigned, done and noted, told in any order
    marks = [mark(1, "assigned", to_unit="health:288"), mark(2, "done"), mark(3, "note")]
    for order in permutations(marks):
        # Then it is done, and still with whom it was assigned to
        standing = standing_of(order)
        assert (standing.state, standing.to_unit) == ("done", "health:288")
        assert standing.mark == marks[1]


def test_a_mark_of_an_earlier_day_told_later_does_not_win() -> None:
    assert standing_of([mark(1, "done"), mark(2, "disputed", date(2024, 4, 1))]).state == "done"


@pytest.mark.parametrize(
    ("kinds", "lists"),
    [
        ((), {"open"}),
        (("assigned",), {"open", "mine", "assigned"}),
        (("assigned", "done"), {"done"}),
        (("assigned", "disputed"), {"open", "mine", "disputed"}),
        (("assigned", "done", "open"), {"open", "mine"}),
        (("note",), {"open"}),
    ],
)
def test_a_line_is_on_the_lists_that_its_marks_say(kinds: tuple[Kind, ...], lists: set[str]) -> None:
    standing = standing_of(
        mark(number, kind, to_unit="health:288" if kind == "assigned" else None)
        for number, kind in enumerate(kinds)
    )
    found = {
        wanted
        for wanted in ("open", "mine", "assigned", "done", "disputed")
        if is_wanted(standing, wanted, "health:288", "binh")
    }
    assert found == lists
    assert not is_wanted(standing, "mine", "health:290", "chi")


def on(number: int, subject: str, *records: int) -> Mark:
    made = mark(number, "note")
    return replace(made, subject=subject, records=frozenset(UUID(int=record) for record in records))


def test_a_persons_line_has_the_marks_of_its_records_and_other_lines_those_of_their_subject() -> None:
    # Given marks of one person under two names, and of somebody else
    marks = [on(1, "S1", 1), on(2, "S2", 1, 2), on(3, "T", 3)]
    # Then the line of the person has both, in whatever name it is found, and is one line under the last of them
    persons = MarkedLines(marks, persons=True)
    for subject in ("S1", "S2", "another"):
        assert persons.on(subject, [UUID(int=1)]) == marks[:2]
    assert persons.by_line() == {"S2": marks[:2], "T": marks[2:]}
    # And where lines are not of persons, each subject has its own
    others = MarkedLines(marks, persons=False)
    assert others.on("S2", [UUID(int=1)]) == [marks[1]]
    assert list(others.by_line()) == ["S1", "S2", "T"]


def test_a_single_record_in_a_list_of_persons_is_a_line_of_its_own() -> None:
    # Given a balance that lists a person with a record, and the record itself
    record = str(UUID(int=1))
    marks = [on(1, "S1", 1), on(2, record, 1)]
    marked = MarkedLines(marks, persons=True)
    # Then neither has the marks of the other
    assert marked.on("S1", [UUID(int=1)]) == [marks[0]]
    assert marked.on(record, [UUID(int=1)]) == [marks[1]]
