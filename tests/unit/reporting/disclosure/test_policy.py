"""Who sees exact numbers, and what the data of the policy say of every figure."""

from datetime import date, timedelta
from typing import cast

import pytest

from reference.figures import FIGURES
from services.chassis.security import EXACT, Allowed, Facility, Principal, Refused, Role, Units
from services.reporting.checks.rules import RULES
from services.reporting.checks.usecases import Check
from services.reporting.disclosure.grid import Window, find, is_due, latest_released, windows_near
from services.reporting.disclosure.policy import (
    family_of,
    is_sensitive,
    links,
    right_to_exact,
    rule_of,
    sight_of,
)
from services.reporting.disclosure.release import partitions
from services.reporting.figures import Reader, Scope
from tests.support.packs import COMMITTEE, COMMUNE, DISTRICT, PROVINCE

LABOUR = pytest.mark.hai_duong("its labour department kept detox until 2025")
DAY = date(2023, 12, 31)
LATER = date(2025, 12, 31)
ADMITTED = "detox.compulsory_admitted"
TODAY = date(2024, 6, 1)
LISTED = Units({"TT01": [Facility(date(2020, 1, 1), None, frozenset({"methadone"}), None, COMMUNE)]})


def reader(unit: str, role: Role, today: date = TODAY) -> Reader:
    """Whoever asks, by the units register; the token claims the whole province."""
    return Reader.of(Principal(unit, PROVINCE, role, "s"), today, LISTED)


@pytest.mark.parametrize(
    ("unit", "role", "figure", "day", "exact"),
    [
        (COMMITTEE, "admin", "methadone.active", DAY, False),
        (f"police:{PROVINCE}", "admin", "registry.users", DAY, False),
        (COMMITTEE, "official", "methadone.active", DAY, True),
        (COMMITTEE, "clerk", "registry.users", DAY, True),
        (COMMITTEE, "analyst", "registry.users", DAY, False),
        (f"police:{DISTRICT}", "clerk", "registry.users", DAY, True),
        (f"police:{DISTRICT}", "analyst", "registry.users", DAY, False),
        (f"police:{DISTRICT}", "operator", "registry.users", DAY, False),
        (COMMITTEE, "operator", "registry.users", DAY, False),
        (f"police:{DISTRICT}", "official", "methadone.active", DAY, False),
        ("TT01", "clerk", "methadone.active", DAY, True),
        ("TT01", "clerk", "registry.users", DAY, False),
        ("TT02", "clerk", "methadone.active", DAY, False),  # nobody has listed it
        (f"health:{PROVINCE}", "official", "registry.users", DAY, False),
        (f"police:{PROVINCE}", "official", ADMITTED, DAY, False),  # labour's until 1 March 2025
        (f"police:{PROVINCE}", "official", ADMITTED, LATER, True),
    ],
)
def test_clerks_and_officials_of_the_owner_and_of_the_committee_see_exact_numbers(
    unit: str, role: Role, figure: str, day: date, exact: bool
) -> None:
    decision = right_to_exact(reader(unit, role), FIGURES[figure], day)
    assert isinstance(decision, Allowed) is exact
    # And a refusal says who sees them.
    assert exact or ("committee" in cast(Refused, decision).kinds and cast(Refused, decision).right == EXACT)


@LABOUR
def test_figures_of_a_register_that_passed_to_another_agency_are_read_by_the_one_that_has_it_now() -> None:
    """Detox was labour's until 1 March 2025; then the province police took its rights."""
    # Given the admissions of 2023
    for unit, before, after in ((f"labour:{PROVINCE}", True, False), (f"police:{PROVINCE}", False, True)):
        # When its unit asks before and after the change
        found = [
            isinstance(right_to_exact(reader(unit, "official", today), FIGURES[ADMITTED], DAY), Allowed)
            for today in (TODAY, date(2025, 3, 1))
        ]
        # Then they are labour's before, and the police's after
        assert found == [before, after], unit


def test_every_figure_about_persons_is_protected_and_no_figure_about_places() -> None:
    persons = {code for code, figure in FIGURES.items() if figure.unit in ("person", "slip")}
    persons.discard("detox.compulsory_target")  # counts nobody
    for code in persons:
        assert is_sensitive(code, DAY), code
    # Which communes have somebody, and how many were given a dose, is about persons all the same.
    derived = {"areas.with_drug_problem", "areas.without_drug_problem", "methadone.doses"}
    for code, figure in FIGURES.items():
        if figure.unit in ("commune", "facility", "place", "vnd", "gram", "dose"):
            assert is_sensitive(code, DAY) == (code in derived), code


def test_figures_from_which_persons_follow_are_released_for_the_province_only_and_by_no_place() -> None:
    for code in ("areas.with_drug_problem", "areas.without_drug_problem", "methadone.doses"):
        rule = rule_of(code, DAY)
        assert set(rule.windows.values()) == {"province"}
        assert "facility" not in rule.dimensions


def test_every_rule_names_dimensions_that_its_figure_has_and_a_threshold() -> None:
    for code, figure in FIGURES.items():
        rule = rule_of(code, DAY)
        assert rule.threshold >= (2 if figure.unit in ("person", "slip", "case") else 1)
        if rule.sensitive and figure.kind != "ratio" and rule.pattern == code:
            assert set(rule.dimensions) <= set(figure.dimensions), code


def test_figures_that_can_be_subtracted_from_each_other_are_one_family() -> None:
    patients = ["methadone.active", "methadone.entered", "methadone.left"]
    assert list(family_of("methadone.left")) == [
        *patients,
        "check.methadone.not_listed",
        "check.methadone.without_file",
    ]
    assert family_of("determination.slips") == family_of("determination.addicted")
    assert family_of("arrests.persons") == ("arrests.persons",)
    for link in links():
        assert sum(term.sign for term in link.terms if term.sign > 0) >= 1, link.name


@pytest.mark.parametrize(
    ("unit", "role", "code", "sight"),
    [
        (f"police:{PROVINCE}", "official", "registry.addict_without_slip", "exact"),
        (f"health:{PROVINCE}", "official", "registry.addict_without_slip", "released"),
        ("TT01", "clerk", "methadone.not_listed", "exact"),
        (f"police:{DISTRICT}", "clerk", "methadone.not_listed", "released"),
        (f"health:{PROVINCE}", "official", "treatment.unknown_facility", "exact"),
        (f"health:{PROVINCE}", "official", "detox.unknown_facility", "released"),
        pytest.param(f"labour:{PROVINCE}", "official", "detox.unknown_facility", "exact", marks=LABOUR),
        pytest.param(
            f"labour:{PROVINCE}", "official", "treatment.unknown_facility", "released", marks=LABOUR
        ),
        (COMMITTEE, "clerk", "methadone.not_listed", "exact"),
        (f"labour:{PROVINCE}", "official", "methadone.not_listed", "nothing"),
        (COMMITTEE, "analyst", "methadone.not_listed", "nothing"),
        (f"health:{PROVINCE}", "analyst", "methadone.not_listed", "nothing"),
        (f"police:{PROVINCE}", "admin", "registry.double_record", "nothing"),
        (COMMITTEE, "operator", "registry.double_record", "nothing"),
        ("TT02", "clerk", "methadone.not_listed", "nothing"),  # nobody has listed it
        (f"health:{PROVINCE}", "official", "declared.contradiction", "exact"),  # counts declarations
    ],
)
def test_of_what_is_found_among_another_agencys_persons_parties_see_releases(
    unit: str, role: Role, code: str, sight: str
) -> None:
    comparison = Check(code, rule=RULES[code]).comparison(Scope(PROVINCE, DAY, None, None))
    assert sight_of(reader(unit, role), comparison) == sight


def test_every_check_between_agencies_about_persons_is_released() -> None:
    for code, rule in RULES.items():
        parties = set(rule.parties)
        for day in (DAY, LATER):
            others = parties - set(rule.registers_on(day)) or len(rule.registers_on(day)) > 1
            counts = rule.subject in ("person", "record") and len(parties) > 1
            assert rule_of(f"check.{code}", day).sensitive == counts, code
            assert not counts or others, code


def test_a_balance_over_a_change_of_owner_is_the_committees_alone() -> None:
    check = Check("balance.detox.in_facility", figure="detox.in_facility")
    over, after = (
        check.comparison(Scope(PROVINCE, day, first, None))
        for first, day in ((date(2025, 1, 1), LATER), (date(2025, 4, 1), LATER))
    )
    police = reader(f"police:{PROVINCE}", "official")
    assert [sight_of(police, one) for one in (over, after)] == ["nothing", "exact"]


def test_a_window_is_one_of_the_calendar_and_released_when_it_is_due() -> None:
    rule = rule_of("registry.users", DAY)
    month = find(rule, None, DAY)
    assert month == Window(DAY, None)
    assert find(rule, None, date(2023, 12, 30)) is None
    due = DAY + timedelta(days=rule.lag_days)
    assert not is_due(rule, month, due - timedelta(days=1))
    assert is_due(rule, month, due)
    assert latest_released(rule, date(2024, 3, 1)) == Window(date(2024, 1, 31), None)


def test_a_year_is_made_up_of_its_quarters_and_halves_in_every_way() -> None:
    rule = rule_of("arrests.persons", DAY)
    year = find(rule, date(2023, 1, 1), DAY)
    assert year is not None
    ways = partitions(year, windows_near(rule, flow=True, day=DAY))
    assert sorted(len(way) for way in ways) == [2, 3, 3, 4]
    assert all(way[0].first == year.first and way[-1].last == year.last for way in ways)
