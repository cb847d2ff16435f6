"""What counts as the same in a cell, and what kind of slip a difference is told to be."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import FORMS
from services.matching.compare import hint, same, within
from services.matching.handles import loosened

WHERE = {
    "full_name": "registry",
    "birth_date": "registry",
    "national_id": "registry",
    "decision_no": "registry",
    "status": "registry",
    "status_from": "registry",
    "psychosis": "registry",
    "alarm_at": "fires",
    "damage_vnd": "fires",
    "deaths": "fires",
    "responders": "fires",
    "substances": "determination",
    "seized_grams": "drug_cases",
}


def column(name: str) -> Any:
    return FORMS[WHERE[name]].by_id[name]


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("full_name", "Nguyễn Văn Hoà", "NGUYỄN  VĂN HÒA"),
        ("full_name", unicodedata.normalize("NFD", "Trần Thuỷ"), "Trần Thủy"),
        ("decision_no", "12/QĐ-TA", "12/qđ-ta"),
        ("psychosis", False, None),
        ("responders", ["public", "fire_police"], ["fire_police", "public"]),
        ("substances", ["Heroin", "Cần sa"], ["cần sa", "heroin"]),
        ("damage_vnd", None, None),
    ],
)
def test_spelling_and_order_make_no_difference(name: str, left: Any, right: Any) -> None:
    assert same(column(name), left, right)
    assert same(column(name), right, left)


@pytest.mark.parametrize(
    ("name", "left", "right", "told"),
    [
        ("full_name", "Nguyễn Văn Hòa", "Nguyễn Văn Hoa", "tone_marks"),
        ("full_name", "Nguyen Van Đuc", "Nguyễn Văn Đức", "tone_marks"),
        ("full_name", "Hòa Nguyễn Văn", "Nguyễn Văn Hòa", "name_order"),
        ("full_name", "Nguyễn Văn Hòan", "Nguyễn Văn Hòa", "one_letter"),
        ("full_name", "Nguyễn Văn Hòa", "Lê Thị Mận", None),
        ("national_id", "030090001234", "030090001243", "digits_swapped"),
        ("national_id", "030090001234", "030090001235", "one_digit"),
        ("national_id", "030090001234", "141222333", "old_new_id"),
        ("national_id", "030090001234", "030185000999", None),
        ("birth_date", "1990-03-05", "1990-05-03", "day_month"),
        ("birth_date", 1990, "1990-05-03", "year_only"),
        ("birth_date", 1991, "1990-05-03", None),
        ("birth_date", "1990-03-05", "1980-03-05", "one_digit"),
        ("birth_date", "1990-03-05", "1975-12-24", None),
        ("status_from", "2023-01-12", "2023-01-21", "digits_swapped"),
        ("alarm_at", "2023-01-05T16:50:00+00:00", "2023-05-01T16:50:00+00:00", "day_month"),
        ("alarm_at", "2023-01-05T16:50:00+00:00", "2023-05-01T09:13:00+00:00", None),
        ("damage_vnd", 1_500_000_000, 1_500_000, "power_of_ten"),
        ("damage_vnd", 0, 1_500_000, None),
        ("deaths", 0, 3, None),
        ("deaths", 2, 3, None),
        ("seized_grams", "1500.25", "1500.52", "digits_swapped"),
        ("seized_grams", "62.5", "6.25", "power_of_ten"),
        ("status", "user", "addict", None),
        ("decision_no", "12/QĐ", None, "only_there"),
        ("decision_no", None, "12/QĐ", "only_here"),
        ("decision_no", "12/QĐ", "13/QĐ", "one_digit"),
    ],
)
def test_a_difference_is_told_what_it_looks_like(name: str, left: Any, right: Any, told: str | None) -> None:
    assert not same(column(name), left, right)
    assert hint(column(name), left, right) == told


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("HS-007", "hs 7", True),
        ("HS007", "HS/7", True),
        ("12/QĐ-2023", "12 qd 2023", True),
        ("1-23", "12-3", False),
        ("HS-7", "HS-70", False),
        ("0", "00", True),
    ],
)
def test_numbers_are_compared_as_clerks_mean_them(left: str, right: str, alike: bool) -> None:
    assert (loosened(left) == loosened(right)) is alike


def distance(left: str, right: str) -> int:
    """Levenshtein's distance by its definition."""
    if not left or not right:
        return len(left) + len(right)
    if left[0] == right[0]:
        return distance(left[1:], right[1:])
    return 1 + min(distance(left[1:], right), distance(left, right[1:]), distance(left[1:], right[1:]))


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.integers(0, 3))
def test_texts_are_near_when_few_letters_must_change(left: str, right: str, limit: int) -> None:
    assert within(left, right, limit) is (distance(left, right) <= limit)
