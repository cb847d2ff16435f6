"""The pure waterfall: sums that close, causes taken by a fixed rule, versions told apart."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.reconciliation.domain.changes import Edition, change
from services.reporting.reconciliation.domain.choice import Declared, choose
from services.reporting.reconciliation.domain.waterfall import (
    MEASURED,
    POSSIBLE,
    USES,
    Cause,
    attribute,
    rounding_of,
    telescope,
    waterfall,
)

_counts = st.integers(-30, 30).map(Fraction)
_causes = st.lists(
    st.tuples(st.sampled_from(POSSIBLE), _counts), unique_by=lambda pair: pair[0], max_size=6
).map(lambda pairs: [Cause(step, effect) for step, effect in pairs])


def causes(**effects: int) -> list[Cause]:
    return [Cause(step, Fraction(effect)) for step, effect in effects.items()]


def taken(remainder: int, **effects: int) -> dict[str, int]:
    found = attribute(Fraction(remainder), causes(**effects))
    return {step: int(count) for step, count in found.items() if count}


@given(
    declared=_counts,
    computed=_counts,
    measured=st.dictionaries(st.sampled_from(MEASURED), _counts),
    found=_causes,
)
def test_the_steps_always_add_up_to_the_difference(
    declared: Fraction, computed: Fraction, measured: dict[str, Fraction], found: list[Cause]
) -> None:
    steps = waterfall(declared, measured, computed, found)
    assert sum(step.count for step in steps) == declared - computed
    assert steps[-1].name == "unexplained"
    assert {step.name: step.count for step in steps if step.kind == "measured"} == measured


@given(remainder=_counts, found=_causes)
def test_causes_never_explain_more_than_is_left_nor_pull_the_other_way(
    remainder: Fraction, found: list[Cause]
) -> None:
    explained = attribute(remainder, found)
    assert abs(sum(explained.values(), Fraction())) <= abs(remainder)
    for cause in found:
        part = explained[cause.step]
        assert part * remainder >= 0
        assert abs(part) <= abs(cause.effect)
        if cause.step in USES:
            assert part in (0, cause.effect)


@given(remainder=_counts, found=_causes)
def test_what_some_causes_give_exactly_leaves_nothing_unexplained(
    remainder: Fraction, found: list[Cause]
) -> None:
    helpful = [cause.effect for cause in found if cause.effect * remainder > 0]
    reachable = {Fraction()}
    for effect in helpful:
        reachable |= {so_far + effect for so_far in reachable}
    explained = sum(attribute(remainder, found).values(), Fraction())
    if remainder in reachable:
        assert explained == remainder


def test_one_cause_that_fits_is_preferred_to_two_and_the_firmer_to_the_weaker() -> None:
    assert taken(5, counted_twice=2, facility_area=3, ended_before=5) == {"ended_before": 5}
    assert taken(5, counted_twice=5, ended_before=5) == {"counted_twice": 5}
    assert taken(5, counted_twice=2, other_status=4, ended_before=3) == {
        "counted_twice": 2,
        "ended_before": 3,
    }


def test_where_none_fit_the_firm_causes_go_as_far_as_they_can_and_the_weak_ones_entirely_or_not_at_all() -> (
    None
):
    assert taken(5, counted_twice=9) == {"counted_twice": 5}
    assert taken(-5, residence_elsewhere=-2, area_missing=-1) == {
        "residence_elsewhere": -2,
        "area_missing": -1,
    }
    assert taken(5, ended_before=9) == {}
    assert taken(5, ended_before=4) == {"ended_before": 4}
    assert taken(5, already_known=4) == {}
    assert taken(5, counted_twice=-5) == {}


def test_stages_with_one_name_are_one_step() -> None:
    stages = [("recorded_late", Fraction(5)), ("voided_since", Fraction(4)), ("recorded_late", Fraction(7))]
    assert telescope(stages, Fraction(3)) == {"recorded_late": -5, "voided_since": 1}


@pytest.mark.parametrize(
    ("declared", "above", "below", "expected"),
    [
        ("131", 235, 180, "rounded"),
        ("16.5", 60, 374, None),
        ("16.0", 60, 374, "rounded"),
        ("31.5", 118, 374, "truncated"),
        ("76.8", 83, 108, "truncated"),
        ("9.2", 10, 108, "truncated"),
        ("9.3", 10, 108, "rounded"),
        ("50", 1, 2, "exact"),
        ("12.5", 1, 8, "exact"),
        ("13", 1, 8, "rounded"),
    ],
)
def test_a_percent_is_rounded_half_up_or_cut_off_or_does_not_follow(
    declared: str, above: int, below: int, expected: str | None
) -> None:
    assert rounding_of(Decimal(declared), Fraction(above * 100, below)) == expected


def at(day: int) -> datetime:
    return datetime(2024, 1, day, tzinfo=UTC)


ROW: dict[str, Any] = {"person": {"ref": "a", "age_band": "18-29"}, "commune": "x", "ended_on": None}


@pytest.mark.parametrize(
    ("editions", "reason", "fields"),
    [
        ([Edition(1, at(1), ROW)], None, ()),
        ([Edition(1, at(20), ROW)], "recorded_late", ()),
        ([Edition(1, at(1), ROW), Edition(2, at(20), None)], "voided_since", ()),
        ([Edition(1, at(20), ROW), Edition(2, at(21), None)], None, ()),
        (
            [Edition(1, at(1), ROW), Edition(2, at(20), ROW | {"commune": "y"})],
            "corrected_since",
            ("commune",),
        ),
        (
            [Edition(1, at(1), ROW), Edition(2, at(20), ROW | {"ended_on": "z"})],
            "recorded_late",
            ("ended_on",),
        ),
        (
            [Edition(1, at(1), ROW | {"ended_on": "z"}), Edition(2, at(20), ROW)],
            "corrected_since",
            ("ended_on",),
        ),
        (
            [Edition(1, at(1), ROW), Edition(2, at(20), ROW | {"person": {"ref": "a", "age_band": "30+"}})],
            None,
            (),
        ),
        (
            [Edition(1, at(1), ROW), Edition(2, at(20), ROW | {"person": {"ref": "b", "age_band": "30+"}})],
            "corrected_since",
            ("person",),
        ),
        ([Edition(1, at(1), None), Edition(2, at(20), ROW)], "corrected_since", ()),
        ([Edition(1, at(1), ROW), Edition(2, at(29), None)], None, ()),
        # A later sequence that was recorded earlier holds from then on; the earlier one is never in force again.
        ([Edition(1, at(20), ROW), Edition(2, at(2), ROW | {"commune": "y"})], None, ()),
    ],
)
def test_what_happened_to_a_record_between_two_instants(
    editions: list[Edition], reason: str | None, fields: tuple[str, ...]
) -> None:
    found = change(editions, at(10), at(28))
    assert (found.reason if found else None) == reason
    assert (found.fields if found else ()) == fields
    assert change(list(reversed(editions)), at(10), at(28)) == found


def declared(day: date, first: date | None = None, on: date | None = None, name: str = "a") -> Declared:
    return Declared("police", "f", "30@2008", day, first, Decimal(1), on, at(1), None, None, name)


def test_the_declaration_of_the_same_dates_is_meant_else_the_nearest_else_the_latest_declared() -> None:
    december, june = declared(date(2023, 12, 14), name="d"), declared(date(2023, 6, 14), name="j")
    again = declared(date(2023, 12, 14), on=date(2024, 1, 5), name="e")
    assert choose([june, december], date(2023, 12, 14), None)[0] == december
    assert choose([june, december], date(2023, 8, 1), None)[0] == june
    assert choose([december, again, june], date(2023, 12, 14), None) == [again, december, june]


def test_periods_are_near_by_both_their_ends() -> None:
    health = declared(date(2023, 12, 14), date(2022, 12, 15), name="h")
    committee = declared(date(2023, 12, 14), date(2023, 1, 1), name="c")
    civil = declared(date(2023, 12, 31), date(2023, 1, 1), name="y")
    asked = (date(2023, 12, 31), date(2023, 1, 1))
    assert [one.record_id for one in choose([health, committee, civil], *asked)] == ["y", "c", "h"]
