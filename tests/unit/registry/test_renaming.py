"""A rotation of the linkage secret renames tokens: the links must be the same, between the same references, at the same times."""

from dataclasses import replace
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.index.domain.edges import certain_edges
from services.registry.index.domain.knowledge import NATIONAL, Observation, Token, TokenKind
from services.registry.index.domain.renaming import parts, ranks, renamed
from tests.unit.registry.histories import histories, name, nid12, seen

SEEDS = st.integers(0, 2**32)


def tokens_of(observations: list[Observation]) -> set[Token]:
    return {each for observation in observations for each in observation.tokens}


def random_renaming(tokens: set[Token], random: Random) -> dict[UUID, UUID]:
    """A new token for each: their order has nothing to do with that of the former ones."""
    return {token.id: UUID(int=random.getrandbits(128)) for token in sorted(tokens, key=lambda t: t.id)}


def under(
    observations: list[Observation], renaming: dict[UUID, UUID], places: dict[UUID, int]
) -> list[Observation]:
    """The observations as the index reads them after a rotation."""

    def token(old: Token) -> Token:
        new = renaming[old.id]
        rank = places.get(new) if old.kind is TokenKind.NAME_BIRTH_SEX else None
        return Token(old.kind, new, rank)

    return [replace(each, tokens=tuple(map(token, each.tokens))) for each in observations]


def rotated(observations: list[Observation], random: Random) -> tuple[list[Observation], dict[UUID, UUID]]:
    tokens = tokens_of(observations)
    renaming = random_renaming(tokens, random)
    places = ranks((token for token in tokens if token.kind is TokenKind.NAME_BIRTH_SEX), renaming)
    numbers = [token.id for token in tokens if token.kind in NATIONAL]
    return under(observations, renaming, places), renaming | parts(numbers, renaming)


@settings(max_examples=300, deadline=None)
@given(histories(), SEEDS)
def test_a_rotation_changes_the_names_of_edges_and_nothing_else(
    observations: list[Observation], seed: int
) -> None:
    before = certain_edges(observations)
    after, renaming = rotated(observations, Random(seed))
    assert certain_edges(after) == {renamed(edge, renaming) for edge in before}


@settings(max_examples=150, deadline=None)
@given(histories(), SEEDS)
def test_so_does_a_second_one_and_an_index_that_is_filled_anew_in_another_order(
    observations: list[Observation], seed: int
) -> None:
    random = Random(seed)
    once, first = rotated(observations, random)
    twice, second = rotated(once, random)
    random.shuffle(twice)
    expected = {renamed(renamed(edge, first), second) for edge in certain_edges(observations)}
    assert certain_edges(twice) == expected


@settings(max_examples=150, deadline=None)
@given(histories(max_records=6), histories(max_records=3), SEEDS)
def test_names_that_come_after_a_rotation_compete_after_those_that_were_there(
    early: list[Observation], late: list[Observation], seed: int
) -> None:
    """Whether they were ranked by a second rotation or not is no difference."""
    random = Random(seed)
    once, _ = rotated(early, random)
    fresh = [
        replace(each, record_id=UUID(int=each.record_id.int + 1_000), tokens=tuple(map(as_new, each.tokens)))
        for each in late
    ]
    both = [*once, *fresh]
    assert all(token.rank is None for token in tokens_of(fresh) - tokens_of(once))
    twice, second = rotated(both, random)
    assert certain_edges(twice) == {renamed(edge, second) for edge in certain_edges(both)}


def as_new(token: Token) -> Token:
    return Token(token.kind, UUID(int=token.id.int ^ 0xFFFF))


def test_without_ranks_two_competing_names_would_change_places() -> None:
    """The reason for ranks: B has number 2 and both names, A number 1 and the first, C number 3 and the second."""
    first, second = sorted((name(1), name(2)), key=lambda token: token.id)
    history = [
        seen(1, nid12(1), first, hour=1),
        seen(2, first, second, hour=2),
        seen(3, nid12(2), second, hour=3),
    ]
    turned = {
        first.id: UUID(int=9),
        second.id: UUID(int=8),
        nid12(1).id: nid12(1).id,
        nid12(2).id: nid12(2).id,
    }
    before = certain_edges(history)
    assert {edge.person for edge in before} >= {first.id}
    wanted = {renamed(edge, turned) for edge in before}
    places = ranks([first, second], turned)
    assert certain_edges(under(history, turned, places)) == wanted
    assert certain_edges(under(history, turned, {})) != wanted
