"""How like two records are: levels of each field, whichever comes first, and births that no slip of the pen explains."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import REVIEW_LEVELS, review_weights
from services.registry.review.likeness import Who, births, cannot_be_one, compared, score

WEIGHTS = review_weights(date(2026, 1, 1))
AN = Who("Nguyễn Văn An", date(1988, 5, 2), "male", "030088004321", "10513")


def level(field: str, **other: object) -> str:
    changed = Who(**{name: other.get(name, getattr(AN, name)) for name in Who.__slots__})  # type: ignore[arg-type]
    return {each.field: each.level for each in compared(AN, changed, WEIGHTS)}[field]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NGUYỄN  VĂN-AN", "same"),
        ("Nguyen Van An", "letters"),
        ("Nguyễn Văn Ân", "letters"),
        ("Nguyễn An", "part"),
        ("Nguyễn Văn Anh", "like"),
        ("Ngyuễn Văn An", "like"),
        ("Nguyễn Văn Bình", "differ"),
        ("Trần Văn An", "differ"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert level("full_name", name=name) == expected


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        (date(1988, 5, 2), "same"),
        (date(1988, 2, 5), "swapped"),
        (date(1988, 5, 3), "near"),
        (date(1989, 5, 2), "near"),
        (1988, "year"),
        (date(1988, 7, 9), "year"),
        (1989, "differ"),
        (date(1990, 7, 2), "differ"),
        (None, "unknown"),
    ],
)
def test_births(birth: date | int | None, expected: str) -> None:
    assert level("birth_date", birth=birth) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("030088004321", "same"),
        ("030088004322", "near"),
        ("030088004312", "near"),
        ("03008800432", "unknown"),
        ("142345678", "unknown"),
        ("", "unknown"),
        ("030088009999", "differ"),
    ],
)
def test_numbers(number: str, expected: str) -> None:
    assert level("national_id", national_id=number) == expected


_BIRTHS = st.none() | st.integers(1950, 1953) | st.dates(date(1950, 1, 1), date(1952, 12, 31))
_PEOPLE = st.builds(
    Who,
    st.sampled_from(["Lê An", "Lê Văn An", "Le Van An", "Trần Thị Bé"]),
    _BIRTHS,
    st.sampled_from(["male", "female"]),
    st.sampled_from(["", "030088004321", "030088004322", "142345678"]),
    st.sampled_from(["", "10513", "10516"]),
)


@given(_PEOPLE, _PEOPLE)
def test_it_does_not_matter_which_of_the_two_comes_first(one: Who, other: Who) -> None:
    found = compared(one, other, WEIGHTS)
    assert found == compared(other, one, WEIGHTS)
    assert all(each.level in REVIEW_LEVELS[each.field] for each in found)
    assert score(found) == sum(WEIGHTS.of[each.field, each.level] for each in found)


@given(_BIRTHS, _BIRTHS)
def test_a_birth_that_can_be_the_same_is_never_called_impossible(
    one: date | int | None, other: date | int | None
) -> None:
    if births(one, other) in ("same", "swapped", "near", "unknown"):
        assert not cannot_be_one(one, other)
    if isinstance(one, int) and isinstance(other, date):
        assert cannot_be_one(one, other) == (one != other.year)
