"""Amounts of figures: whole where something is counted, asked about where a percentage is none that agencies declare."""

from typing import Any

import pytest

from services.registers.amounts import unlikely_percents
from tests.support.packs import PROVINCE
from tests.support.register_rows import FULL
from tests.unit.registers.building import broken, good

PEOPLE = {
    "agency": "health",
    "figure": "methadone.active",
    "area_code": PROVINCE,
    "as_of": "19/12/2023",
    "value": 592,
    "declared_on": "20/12/2023",
}
ROWS = {"declared": PEOPLE, "targets": FULL["targets"]}
SHARE = {**PEOPLE, "figure": "registry.addicts_with_slip_pct"}


def rules(form: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(broken(form, values))


@pytest.mark.parametrize("value", ["1,592", 1.592, "0,5"])
@pytest.mark.parametrize("form", ["declared", "targets"])
def test_nobody_declares_a_part_of_a_person(form: str, value: Any) -> None:
    """Given 1592 people in English writing, when they are read as one and a half, then the row is refused."""
    assert rules(form, {**ROWS[form], "value": value}) == [("value", "figure_whole")]


@pytest.mark.parametrize("value", ["1.592", "1592", 1592, "1.592,0"])
def test_whole_numbers_are_taken_in_any_spelling(value: Any) -> None:
    assert rules("declared", {**PEOPLE, "value": value}) == []


@pytest.mark.parametrize("figure", ["registry.addicts_with_slip_pct", "drug_cases.seized_grams"])
def test_what_is_measured_may_have_decimals(figure: str) -> None:
    assert rules("declared", {**PEOPLE, "figure": figure, "value": "78,3"}) == []


@pytest.mark.parametrize(
    ("value", "told"), [("0,783", True), ("178,3", True), ("78,3", False), ("100", False), ("0", False), ("1", False)]
)  # fmt: skip
def test_a_percentage_that_is_hardly_one_is_asked_about(value: str, told: bool) -> None:
    rows = [good("declared", {**SHARE, "value": value}), good("declared", {**PEOPLE, "value": "1"})]
    assert [(note.field, note.rule) for note in unlikely_percents(rows)] == (
        [("value", "percent_unlikely")] if told else []
    )
