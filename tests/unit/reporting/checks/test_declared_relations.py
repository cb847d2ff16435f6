"""Declared figures against each other: sums, subsets, communes and percentages that cannot all be true."""

from datetime import date
from decimal import Decimal

import pytest

from reference import FIGURES, area_book
from tablecheck.relations import contradictions, relations
from tests.support.packs import PROVINCE, PROVINCE_UID

DAY = date(2023, 12, 31)


def found(values: dict[str, str | int]) -> dict[str, tuple[str, ...]]:
    """Rule → the figures that contradict each other."""
    declared = {code: Decimal(value) for code, value in values.items()}
    return {item.finding.rule: item.figures for item in contradictions(declared, PROVINCE, DAY)}


def test_every_relation_names_figures_of_the_catalogue() -> None:
    for relation in relations():
        assert set(relation.parts) <= set(FIGURES)
        assert relation.whole is None or relation.whole in FIGURES
        assert relation.optional <= set(relation.parts)


CONFLICTS: dict[str, str | int] = {
    "conflicts.detected": 374,
    "conflicts.status.in_progress": 60,
    "conflicts.status.resolved_unstable": 118,
    "conflicts.status.resolved_stable": 196,
}


def test_figures_that_add_up_have_no_contradiction() -> None:
    assert found(CONFLICTS) == {}


def test_parts_that_do_not_make_their_whole_contradict_it() -> None:
    assert found(CONFLICTS | {"conflicts.status.in_progress": 61}) == {
        "table.parts_sum": (*list(CONFLICTS)[1:], "conflicts.detected")
    }


def test_a_part_that_was_not_declared_leaves_nothing_to_say_unless_it_is_the_rest() -> None:
    assert found({"conflicts.detected": 374, "conflicts.status.in_progress": 60}) == {}
    causes: dict[str, str | int] = {
        "conflicts.detected": 374,
        "conflicts.cause.land": 181,
        "conflicts.cause.daily_life": 98,
    }
    assert found(causes) == {"table.other_missing": (*list(causes)[1:], "conflicts.detected")}
    assert found(causes | {"conflicts.cause.not_land_or_daily_life": 95}) == {}


def test_classes_must_cover_every_commune_of_the_area() -> None:
    communes = len(area_book().communes(PROVINCE_UID, DAY))
    risk: dict[str, str | int] = {
        "areas.risk.high": communes - 1,
        "areas.risk.at_risk": 0,
        "areas.risk.low": 0,
    }
    assert found(risk) == {"table.communes_missing": tuple(risk)}
    assert found(risk | {"areas.risk.unclassified": 1}) == {}


@pytest.mark.parametrize(("addicted", "expected"), [(275, {}), (280, {}), (270, {"table.parts_sum"})])
def test_persons_concluded_twice_may_make_the_parts_more_than_the_whole_but_never_less(
    addicted: int, expected: set[str]
) -> None:
    values: dict[str, str | int] = {
        "determination.concluded": 536,
        "determination.addicted": addicted,
        "determination.not_addicted": 261,
    }
    assert set(found(values)) == set(expected)


def test_a_subset_is_not_larger_than_its_whole() -> None:
    values: dict[str, str | int] = {"registry.addicts_with_file": 600, "registry.addicts_in_community": 682}
    assert found(values) == {"table.part_exceeds": ("registry.addicts_in_community",)}


def test_a_declared_percentage_follows_from_the_declared_counts() -> None:
    values: dict[str, str | int] = {
        "detox.compulsory_admitted": 235,
        "detox.compulsory_target": 180,
        "detox.compulsory_target_pct": "130.6",
    }
    assert found(values) == {}
    assert found(values | {"detox.compulsory_target_pct": "130.5"}) == {
        "table.truncated": ("detox.compulsory_target_pct",)
    }
