"""Who sees exact numbers, and what the data of the policy say of every figure."""

from datetime import date

import pytest

from reference.figures import FIGURES
from services.chassis.security.auth import Principal, Role
from services.reporting.checks.rules import RULES
from services.reporting.checks.usecases import Check
from services.reporting.disclosure.grid import Window, find, is_due, latest_released, windows_near
from services.reporting.disclosure.policy import (
    family_of,
    is_sensitive,
    links,
    may_see_exact,
    rule_of,
    sight_of,
)
from services.reporting.disclosure.release import partitions
from services.reporting.figures import Scope

DAY = date(2023, 12, 31)
LATER = date(2025, 12, 31)
ADMITTED = "detox.compulsory_admitted"


@pytest.mark.parametrize(
    ("unit", "role", "figure", "day", "exact"),
    [
        ("committee:30", "admin", "methadone.active", DAY, True),
        ("police:30", "admin", "methadone.active", DAY, True),
        ("committee:30", "official", "methadone.active", DAY, True),
        ("committee:30", "clerk", "registry.users", DAY, True),
        ("committee:30", "analyst", "registry.users", DAY, False),
        ("police:288", "clerk", "registry.users", DAY, True),
        ("police:288", "analyst", "registry.users", DAY, False),
        ("police:288", "operator", "registry.users", DAY, False),
        ("committee:30", "operator", "registry.users", DAY, False),
        ("police:288", "official", "methadone.active", DAY, False),
        ("TT01", "clerk", "methadone.active", DAY, True),
        ("health:30", "official", "registry.users", DAY, False),
        ("police:30", "official", ADMITTED, DAY, False),  # labour's until 1 March 2025
        ("police:30", "official", ADMITTED, LATER, True),
    ],
)
def test_the_owner_of_the_day_the_committee_and_administrators_see_exact_numbers(
    unit: str, role: Role, figure: str, day: date, exact: bool
) -> None:
    assert may_see_exact(Principal(unit, "30", role, "s"), FIGURES[figure], day) is exact


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
        ("police:30", "official", "registry.addict_without_slip", "exact"),
        ("health:30", "official", "registry.addict_without_slip", "released"),
        ("TT01", "clerk", "methadone.not_listed", "exact"),
        ("police:288", "clerk", "methadone.not_listed", "released"),
        ("health:30", "official", "treatment.unknown_facility", "released"),  # into methadone and detox
        ("committee:30", "clerk", "methadone.not_listed", "exact"),
        ("labour:30", "official", "methadone.not_listed", "nothing"),
        ("committee:30", "analyst", "methadone.not_listed", "nothing"),
        ("health:30", "analyst", "methadone.not_listed", "nothing"),
        ("health:30", "admin", "registry.double_record", "exact"),
        ("health:30", "official", "declared.contradiction", "exact"),  # counts declarations
    ],
)
def test_of_what_is_found_among_another_agencys_persons_parties_see_releases(
    unit: str, role: Role, code: str, sight: str
) -> None:
    comparison = Check(code, rule=RULES[code]).comparison(Scope("30", DAY, None, None))
    assert sight_of(Principal(unit, "30", role, "s"), comparison) == sight


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
        check.comparison(Scope("30", day, first, None))
        for first, day in ((date(2025, 1, 1), LATER), (date(2025, 4, 1), LATER))
    )
    police = Principal("police:30", "30", "official", "s")
    assert [sight_of(police, one) for one in (over, after)] == ["nothing", "exact"]


def test_a_window_is_one_of_the_calendar_and_released_when_it_is_due() -> None:
    rule = rule_of("registry.users", DAY)
    month = find(rule, None, DAY)
    assert month == Window(DAY, None)
    assert find(rule, None, date(2023, 12, 30)) is None
    assert not is_due(rule, month, date(2024, 1, 14))
    assert is_due(rule, month, date(2024, 1, 15))
    assert latest_released(rule, date(2024, 3, 1)) == Window(date(2024, 1, 31), None)


def test_a_year_is_made_up_of_its_quarters_and_halves_in_every_way() -> None:
    rule = rule_of("arrests.persons", DAY)
    year = find(rule, date(2023, 1, 1), DAY)
    assert year is not None
    ways = partitions(year, windows_near(rule, flow=True, day=DAY))
    assert sorted(len(way) for way in ways) == [2, 3, 3, 4]
    assert all(way[0].first == year.first and way[-1].last == year.last for way in ways)
