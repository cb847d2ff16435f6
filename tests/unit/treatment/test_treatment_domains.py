"""Rules of `treatment` that need no row and no database."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.figures import FIGURES
from services.treatment.determination import clinician_faults, facility_faults
from services.treatment.detox import completed
from services.treatment.directory.domain import Directory, Listing
from services.treatment.methadone import ending, transfer_is_told
from services.treatment.targets import can_be_assigned

DAYS = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@settings(deadline=None)
@given(DAYS, DAYS, DAYS)
def test_a_listing_holds_from_its_first_day_up_to_its_last_exclusive(
    first: date, until: date, day: date
) -> None:
    assert Listing(first, until).holds_on(day) == (first <= day < until)
    assert Listing(first, None).holds_on(day) == (first <= day)


def test_only_a_listed_facility_that_may_do_it_concludes() -> None:
    day = date(2023, 2, 5)
    listings = [
        Listing(date(2020, 1, 1), date(2023, 1, 1), frozenset({"determination"})),
        Listing(date(2023, 1, 1), None, frozenset({"methadone"})),
    ]
    directory = Directory({"A": listings, "B": [Listing(day, None)]}, {"C": [Listing(day, None)]})
    assert list(facility_faults(directory, "A", date(2022, 12, 31))) == []
    assert list(facility_faults(directory, "A", day)) == ["facility_not_determining"]
    assert list(facility_faults(directory, "B", day)) == []
    assert list(facility_faults(directory, "B", date(2023, 2, 4))) == ["facility_unknown"]
    assert list(facility_faults(directory, "X", day)) == ["facility_unknown"]
    assert list(clinician_faults(directory, "C", day)) == []
    assert list(clinician_faults(directory, "D", day)) == ["clinician_unknown"]


@pytest.mark.parametrize(
    ("reason", "to", "told"),
    [
        ("transferred", "B", True),
        ("transferred", None, True),
        ("died", "B", False),
        ("died", None, True),
        (None, "B", True),  # the missing reason has its own fault
    ],
)
def test_a_receiving_site_stands_beside_a_transfer_only(
    reason: str | None, to: str | None, told: bool
) -> None:
    assert transfer_is_told(reason, to) is told


def test_a_transfer_is_no_mere_leaving() -> None:
    assert ending("transferred") == "transferred"
    assert ending("died") == ending(None) == "left"


def test_stages_come_in_their_order_without_those_not_done() -> None:
    days = {"stage_c_on": date(2023, 3, 1), "stage_a_on": date(2023, 1, 1), "stage_b_on": None}
    assert list(completed(days)) == [("a", date(2023, 1, 1)), ("c", date(2023, 3, 1))]


def test_targets_are_for_what_is_counted() -> None:
    assignable = {code for code, figure in FIGURES.items() if can_be_assigned(figure.kind, code)}
    assert {"detox.compulsory_admitted", "methadone.active"} <= assignable
    assert not assignable & {
        "detox.compulsory_target",
        "detox.compulsory_target_pct",
        "registry.addicts_with_slip_pct",
    }
