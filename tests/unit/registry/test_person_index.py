from datetime import timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.index.domain.edges import Edge, certain_edges, edge_id
from services.registry.index.domain.knowledge import Interval, Observation, TokenKind, memberships, token
from services.registry.index.domain.plan import Published, changes
from tests.unit.registry.histories import at, histories, name, nid9, nid12, record, ref, seen
from tests.unit.registry.oracle import people_by_edges, people_by_rule


def people(observations: list[Observation], hour: int) -> list[list[UUID]]:
    return sorted(sorted(each) for each in people_by_edges(certain_edges(observations), at(hour)))


@settings(max_examples=250, deadline=None)
@given(histories())
def test_edges_say_at_every_moment_what_the_rule_says(observations: list[Observation]) -> None:
    edges = certain_edges(observations)
    for hour in range(-1, 14):
        for moment in (at(hour), at(hour) + timedelta(minutes=30)):
            assert people_by_edges(edges, moment) == people_by_rule(observations, moment)


@settings(max_examples=150, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_what_arrives_change_no_edge(
    observations: list[Observation], random: Random
) -> None:
    shuffled = observations + random.sample(observations, len(observations) // 2)
    random.shuffle(shuffled)
    assert certain_edges(shuffled) == certain_edges(observations)


@settings(max_examples=150, deadline=None)
@given(histories())
def test_two_numbers_of_one_length_are_joined_by_nothing_but_the_ledger_itself(
    observations: list[Observation],
) -> None:
    """One person may hold two numbers only where one reference, or a chain of numbers, says so."""
    national = [
        Observation(
            each.record_id,
            each.sequence,
            each.ref,
            tuple(t for t in each.tokens if t.kind is not TokenKind.NAME_BIRTH_SEX),
            each.recorded_at,
        )
        for each in observations
    ]
    for hour in range(13):
        known = {
            m for m, spans in memberships(observations).items() if any(s.covers(at(hour)) for s in spans)
        }
        by_number = people_by_rule(national, at(hour))
        for person in people_by_edges(certain_edges(observations), at(hour)):
            for kind in (TokenKind.NID12, TokenKind.NID9):
                holders = {who for who, t in known if who in person and t.kind is kind}
                assert len(holders) < 2 or any(holders <= group for group in by_number)


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_publishing_in_any_steps_ends_at_the_same_edges(
    observations: list[Observation], data: st.DataObject
) -> None:
    published: dict[UUID, Published] = {}
    arrived: list[Observation] = []
    rest = data.draw(st.permutations(observations))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        arrived, rest = [*arrived, *rest[:size]], rest[size:]
        for change in changes(certain_edges(arrived), published.values()):
            before = published.get(change.edge.id)
            assert change.sequence == (before.sequence + 1 if before else 1)
            published[change.edge.id] = change.published
        assert changes(certain_edges(arrived), published.values()) == []
    assert {each.edge for each in published.values() if not each.withdrawn} == certain_edges(observations)


def test_same_number_joins_from_the_later_record_time() -> None:
    both = [seen(1, nid12(1), hour=2), seen(2, nid12(1), hour=5)]
    assert people(both, 4) == []
    assert people(both, 5) == [[ref(1), ref(2)]]


def test_edge_carries_why_and_since_when() -> None:
    edges = certain_edges([seen(1, nid9(1), hour=2), seen(2, nid9(1), hour=5)])
    assert edges == {
        Edge(ref(1), nid9(1).id, "national_id", 0, at(2), None),
        Edge(ref(2), nid9(1).id, "national_id", 0, at(5), None),
    }


def test_reference_alone_has_no_edge() -> None:
    assert (
        certain_edges([seen(1, nid12(1), name(1), hour=1), seen(2, nid12(2), name(2), hour=1)]) == frozenset()
    )


def test_token_carried_by_two_only_at_different_times_joins_nobody() -> None:
    assert (
        certain_edges(
            [
                seen(1, nid12(1), hour=1),
                seen(1, nid12(2), hour=3, sequence=2),
                seen(2, nid12(1), hour=3),
            ]
        )
        == frozenset()
    )


def test_name_joins_a_numbered_and_an_unnumbered_reference() -> None:
    assert people([seen(1, nid12(1), name(1), hour=1), seen(2, name(1), hour=2)], 2) == [[ref(1), ref(2)]]


def test_nine_and_twelve_digits_do_not_contradict() -> None:
    assert people([seen(1, nid12(1), name(1), hour=1), seen(2, nid9(1), name(1), hour=2)], 2) == [
        [ref(1), ref(2)]
    ]


def test_contradicting_number_ends_the_links_by_name_when_it_becomes_known() -> None:
    three = [
        seen(1, nid12(1), name(1), hour=1),
        seen(2, name(1), hour=2),
        seen(3, nid12(2), name(1), hour=6),
    ]
    assert people(three, 5) == [[ref(1), ref(2)]]
    assert people(three, 6) == []
    assert {edge.known_until for edge in certain_edges(three)} == {at(6)}


def test_link_by_name_resumes_when_the_contradiction_is_corrected_away() -> None:
    history = [
        seen(1, nid12(1), name(1), hour=1),
        seen(2, name(1), hour=1),
        seen(3, nid12(2), name(1), hour=4),
        seen(3, nid12(2), name(2), hour=8, sequence=2),
    ]
    assert [people(history, hour) for hour in (3, 5, 8)] == [[[ref(1), ref(2)]], [], [[ref(1), ref(2)]]]
    stretches = sorted(
        (e.ordinal, e.known_from, e.known_until) for e in certain_edges(history) if e.ref == ref(1)
    )
    assert stretches == [(0, at(1), at(4)), (1, at(8), None)]
    assert edge_id(ref(1), name(1).id) != edge_id(ref(1), name(1).id, 1)


def test_numbers_that_join_two_holders_dissolve_the_contradiction_between_them() -> None:
    """Two references of one 12-digit number are one group, so a third of the same name joins them."""
    history = [
        seen(1, nid12(1), name(1), hour=1),
        seen(2, nid12(1), name(1), hour=2),
        seen(3, name(1), hour=3),
    ]
    assert people(history, 3) == [[ref(1), ref(2), ref(3)]]


def test_one_ledger_number_with_two_spellings_cannot_chain_two_holders_of_different_numbers() -> None:
    history = [
        seen(1, nid12(1), name(1), hour=1),
        seen(2, nid12(2), name(2), hour=1),
        seen(3, name(1), hour=2, of=31),
        seen(3, name(2), hour=2, of=32),
    ]
    first = min((1, 2), key=lambda number: name(number).id)
    assert people(history, 2) == [[ref(first), ref(3)]]


def test_withdrawn_record_ends_its_link_at_the_withdrawal() -> None:
    history = [
        seen(1, nid12(1), hour=1),
        seen(2, nid12(1), hour=2),
        seen(2, hour=7, sequence=2, void=True),
    ]
    assert people(history, 6) == [[ref(1), ref(2)]]
    assert people(history, 7) == []


def test_other_row_of_the_same_person_keeps_the_link_when_one_is_withdrawn() -> None:
    history = [
        seen(1, nid12(1), hour=1),
        seen(2, nid12(1), hour=2, of=21),
        seen(2, nid12(1), hour=4, of=22),
        seen(2, hour=7, sequence=2, void=True, of=21),
    ]
    assert people(history, 8) == [[ref(1), ref(2)]]
    assert {edge.known_until for edge in certain_edges(history)} == {None}


def test_version_replaced_at_its_own_record_time_was_never_known() -> None:
    assert (
        certain_edges(
            [
                seen(1, nid12(1), hour=1),
                seen(2, nid12(1), hour=4, sequence=1),
                seen(2, nid12(2), hour=4, sequence=2),
            ]
        )
        == frozenset()
    )


def test_correction_that_leaves_the_keys_leaves_one_unbroken_stretch() -> None:
    known = memberships([seen(1, nid12(1), hour=n, sequence=n) for n in (1, 2, 3)])
    assert known == {(ref(1), nid12(1)): (Interval(at(1), None),)}


def test_edge_that_nothing_supports_any_more_is_withdrawn_and_can_come_back() -> None:
    edge = Edge(ref(1), nid12(1).id, "national_id", 0, at(1), None)
    withdrawn = changes([], [Published(edge, 1, False)])
    assert [(c.kind, c.sequence) for c in withdrawn] == [("unlinked", 2)]
    assert changes([], [withdrawn[0].published]) == []
    again = changes([edge], [withdrawn[0].published])
    assert [(c.kind, c.sequence) for c in again] == [("linked", 3)]


def test_tokens_are_stable_and_do_not_mix_kinds() -> None:
    assert token(TokenKind.NID12, "k") == token(TokenKind.NID12, "k")
    assert token(TokenKind.NID12, "k").id != token(TokenKind.NID9, "k").id
    assert record(1) != ref(1)
