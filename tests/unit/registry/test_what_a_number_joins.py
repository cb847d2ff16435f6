"""What a national ID may join, and what waits for a clerk."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from unittest import mock
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.linkage import Said, SaidCounts, contradict, contradicts_record, doubted, joined_by
from services.registry.index.domain.edges import Edge, certain_edges
from services.registry.index.domain.knowledge import Observation, TokenKind
from services.registry.index.domain.limits import EVER, Limits
from services.registry.index.domain.numbered import _Carried
from tests.unit.registry.histories import SAID, at, histories, name, nid12, ref, seen
from tests.unit.registry.oracle import at_odds, in_force, people_by_edges, people_by_rule, waiting_by_rule

ANH = Said("male", "Anh", 1980, "1980-02-01")
BICH = Said("female", "Bích", 1991, "1991-03-02")
FIVE = Limits(((EVER, 5),))


def people(observations: list[Observation], hour: int, limits: Limits = FIVE) -> list[list[UUID]]:
    return sorted(sorted(each) for each in people_by_edges(certain_edges(observations, limits), at(hour)))


def waiting(observations: list[Observation], hour: int) -> set[tuple[UUID, str]]:
    return {
        (edge.ref, edge.basis)
        for edge in certain_edges(observations, FIVE)
        if edge.waits
        and edge.known_from <= at(hour)
        and not (edge.known_until and edge.known_until <= at(hour))
    }


def test_a_number_joins_nobody_whose_name_birth_date_and_sex_all_differ() -> None:
    both = [seen(1, nid12(1), hour=1, said=ANH), seen(2, nid12(1), hour=2, said=BICH)]
    assert people(both, 3) == []
    assert waiting(both, 3) == {(ref(1), "contradiction"), (ref(2), "contradiction")}
    assert waiting(both, 1) == set()


@pytest.mark.parametrize(
    "other",
    [
        Said("female", "Anh", 1991, "1991-03-02"),
        Said("male", "Bích", 1991, "1991-03-02"),
        Said("female", "Bích", 1980, "1980-02-01"),
        Said("female", "Bích", 1980),
    ],
    ids=["name", "sex", "birth", "year"],
)
def test_a_number_joins_who_agree_in_one_thing(other: Said) -> None:
    both = [seen(1, nid12(1), hour=1, said=ANH), seen(2, nid12(1), hour=2, said=other)]
    assert people(both, 3) == [[ref(1), ref(2)]]
    assert waiting(both, 3) == set()


def test_one_mistyped_number_does_not_part_who_belong_together() -> None:
    """Anh's two records, one with the year alone, are joined by nothing but the number."""
    year_only = Said("male", "Anh", 1980)
    three = [
        seen(1, nid12(1), hour=1, said=ANH),
        seen(2, nid12(1), hour=2, said=year_only),
        seen(3, nid12(1), hour=5, said=BICH),
    ]
    assert people(three, 4) == people(three, 6) == [[ref(1), ref(2)]]
    assert {who for who, _ in waiting(three, 6)} == {ref(1), ref(2), ref(3)}


def test_nobody_bridges_two_who_contradict_each_other() -> None:
    """The third has Anh's name, and Bích's sex and birth date."""
    bridge = Said("female", "Anh", 1991, "1991-03-02")
    three = [
        seen(1, nid12(1), hour=1, said=ANH),
        seen(2, nid12(1), hour=1, said=BICH),
        seen(3, nid12(1), hour=1, said=bridge),
    ]
    assert people(three, 2) == [[ref(2), ref(3)]]


def test_a_number_that_contradicts_its_own_record_joins_it_to_nobody() -> None:
    wrong = replace(ANH, doubted=True)
    three = [seen(n, nid12(1), hour=n, said=said) for n, said in ((1, ANH), (2, ANH), (3, wrong))]
    assert people(three, 4) == [[ref(1), ref(2)]]
    assert waiting(three, 4) == {(ref(3), "structure")}


@pytest.mark.parametrize("others", [(), (1,), (1, 2)], ids=["nobody", "one", "two"])
def test_a_number_that_contradicts_its_record_waits_alike_whoever_else_has_it(
    others: tuple[int, ...],
) -> None:
    """Or one invented row would tell whether a guessed number is that of anybody."""
    wrong = Said("female", "Bịa", 1971, doubted=True)
    rows = [seen(3, nid12(1), hour=1, said=wrong), *(seen(n, nid12(1), hour=2, said=ANH) for n in others)]
    assert waiting(rows, 4) == {(ref(3), "structure")}


def test_an_agency_is_told_what_waits_by_its_own_records_alone() -> None:
    police = [replace(ANH, agency="police"), replace(ANH, name="An", agency="police")]
    patient = replace(BICH, agency="health")
    # Two rows of the police agree in birth date and sex; the clinic's record contradicts both
    rows = [seen(n, nid12(1), hour=1, said=said) for n, said in enumerate((*police, patient))]
    assert people(rows, 2) == [[ref(0), ref(1)]]
    assert waiting(rows, 2) == set()
    # And four people of each make too many, which neither of the two can tell
    many = [
        seen(n, nid12(1), hour=1, said=Said("male", f"name {n}", 1980, agency=agency))
        for n, agency in enumerate(["police", "health"] * 4)
    ]
    assert people(many, 2) == []
    assert waiting(many, 2) == set()


def test_a_corrected_number_joins_again_and_the_past_stays() -> None:
    history = [
        seen(1, nid12(1), hour=1, said=ANH),
        seen(2, nid12(1), hour=2, said=ANH),
        seen(3, nid12(1), hour=4, said=BICH),
        seen(3, nid12(2), hour=8, sequence=2, said=BICH),
    ]
    assert people(history, 9) == [[ref(1), ref(2)]]
    assert (waiting(history, 9), len(waiting(history, 5))) == (set(), 3)


def test_more_people_than_a_number_may_have_join_by_it_no_more() -> None:
    rows = [seen(n, nid12(1), hour=n, said=Said("male", f"name {n}", 1980 + n)) for n in range(1, 7)]
    assert len(people(rows, 5)[0]) == 5
    assert people(rows, 6) == []
    assert waiting(rows, 6) == {(ref(n), "too_many") for n in range(1, 7)}


def test_many_records_of_one_person_are_not_too_many() -> None:
    rows = [seen(n, nid12(1), hour=1, said=ANH) for n in range(1, 7)]
    assert len(people(rows, 2)[0]) == 6


def test_records_of_one_waiting_number_are_joined_by_name() -> None:
    """The number that waits is one and the same: it does not make namesakes of them."""
    wrong = Said("male", "Anh", 1980, "1980-02-01", doubted=True)
    both = [seen(n, nid12(1), name(1), hour=1, said=wrong) for n in (1, 2)]
    assert people(both, 2) == [[ref(1), ref(2)]]


def test_another_limit_holds_from_its_day_on() -> None:
    rows = [seen(n, nid12(1), hour=1, said=Said("male", f"name {n}", 1980)) for n in (1, 2)]
    limits = Limits(((EVER, 5), (at(41), 1)))
    assert people(rows, 40, limits) == [[ref(1), ref(2)]]
    assert people(rows, 41, limits) == []


@settings(max_examples=250, deadline=None)
@given(histories(), st.integers(1, 3))
def test_edges_say_at_every_moment_what_the_rule_says(observations: list[Observation], most: int) -> None:
    edges = certain_edges(observations, Limits(((EVER, most),)))
    for hour in range(-1, 14):
        moment = at(hour) + timedelta(minutes=30)
        assert people_by_edges(edges, moment) == people_by_rule(observations, moment, most)


@settings(max_examples=250, deadline=None)
@given(histories(), st.integers(1, 3))
def test_who_waits_at_every_moment_is_what_the_rule_says(observations: list[Observation], most: int) -> None:
    edges = certain_edges(observations, Limits(((EVER, most),)))
    for hour in range(-1, 14):
        moment = at(hour) + timedelta(minutes=30)
        waiting_now = [each for each in edges if each.waits and _holds(each, moment)]
        told = {(each.ref, each.person, each.basis) for each in waiting_now}
        assert told == waiting_by_rule(observations, moment, most)


def test_a_number_filled_down_a_column_takes_no_time_for_each_pair_of_its_carriers() -> None:
    """A number of 4,000 people was gone through 4,000 times; what one more changes is now looked at alone."""
    rows = [seen(n, nid12(1), hour=n, said=Said("male", f"name {n}", 1980)) for n in range(4_000)]
    calls = Counter[str]()
    with mock.patch.object(_Carried, "places", autospec=True, side_effect=_counting(_Carried.places, calls)):
        edges = certain_edges(rows, FIVE)
    assert len(edges) == 4_000 + 5
    assert calls["places"] < 2 * len(rows)


def _counting(method: Callable[..., object], calls: Counter[str]) -> Callable[..., object]:
    def counted(*given: object) -> object:
        calls[method.__name__] += 1
        return method(*given)

    return counted


@settings(max_examples=250, deadline=None)
@given(st.lists(SAID, max_size=12), st.integers(1, 3), st.data())
def test_running_counts_say_what_the_rule_says(
    said: list[Said | None], most: int, data: st.DataObject
) -> None:
    counts, kept = SaidCounts(), list(said)
    for one in said:
        counts.add(one)
    for one in data.draw(st.lists(st.sampled_from(said), max_size=6)) if said else ():
        if one in kept:
            kept.remove(one)
            counts.remove(one)
    told = joined_by({n: (one,) for n, one in enumerate(kept) if not doubted(one)}, most).reason
    assert counts.reason(most) == told


@settings(max_examples=250, deadline=None)
@given(histories(), st.integers(0, 13))
def test_no_number_by_itself_ever_joins_contradicting_records(
    observations: list[Observation], hour: int
) -> None:
    edges = [edge for edge in certain_edges(observations, FIVE) if edge.basis == "national_id"]
    known = [each for each in in_force(observations, at(hour)) if each.ref is not None]
    for edge in edges:
        for other in edges:
            if edge.person != other.person or not (_covers(edge, hour) and _covers(other, hour)):
                continue
            said = [
                {each.said for each in known if each.ref == one.ref and _has_number(each)}
                for one in (edge, other)
            ]
            assert not any(
                one and two and at_odds(one, two) and not (one.doubted or two.doubted)
                for one in said[0]
                for two in said[1]
                if len(said[0]) == len(said[1]) == 1
            )


def _holds(edge: Edge, moment: datetime) -> bool:
    return edge.known_from <= moment and (edge.known_until is None or moment < edge.known_until)


def _covers(edge: object, hour: int) -> bool:
    return edge.known_from <= at(hour) and (edge.known_until is None or at(hour) < edge.known_until)  # type: ignore[attr-defined]


def _has_number(observation: Observation) -> bool:
    return any(token.kind is not TokenKind.NAME_BIRTH_SEX for token in observation.tokens)


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(st.integers(0, 9), st.sets(SAID, min_size=1, max_size=2)), st.randoms())
def test_what_a_number_joins_does_not_hang_on_the_order_of_its_carriers(
    carriers: dict[int, set[Said | None]], random: object
) -> None:
    shuffled = list(carriers.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = joined_by(carriers, 3), joined_by(dict(shuffled), 3)
    assert one.reason == other.reason
    assert {k: set(v) for k, v in one.parts.items()} == {k: set(v) for k, v in other.parts.items()}


@pytest.mark.parametrize(
    ("number", "birth", "sex", "contradicts"),
    [
        ("030090001234", date(1990, 5, 5), "male", False),
        ("030090001234", 1990, "male", False),
        ("030190001234", date(1990, 5, 5), "female", False),
        ("030204001234", date(2004, 5, 5), "male", False),
        ("030304001234", date(2004, 5, 5), "female", False),
        ("030090001234", date(1990, 5, 5), "female", True),
        ("030090001234", date(1991, 5, 5), "male", True),
        ("030190001234", date(1990, 5, 5), "male", True),
        ("030004001234", date(2004, 5, 5), "male", True),
        ("032090001234", date(1990, 5, 5), "male", True),
        ("000090001234", date(1990, 5, 5), "male", True),
        ("101090001234", date(1990, 5, 5), "male", False),
        ("142567890", date(1990, 5, 5), "female", False),
    ],
)
def test_a_number_says_where_when_and_of_which_sex_somebody_was_born(
    number: str, birth: date | int, sex: str, contradicts: bool
) -> None:
    assert contradicts_record(number, birth, sex) is contradicts


def test_contradiction_needs_all_three_and_goes_both_ways() -> None:
    assert contradict(ANH, BICH)
    assert contradict(BICH, ANH)
    assert not contradict(ANH, ANH)
