"""Histories of records for the person index: a few references that keep running into each other."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from services.linkage import Said
from services.registry.index.domain.knowledge import Observation, Token, TokenKind, token

DAY_ONE = datetime(2023, 1, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return DAY_ONE + timedelta(hours=hour)


def ref(number: int) -> UUID:
    return UUID(int=0xA000 + number)


def record(number: int) -> UUID:
    return UUID(int=0xB000 + number)


def nid12(number: int) -> Token:
    return token(TokenKind.NID12, f"cccd-{number}")


def nid9(number: int) -> Token:
    return token(TokenKind.NID9, f"cmnd-{number}")


def name(number: int) -> Token:
    return token(TokenKind.NAME_BIRTH_SEX, f"name-{number}")


def seen(
    who: int,
    *tokens: Token,
    hour: int,
    of: int | None = None,
    sequence: int = 1,
    void: bool = False,
    said: Said | None = None,
) -> Observation:
    """A version of record ``of`` (by default the reference's own number) recorded at the hour."""
    number = who if of is None else of
    return Observation(record(number), sequence, None if void else ref(who), tokens, at(hour), said)


_TOKENS = st.tuples(
    st.sampled_from([None, None, nid12(1), nid12(2), nid12(3)]),
    st.sampled_from([None, None, nid9(1), nid9(2)]),
    st.sampled_from([None, name(1), name(1), name(2), name(3)]),
).map(lambda triple: tuple(each for each in triple if each is not None))


# Few of each, so that some agree in everything, some in one thing, some in nothing; None: told by a former release.
SAID = st.one_of(
    st.none(),
    st.builds(
        Said,
        st.sampled_from(["male", "female"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([1980, 1990]),
        st.sampled_from([None, "day", "other day"]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from(["police", "health"]),
    ),
)


@st.composite
def histories(draw: st.DrawFn, max_records: int = 9) -> list[Observation]:
    """Records of a few references with corrections and withdrawals, record times in any order."""
    observations: list[Observation] = []
    for number in range(draw(st.integers(1, max_records))):
        owner = draw(st.integers(0, 6))
        for sequence in range(1, draw(st.integers(1, 4)) + 1):
            void = sequence > 1 and draw(st.integers(0, 4)) == 0
            observations.append(
                Observation(
                    record(number),
                    sequence,
                    None if void else ref(owner),
                    () if void else draw(_TOKENS),
                    at(draw(st.integers(0, 12))),
                    draw(SAID),
                )
            )
    return observations
