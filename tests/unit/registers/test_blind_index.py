"""Tokens of the blind index: the same for what is the same, under each key others, and readable to nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registers.blind_index import (
    EXACT,
    LEAST,
    LETTERS,
    NUMBERS,
    PAIRS,
    SAME_LETTERS,
    YEARS,
    BlindIndex,
    Terms,
    folded,
    has_number,
    similarity,
    trigrams,
)

KEYS = {"2025": bytes(32), "2026": bytes(range(32))}
INDEX = BlindIndex(KEYS, "2026")
NAMES = st.lists(
    st.sampled_from(["Nguyễn", "Trần", "Lê", "Văn", "Thị", "Đức", "An", "Ân", "Ý", "Huyền", "Thương"]),
    min_size=2,
    max_size=5,
)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Nguyễn Văn Thử", "nguyen van thu"),
        ("NGUYỄN-VĂN.THỬ", "nguyen van thu"),
        ("Đỗ  Ý", "do y"),
        ("Hoa\u0300", "hoa"),
        (" . - ", ""),
    ],
)
def test_a_name_is_folded_to_its_letters(name: str, plain: str) -> None:
    assert folded(name) == plain


def test_syllables_give_each_three_letters_with_their_ends() -> None:
    assert trigrams(["an"]) == {" an", "an "}
    assert trigrams(["y"]) == {" y "}


@given(NAMES, st.integers(1900, 2026), st.integers(0, 10**12 - 1))
def test_whoever_is_asked_for_rightly_is_a_candidate(name: list[str], year: int, number: int) -> None:
    identity = {"full_name": " ".join(name), "birth_date": year, "national_id": f"{number:012d}"}
    stored = INDEX.tokens(identity)
    asked = Terms(folded(" ".join(name)), f"{number:012d}", year)
    assert any(stored.issuperset(each) for each in INDEX.asked(asked))
    assert any(stored.issuperset(each) for each in INDEX.asked_loosely(asked))


@given(NAMES)
def test_a_name_with_one_other_syllable_or_in_another_order_is_a_loose_candidate(name: list[str]) -> None:
    stored = INDEX.tokens({"full_name": " ".join(name)})
    for asked in ([*name[:-1], "Khác"], name[::-1]):
        assert any(stored.issuperset(each) for each in INDEX.asked_loosely(Terms(" ".join(asked))))


def test_tokens_are_asked_for_under_every_key_and_made_under_the_current_one() -> None:
    terms, identity = Terms("An Văn"), {"full_name": "An Văn"}
    former = BlindIndex(KEYS, "2025").tokens(identity)
    assert [former.issuperset(each) for each in INDEX.asked(terms)] == [True, False]
    assert [INDEX.tokens(identity).issuperset(each) for each in INDEX.asked(terms)] == [False, True]


@given(NAMES, st.integers(1900, 2026), st.integers(0, 10**12 - 1))
def test_each_kind_of_token_has_its_range_within_16_bits(name: list[str], year: int, number: int) -> None:
    letters = INDEX.tokens({"full_name": name[0]})
    assert all(0 <= token < LETTERS for token in letters)
    pairs = INDEX.tokens({"full_name": " ".join(name)}) - set(range(LETTERS))
    assert all(LETTERS <= token < LETTERS + PAIRS for token in pairs)
    (born,) = INDEX.tokens({"birth_date": f"{year}-03-05"})
    assert LETTERS + PAIRS <= born < LETTERS + PAIRS + YEARS
    (token,) = INDEX.tokens({"national_id": f"{number:012d}"})
    assert -NUMBERS <= token < 0


def test_several_texts_share_each_token() -> None:
    # So many years, and numbers of one commune, are known to be few; what a token stands for stays open among them
    years = [INDEX.tokens({"birth_date": year}).pop() for year in range(1900, 2027)]
    assert max(years.count(token) for token in years) > 1
    numbers = [INDEX.tokens({"national_id": f"{number:012d}"}).pop() for number in range(2_000)]
    assert len(set(numbers)) < len(numbers)


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An", EXACT),
        ("Hòa", "Hoà", EXACT),
        ("nguyen van an", "Nguyễn Văn Ân", SAME_LETTERS),
        ("Trần Thị Bình", "Lê Đức Cường", 0),
    ],
)
def test_similarity(asked: str, name: str, expected: int) -> None:
    assert similarity(asked, name) == expected


def test_a_whole_name_is_more_alike_than_a_part_and_a_part_than_a_mistake() -> None:
    name = "Nguyễn Văn Thương"
    found = [similarity(asked, name) for asked in ("nguyen van thuong", "van thuong", "nguyen van thuon")]
    assert found == sorted(found, reverse=True)
    assert min(found) > LEAST * 7 // 10


def test_numbers_are_compared_as_digits() -> None:
    assert has_number("034 567 891", {"national_id": "034567891"})
    assert not has_number("034567892", {"national_id": "034567891"})
    assert not has_number("034567892", {})
