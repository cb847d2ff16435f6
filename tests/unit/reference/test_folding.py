"""Numbers and codes are compared without what offices and their programs write differently."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import Nearest, fold, tidy

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63\u2043"
_SPACES = " \u00a0\u2007\u202f\u3000"
_CODES = st.from_regex(r"[A-Z0-9]{1,4}(?:-[A-Z0-9]{1,4}){0,2}(?:/[A-ZĐ0-9]{1,3})?", fullmatch=True)


@st.composite
def written_otherwise(draw: st.DrawFn) -> tuple[str, str]:
    """A code and how somebody else writes it: other dashes, spaces around them, case, full-width letters, soft hyphens."""
    code = draw(_CODES)
    pieces = []
    for letter in code:
        if letter == "-":
            before, after = (draw(st.text(_SPACES, max_size=2)) for _ in range(2))
            pieces.append(before + draw(st.sampled_from(_DASHES)) + after)
        elif letter.isascii() and letter != "/" and draw(st.booleans()):
            pieces.append(chr(ord(letter) + 0xFEE0))
        else:
            pieces.append(letter.lower() if draw(st.booleans()) else letter)
        if draw(st.integers(0, 9)) == 0:
            pieces.append("\u00ad")
    return code, draw(st.text(_SPACES, max_size=2)) + "".join(pieces) + draw(st.text(_SPACES, max_size=2))


@given(written_otherwise())
def test_every_way_to_write_a_code_folds_to_it(pair: tuple[str, str]) -> None:
    code, written = pair
    assert fold(written) == code


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert tidy(folded) == folded


@given(st.text(st.characters(codec="ascii")))
def test_a_code_in_ascii_is_tidied_like_any_other(text: str) -> None:
    # The letter beside it makes it one that is not in ASCII.
    assert tidy(f"Đ{text}Đ")[1:-1] == tidy(f"D{text}D")[1:-1]


@given(_CODES, _CODES)
def test_two_codes_stay_two(one: str, other: str) -> None:
    assert (fold(one) == fold(other)) is (one == other)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("CDC - 30", "CDC-30"),
        ("cdc–30", "CDC-30"),
        ("CDC30", "CDC30"),
        ("VA\u00a001", "VA 01"),
        ("15 / qđ", "15/QĐ"),
        ("007", "007"),
        ("", ""),
    ],
)
def test_marks_and_case_fold_and_nothing_else(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_tidy_code_keeps_its_case() -> None:
    assert tidy("Cs – m1") == "Cs-m1"


def test_a_batch_of_unknown_codes_is_compared_for_the_first_few_alone() -> None:
    # Given a list that counts how often somebody reads it, and a batch with hundreds of unknown codes
    reads = 0

    def listed() -> Iterator[str]:
        nonlocal reads
        reads += 1
        yield from ("TYT-10513", "TYT-10660")

    nearest, day = Nearest(), date(2024, 1, 1)
    # When each is asked for, twice
    found = [nearest.of(f"TYT-1051{place % 10}-{place}", day, listed()) for place in range(300) for _ in "ab"]
    # Then the first ones are told what may be meant, and the rest costs nothing
    assert found[0] == found[1] != []
    assert found[-1] == []
    assert reads <= 20
