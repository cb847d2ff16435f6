"""How the command line words a figure for people."""

from datetime import date, timedelta

import pytest

from khopso.words import named, shown
from tests.support.packs import renamed_area


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (1153, "1.153"),
        (16.25, "16,3"),
        (130.55555555555554, "130,6"),
        (1234.55, "1.234,6"),
        (50.0, "50"),
    ],
)
def test_values_are_written_the_vietnamese_way_and_rounded_half_up(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_an_area_is_named_as_it_was_called_on_the_day() -> None:
    old, new = renamed_area()
    assert old.valid_to is not None
    assert named(old.code, "area", old.valid_to - timedelta(days=1)).endswith(old.name)
    assert named(old.code, "area", old.valid_to).endswith(new.name)


def test_what_is_not_known_is_said_in_words() -> None:
    assert "không rõ" in named("unknown", "sex", date(2023, 12, 14))
    assert "chưa phân bổ" in named("unattributed", "area", date(2025, 12, 14))


def test_a_divided_commune_is_named_in_words_and_a_region_by_its_old_district() -> None:
    words = "Chưa phân bổ: Xã Thống Nhất (đã chia cho: Phường Thạch Khôi, Xã Yết Kiêu)"
    assert named("unattributed:11008@2008", "commune", date(2025, 12, 14), words) == words
    assert named("288", "region", date(2025, 12, 14), "Thành phố Hải Dương") == "288  Thành phố Hải Dương"
