"""Texts in which somebody has written a national ID number, in whatever way; and numbers that are none."""

import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.marks.identity_numbers import has_identity_number

# What is neither letter nor digit, as it stands on keyboards and in documents.
SIGNS = string.punctuation + " \t\u00a0\u2009–—−…·•※“”‘’«»（）／"
WORDS = ("", "CCCD ", "số: ", "của ông A, ", "(xem lại) ")


@pytest.mark.parametrize(
    "text",
    [
        "030090001234",
        "CMND 142 536 475",
        "số 030.090.001.234",
        "030-090-001-234 và 30 ngày",
        "030 090 001 234 142536475",
        "０３００９０００１２３４",
        "030\u00a0090\u00a0001\u00a0234",
        "030\u200b090001234",
        "142536475",
        "030/090/001234",
        "030090  001234",
        "030- 090- 001234",
        "030. 090. 001. 234",
        "03/01/1990/1234",
        "030 - / - 201 - / - 001 - / - 234",
        "(030) 201 001 234",
        "030 … 201 … 001234",
        "030_201_001_234",
        "030, 201, 001, 234",
        "lần 1: 030 – – 201 – – 001234",
        "0302 // 2001 // 1234",
        "142 | 536 | 475",
        "05/01/2024: 030 --- 201 --- 001234",
        "0912345678: 030 --- 201 --- 001234",
        "0912345678 12",
        "0302010012 -- 34",
    ],
)
def test_nine_or_twelve_digits_are_taken_for_an_identity_number(text: str) -> None:
    assert has_identity_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "gọi 0912345678",
        "báo cáo 12/BC-CAT ngày 05/01/2024",
        "HS-2023-0017",
        "1.500.000 đồng",
        "dòng 12, 9 người",
        "lần 2 05/01/2024",
        "05/01/2024 5 người",
        "từ 5/1/2024 - 12/1/2024",
        "gọi 0912 345 678 (12 lần)",
        "gọi 0912.345.678 - 15h, 0220.3.845.123 (1)",
        "+84 912 345 678; 5",
        "10/2024 - 12/2024",
        "05.01.2024 (1), 06.01.2024 (2)",
        "2024-01-05, 8",
        "05/01, 06/01, 07/01",
        "05/01 - 07/01 (2024)",
        "2022, 2023, 2024",
        "08:30, 10:45, 14:00",
        "ngày 5/1, 0912345678",
    ],
)
def test_other_numbers_are_no_identity_numbers(text: str) -> None:
    assert not has_identity_number(text)


@st.composite
def written(draw: st.DrawFn) -> list[str]:
    """Draw a national ID number as groups of digits with signs between, group after sign after group."""
    length = draw(st.sampled_from((9, 12)))
    number = draw(st.text(string.digits, min_size=length, max_size=length))
    cuts = sorted(draw(st.sets(st.integers(1, length - 1), min_size=1, max_size=4)))
    parts = [number[: cuts[0]]]
    for begin, end in zip(cuts, [*cuts[1:], length], strict=True):
        parts += [draw(st.text(SIGNS, min_size=1, max_size=8)), number[begin:end]]
    return parts


@given(written(), st.sampled_from(WORDS), st.sampled_from(("", " nhé", "; gọi lại")))
def test_whatever_signs_stand_between_its_digits_a_number_is_found(
    parts: list[str], before: str, after: str
) -> None:
    # Given digits that do not happen to be a day, a time or a telephone number with something beside it
    groups, signs = parts[::2], parts[1::2]
    assume(not any(set(sign.strip()) & set("/.-:–—−／") and len(sign) < 3 for sign in signs))
    assume(not any(re.fullmatch(r"(19|20)\d\d", group) or len(group) >= 10 for group in groups))
    # Then they are found, however they are spread
    assert has_identity_number(before + "".join(parts) + after)
