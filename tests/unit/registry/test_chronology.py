"""When each milestone of a record was believed: the stretches say at every instant what the version in force then says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.registry.chronology.domain import Belief, Milestone, Stated, beliefs, of_register_row, of_shared

START = datetime(2024, 1, 1, tzinfo=UTC)
MILESTONES = tuple(Milestone("arrests", "arrested_on", f"2023-02-{day:02}") for day in range(1, 4))


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


versions = st.lists(
    st.tuples(st.integers(0, 9), st.sets(st.sampled_from(MILESTONES))), min_size=1, max_size=6
).map(
    lambda told: [
        Stated(number, at(hour), tuple(sorted(milestones, key=repr)))
        for number, (hour, milestones) in enumerate(told, 1)
    ]
)


def in_force(stated: list[Stated], instant: datetime) -> set[Milestone]:
    """The plain reading: of the versions recorded by the instant the one with the highest sequence."""
    known = [each for each in stated if each.recorded_at <= instant]
    return set(max(known, key=lambda each: each.sequence).milestones) if known else set()


@given(stated=versions, order=st.randoms(use_true_random=False))
def test_stretches_say_at_every_instant_what_the_version_in_force_says(
    stated: list[Stated], order: object
) -> None:
    # Given the versions of a record in any order, older pages handed in late among them
    shuffled = sorted(stated, key=lambda each: (hash((id(order), each.sequence)), each.sequence))
    # When the stretches of its milestones are found
    found = beliefs(shuffled)
    # Then at each instant they are what the version in force says, each milestone once
    for hour in range(-1, 11):
        believed = [each.milestone for each in found if each.at(at(hour))]
        assert len(believed) == len(set(believed))
        assert set(believed) == in_force(stated, at(hour))


@given(stated=versions)
def test_no_stretch_is_empty_or_goes_on_in_another(stated: list[Stated]) -> None:
    found = beliefs(stated)
    for each in found:
        assert each.known_until is None or each.known_from < each.known_until
    ends = {(each.milestone, each.known_until) for each in found}
    assert not ends & {(each.milestone, each.known_from) for each in found}


def test_what_comes_back_after_a_correction_is_a_second_stretch() -> None:
    first, second, _ = MILESTONES
    stated = [Stated(1, at(0), (first,)), Stated(2, at(2), (second,)), Stated(3, at(5), (first,))]
    assert beliefs(stated) == [
        Belief(first, at(0), at(2)),
        Belief(second, at(2), at(5)),
        Belief(first, at(5), None),
    ]


def test_a_row_of_the_register_tells_each_day_that_it_has_and_none_that_it_has_not() -> None:
    row = {
        "status": "user",
        "status_from": "2023-01-10",
        "commune_code": "10513@2008",
        "decision_no": "12/QĐ",
        "decision_date": "2023-01-12",
        "presence": "community",
        "psychosis": False,
        "removed_on": None,
    }
    assert of_register_row(row) == (
        Milestone(
            "registry", "status_from", "2023-01-10", (("status", "user"), ("commune_code", "10513@2008"))
        ),
        Milestone("registry", "decision_date", "2023-01-12", (("decision_no", "12/QĐ"),)),
        # Without a day of its own presence holds from the row's.
        Milestone("registry", "presence_from", "2023-01-10", (("presence", "community"),)),
    )


def test_a_part_of_what_is_shared_tells_that_part_alone() -> None:
    assert of_shared("methadone", {"left": "2023-05-01"}) == (
        Milestone("methadone", "ended_on", "2023-05-01"),
    )
    assert of_shared("detox", {"admitted": "2023-01-02", "stage": "c"}) == (
        Milestone("detox", "admitted_on", "2023-01-02"),
        Milestone("detox", "stage_c_on", None),
    )
    assert of_shared("registry", {"listed": True, "status": "user"}) == (
        Milestone("registry", "status_from", None, (("status", "user"),)),
    )
    assert of_shared("determination", {}) == ()
    assert of_shared("doses", {"day": "2023-01-01"}) == ()
