"""Which registers begin their numbers anew each year: what a province declares, by form, unit and date."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from reference import open_province
from reference.pack import numbering
from tests.support.packs import changed

_DECLARED = """conflicts,police:99004,2020-01-01,,invented
fires,police,2021-01-01,2023-01-01,invented
fires,police:990,2024-01-01,,invented
doses,facility,2022-01-01,,invented
places,*,2023-01-01,,invented"""


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    declared = "conflicts,police:99004,2020-01-01,,invented"
    pack = changed("thu-nghiem", tmp_path, "numbering.csv", declared, _DECLARED)
    rows = numbering.read_numbering(open_province(pack))
    monkeypatch.setattr(numbering, "_rows", lambda: rows)
    numbering.yearly_numbering.cache_clear()
    yield
    numbering.yearly_numbering.cache_clear()


@pytest.mark.parametrize(
    ("form", "unit", "day", "yearly"),
    [
        ("conflicts", "police:99004", date(2020, 1, 1), True),
        ("conflicts", "police:99001", date(2020, 1, 1), False),
        ("fires", "police:99001", date(2022, 12, 31), True),
        ("fires", "police:99001", date(2023, 1, 1), False),
        ("fires", "police:990", date(2024, 1, 1), True),
        ("fires", "health:990", date(2022, 1, 1), False),
        ("doses", "CDC-30", date(2022, 1, 1), True),
        ("places", "CDC-30", date(2023, 1, 1), True),
        ("arrests", "police:990", date(2023, 1, 1), False),
    ],
)
def test_numbers_are_yearly_where_the_unit_or_its_word_is_declared(
    declared: None, form: str, unit: str, day: date, yearly: bool
) -> None:
    assert any(span.holds(day) for span in numbering.yearly_numbering(form, unit)) is yearly
