"""How numbers, days and shares are written, and the one rounding rule."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.documents import vietnamese as vi
from services.reporting.documents.document import Times


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (682, "682"),
        (1120, "1.120"),
        (6_333_000_000, "6.333.000.000"),
        (Decimal("9000.5"), "9.000,5"),
        (Decimal("9000.00"), "9.000"),
        (Decimal("0.25"), "0,25"),
        (-1234, "−1.234"),
        (None, "–"),
    ],
)
def test_numbers_have_full_stops_between_thousands_and_a_decimal_comma(value: int | None, shown: str) -> None:
    assert vi.number(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        # The 2023 report printed 16.5, 31.5, 76.8, 10, 9.2 and 1.28 where these follow from its counts.
        (60, 374, "16,0"),
        (118, 374, "31,6"),
        (83, 108, "76,9"),
        (11, 108, "10,2"),
        (10, 108, "9,3"),
        (3, 235, "1,3"),
        (184, 235, "78,3"),
        (1, 2000, "0,1"),
        (235, 180, "130,6"),
        (4, 0, "–"),
        (None, 10, "–"),
    ],
)
def test_shares_follow_from_their_counts_and_are_rounded_half_up(
    part: int | None, whole: int, shown: str
) -> None:
    assert vi.percent(vi.percent_of(part, whole)) == shown


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_never_more_than_half_a_tenth_off(part: int, whole: int) -> None:
    share = vi.percent_of(part, whole)
    assert share is not None
    exact = Decimal(part) * 100 / Decimal(whole)
    assert abs(share - exact) <= Decimal("0.05")
    assert share == share.quantize(Decimal("0.1"))


@pytest.mark.parametrize(
    ("value", "shown"), [(57, "+57"), (-3, "−3"), (0, "0"), (1200, "+1.200"), (None, "–")]
)
def test_changes_carry_their_sign(value: int | None, shown: str) -> None:
    assert vi.change(value) == shown


def test_times_are_written_as_officials_write_them() -> None:
    day = Times(None, date(2023, 12, 14))
    window = Times(date(2023, 1, 1), date(2023, 12, 14))
    health = Times(date(2022, 12, 15), date(2023, 12, 14))
    assert [vi.times(one) for one in (day, window, health)] == [
        "14/12/2023",
        "01/01–14/12/2023",
        "15/12/2022–14/12/2023",
    ]
    assert vi.times_in_words(day) == "tính đến hết ngày 14/12/2023"
    assert vi.times_in_words(Times(date(2023, 1, 1), date(2023, 12, 31))) == "trong năm 2023"
    assert vi.times_in_words(window) == "từ ngày 01/01/2023 đến hết ngày 14/12/2023"


def test_instants_are_told_by_the_clock_of_vietnam() -> None:
    assert vi.moment(datetime(2023, 12, 20, 9, 5, tzinfo=UTC)) == "16 giờ 05 phút ngày 20/12/2023"
    assert vi.moment(datetime(2023, 12, 20, 16, 59, 59, 999_999, tzinfo=UTC)) == "hết ngày 20/12/2023"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Tỉnh Hải Dương", "Hải Dương"),
        ("Thành phố Chí Linh", "Chí Linh"),
        ("Thị trấn Kẻ Sặt", "Kẻ Sặt"),
        ("Thị xã Kinh Môn", "Kinh Môn"),
        ("Xã Thống Nhất", "Thống Nhất"),
    ],
)
def test_a_place_is_named_without_its_kind(name: str, bare: str) -> None:
    assert vi.bare(name) == bare
