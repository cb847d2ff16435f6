"""Who may do what, against a table written by hand from the province's decision (never from the code that decides)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from contracts.forms import FORMS
from services.chassis.security import (
    EXACT,
    HAND_IN,
    READ,
    Actor,
    Allowed,
    Facility,
    Refused,
    Target,
    Units,
    may,
    missing,
)

pytestmark = pytest.mark.hai_duong("the rights that its authority table gives")

BEFORE, AFTER = date(2024, 6, 1), date(2026, 6, 1)
"""Days before and after detox moved from labour to the police, and districts ended."""


def _facility(level: str, *does: str) -> list[Facility]:
    return [Facility(date(2015, 1, 1), None, frozenset(does), level, "10513")]


UNITS = Units(
    {
        "MMT": _facility("district", "methadone"),
        "XN": _facility("district", "determination"),
        "CAI": _facility("province", "detox"),
        "TYT": _facility("commune"),
        "BV": _facility("province"),
        "CLOSED": [Facility(date(2015, 1, 1), date(2020, 1, 1), frozenset({"methadone"}), None, "10513")],
    }
)
KINDS = {
    "commune_police": "police:10513",
    "district_police": "police:288",
    "province_police": "police:30",
    "health_station": "health:10513",
    "health_centre": "health:288",
    "health_department": "health:30",
    "labour_department": "labour:30",
    "committee_commune": "committee:10513",
    "committee_district": "committee:288",
    "committee_province": "committee:30",
    "ost_site": "MMT",
    "determination_site": "XN",
    "detox_centre": "CAI",
    "facility_station": "TYT",
    "hospital": "BV",
    "unlisted": "NOBODY-1",
}
POLICE = {"commune_police", "district_police", "province_police"}
OWN: dict[tuple[str, str], set[str]] = {
    ("registry", ""): {"commune_police"},
    ("determination", ""): {"determination_site"},
    ("methadone", ""): {"ost_site"},
    ("doses", ""): {"ost_site"},
    ("detox", "compulsory"): {"detox_centre"},
    ("detox", "voluntary_facility"): {"detox_centre"},
    ("detox", "voluntary_home"): {"health_station", "facility_station", "committee_commune"},
    ("post_detox", ""): {"detox_centre", "commune_police", "committee_commune"},
    **{(form, ""): POLICE for form in ("fires", "drug_cases", "arrests", "conflicts", "places")},
    ("area_classes", ""): {"district_police", "province_police"},
    ("facilities", ""): {"health_department"},
    ("facilities", "detox"): {"labour_department"},
    ("clinicians", ""): {"health_department"},
    ("clinicians", "detox"): {"labour_department"},
}
"""Form and kind of record → who keeps a register of its own, in June 2024."""
BELOW: dict[str, dict[str, set[str]]] = {
    "registry": {"police:10513": {"district_police", "province_police"}},
    "determination": {"XN": {"health_department"}},
    "methadone": {"MMT": {"health_department"}, "CLOSED": {"health_department"}},
    "detox": {"CAI": {"labour_department"}},
    "post_detox": {"CAI": {"labour_department"}},
    **{
        form: {
            "police:10513": {"district_police", "province_police"},
            "police:288": {"province_police"},
            "police:290": {"province_police"},
        }
        for form in ("fires", "drug_cases", "arrests", "conflicts", "places")
    },
    "area_classes": {"police:288": {"province_police"}, "police:290": {"province_police"}},
}
"""Form → unit → who hands in on its behalf, in June 2024; nobody does for any other unit."""


def _actor(kind: str, role: str = "clerk", day: date = BEFORE) -> Actor:
    return Actor(UNITS.on(KINDS[kind], day), role)


def _may_hand_in(
    kind: str, form: str, unit: str, variant: str = "", day: date = BEFORE, **about: object
) -> bool:
    variants = frozenset({variant}) if variant else frozenset[str]()
    target = Target(form, UNITS.keeping(unit, day), variants, **about)  # type: ignore[arg-type]
    return isinstance(may(_actor(kind, day=day), HAND_IN, target, day), Allowed)


def _cells() -> Iterator[tuple[str, str]]:
    yield from OWN


@pytest.mark.parametrize(("form", "variant"), _cells())
def test_a_unit_keeps_the_registers_of_its_kind_and_no_other(form: str, variant: str) -> None:
    may_keep = {kind for kind, unit in KINDS.items() if _may_hand_in(kind, form, unit, variant)}
    assert may_keep == OWN[form, variant]


def test_the_hand_written_table_has_every_form() -> None:
    assert {form for form, _ in OWN} | {"targets", "declared"} == set(FORMS)


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"targets", "declared"}))
def test_on_behalf_of_another_unit_only_the_offices_above_it_hand_in(form: str) -> None:
    expected = BELOW.get(form, {})
    for unit in (*KINDS.values(), "CLOSED", "police:290"):
        variant = "compulsory" if form == "detox" else ""
        others = {
            kind for kind, own in KINDS.items() if own != unit and _may_hand_in(kind, form, unit, variant)
        }
        assert others == expected.get(unit, set()), unit


@pytest.mark.parametrize("role", ["official", "analyst", "administrator", "operator"])
def test_rows_are_handed_in_by_clerks(role: str) -> None:
    for kind, unit in KINDS.items():
        for form, variant in OWN:
            variants = frozenset({variant}) if variant else frozenset[str]()
            decision = may(
                _actor(kind, role), HAND_IN, Target(form, UNITS.keeping(unit, BEFORE), variants), BEFORE
            )
            assert isinstance(decision, Refused)


def test_what_has_ended_hands_in_nothing_and_its_successor_takes_its_place() -> None:
    # Districts' police and the labour department ended on 1 March 2025.
    assert not _may_hand_in("district_police", "fires", "police:288", day=AFTER)
    assert not _may_hand_in("labour_department", "detox", "CAI", "compulsory", day=AFTER)
    assert _may_hand_in("province_police", "fires", "police:288", day=AFTER)
    assert _may_hand_in("province_police", "detox", "CAI", "compulsory", day=AFTER)
    assert not _may_hand_in("province_police", "detox", "CAI", "compulsory", day=BEFORE)
    assert _may_hand_in("detox_centre", "detox", "CAI", "compulsory", day=AFTER)


def test_a_withdrawal_that_does_not_say_its_kind_is_for_the_same_units_as_the_record() -> None:
    def may_void(kind: str, unit: str) -> bool:
        target = Target("detox", UNITS.keeping(unit, BEFORE), None)
        return isinstance(may(_actor(kind), HAND_IN, target, BEFORE), Allowed)

    assert may_void("detox_centre", "CAI")
    assert may_void("labour_department", "CAI")
    assert not any(may_void(kind, "CAI") for kind in KINDS.keys() - {"detox_centre", "labour_department"})


@pytest.mark.parametrize(
    ("kind", "area", "expected"),
    [
        ("committee_province", "30@2008", True),
        ("committee_province", "10513@2008", True),
        ("committee_district", "10513@2008", True),
        ("committee_district", "288@2008", False),
        ("committee_district", "30@2008", False),
        ("committee_commune", "30@2008", False),
        ("committee_commune", "10513@2008", False),
        ("province_police", "10513@2008", True),
        ("health_department", "10513@2008", False),
        ("district_police", "10513@2008", False),
        ("ost_site", "10513@2008", False),
    ],
)
def test_targets_of_the_police_are_set_from_above(kind: str, area: str, expected: bool) -> None:
    unit = KINDS[kind]
    assert _may_hand_in(kind, "targets", unit, area=area, owners=frozenset({"police"})) is expected


@pytest.mark.parametrize(
    ("kind", "agency", "area", "paper", "expected"),
    [
        ("commune_police", "police", "10513@2008", False, True),
        ("commune_police", "police", "288@2008", False, False),
        ("commune_police", "health", "10513@2008", True, False),
        ("province_police", "police", "30@2008", False, True),
        ("facility_station", "police", "30@2008", True, False),
        ("facility_station", "health", "10513@2008", False, True),
        ("facility_station", "health", "30@2008", False, False),
        ("unlisted", "health", "10513@2008", True, False),
        ("committee_province", "police", "30@2008", False, False),
        ("committee_province", "police", "30@2008", True, True),
        ("committee_commune", "police", "30@2008", True, False),
        ("committee_commune", "police", "10513@2008", True, True),
    ],
)
def test_a_unit_declares_for_its_own_agency_and_area(
    kind: str, agency: str, area: str, paper: bool, expected: bool
) -> None:
    about = {"area": area, "owners": frozenset({agency}), "paper": paper}
    assert _may_hand_in(kind, "declared", KINDS[kind], **about) is expected  # type: ignore[arg-type]


def _sees(kind: str, role: str, form: str, unit: str, *met: str, **about: object) -> frozenset[str]:
    target = Target(form, UNITS.keeping(unit, BEFORE), **about)  # type: ignore[arg-type]
    decision = may(_actor(kind, role), READ, target, BEFORE)
    return decision.sees(*met) if isinstance(decision, Allowed) else frozenset()


def test_a_clerk_reads_its_own_rows_and_of_those_below_who_they_are_with_a_purpose() -> None:
    assert _sees("ost_site", "clerk", "methadone", "MMT") == {"values", "identity"}
    assert _sees("health_department", "clerk", "methadone", "MMT") == {"values"}
    assert _sees("health_department", "clerk", "methadone", "MMT", "purpose") == {"values", "identity"}
    assert _sees("province_police", "clerk", "registry", "police:10513") == {"values"}


def test_nobody_reads_rows_of_another_agency_or_of_a_unit_beside_it() -> None:
    for unit, form, keepers in (
        ("MMT", "methadone", {"ost_site", "health_department"}),
        ("police:10513", "registry", POLICE),
    ):
        for kind in KINDS.keys() - keepers:
            for role in ("clerk", "official"):
                assert not _sees(kind, role, form, unit, "purpose", "step_up"), (kind, role)


def test_analysts_administrators_and_operators_read_no_row() -> None:
    rows = {"values", "identity", "lists"}
    for role in ("analyst", "administrator", "operator"):
        for kind, unit in KINDS.items():
            for form in FORMS:
                assert not _sees(kind, role, form, unit, "purpose", "step_up", "reason") & rows


def test_who_a_minor_is_only_an_official_of_the_commune_reads() -> None:
    minor = {"minor": True}
    met = ("purpose", "step_up")
    assert _sees("commune_police", "clerk", "registry", "police:10513", *met, **minor) == {"values"}
    assert _sees("province_police", "official", "registry", "police:10513", *met, **minor) == {
        "lists",
        "counts",
    }
    assert "identity" in _sees("commune_police", "official", "registry", "police:10513", *met, **minor)
    assert "identity" not in _sees("commune_police", "official", "registry", "police:10513", **minor)


def test_the_commune_police_learn_of_treatment_what_law_lists_and_only_by_a_known_tie() -> None:
    unit = UNITS.keeping("MMT", BEFORE)
    police = _actor("commune_police")
    tied = may(police, READ, Target("methadone", unit, ties=frozenset({"residence"})), BEFORE)
    assert isinstance(tied, Allowed)
    assert tied.learns == {"enrolled", "left", "transferred", "reason_class"}
    assert not tied.reads("purpose")
    assert isinstance(may(police, READ, Target("methadone", unit), BEFORE), Refused)
    district = _actor("district_police")
    assert isinstance(
        may(district, READ, Target("methadone", unit, ties=frozenset({"residence"})), BEFORE), Refused
    )


def test_exact_figures_are_for_their_owner_and_the_committee() -> None:
    target = Target(owners=frozenset({"police"}))
    exact = {
        (kind, role)
        for kind in KINDS
        for role in ("clerk", "official", "analyst", "administrator", "operator")
        if isinstance(may(_actor(kind, role), EXACT, target, BEFORE), Allowed)
    }
    committee = {kind for kind in KINDS if kind.startswith("committee")}
    assert exact == {(kind, role) for kind in POLICE | committee for role in ("clerk", "official")}


def test_a_refusal_names_the_right_and_its_holders_and_is_the_same_for_any_unit() -> None:
    police = _actor("commune_police")
    there, nowhere = (
        may(police, READ, Target("methadone", UNITS.keeping(unit, BEFORE)), BEFORE)
        for unit in ("MMT", "NOT-THERE")
    )
    assert there == nowhere
    assert isinstance(there, Refused)
    said = missing(there)
    assert "methadone" in said["right"].en
    assert "Cơ sở điều trị methadone" in said["holders"].vi
    assert said["holders"].en == "a clerk of facility that does methadone or dispensing on the day"


def test_operators_look_after_dead_letters_and_both_they_and_administrators_rebuild() -> None:
    def roles(action: str) -> set[str]:
        everyone = ("clerk", "official", "analyst", "administrator", "operator")
        return {
            role
            for role in everyone
            if isinstance(may(_actor("committee_province", role), action, Target(), BEFORE), Allowed)
        }

    for action in (
        "show_dead_letter",
        "unmask_dead_letter",
        "retry_dead_letter",
        "discard_dead_letter",
        "erase_dead_letter",
    ):
        assert roles(action) == {"operator"}
    for action in ("rebuild", "republish", "see_consumers"):
        assert roles(action) == {"operator", "administrator"}


def test_lines_of_a_check_are_marked_by_officials_of_its_parties_with_a_purpose() -> None:
    target = Target(owners=frozenset({"health", "police"}))
    marks = {
        (kind, role)
        for kind in KINDS
        for role in ("clerk", "official", "analyst", "administrator", "operator")
        if isinstance(may(_actor(kind, role), "mark_line", target, BEFORE), Allowed)
    }
    assert ("health_department", "official") in marks
    assert ("commune_police", "official") in marks
    assert {role for _, role in marks} == {"official"}
    assert not {kind for kind, _ in marks} & {
        "labour_department",
        "committee_province",
        "detox_centre",
        "unlisted",
    }
    allowed = may(_actor("health_department", "official"), "mark_line", target, BEFORE)
    assert isinstance(allowed, Allowed)
    assert allowed.guards("mark_line") == {"purpose", "own_names_only"}


def test_a_period_is_closed_by_an_official_of_its_calendar() -> None:
    def closes(kind: str, owners: str, role: str = "official") -> bool:
        target = Target(owners=frozenset({owners}), area="30@2008")
        return isinstance(may(_actor(kind, role), "close", target, BEFORE), Allowed)

    assert closes("health_department", "health")
    assert closes("committee_province", "*")
    assert not closes("health_department", "police")
    assert not closes("committee_province", "health")
    assert not closes("health_department", "*")
    assert not closes("health_department", "health", "clerk")
    assert not closes("health_centre", "health")  # a district's office does not close the province's period
    closing = may(
        _actor("health_department", "official"), "close", Target(owners=frozenset({"health"})), BEFORE
    )
    assert isinstance(closing, Allowed)
    assert closing.guards() == {"step_up", "ledger_shown", "named_person"}


def test_a_report_is_written_by_the_office_of_its_area_alone_and_read_in_all_areas_above() -> None:
    def may_do(kind: str, action: str, role: str, area: str) -> bool:
        target = Target(owners=frozenset({"police"}), area=area)
        return isinstance(may(_actor(kind, role), action, target, BEFORE), Allowed)

    commune, district = "10513@2008", "288@2008"
    assert may_do("commune_police", "compose_report", "clerk", commune)
    assert not may_do("commune_police", "submit_report", "clerk", commune)
    assert may_do("commune_police", "submit_report", "official", commune)
    assert not may_do("district_police", "compose_report", "official", commune)
    assert may_do("district_police", "approve_report", "official", district)
    assert not may_do("province_police", "approve_report", "official", district)
    assert may_do("province_police", "read_report", "official", commune)
    assert not may_do("province_police", "read_report_draft", "official", commune)
    assert may_do("commune_police", "read_report_draft", "clerk", commune)
    assert not may_do("health_department", "read_report", "official", commune)


def test_whether_two_records_are_one_person_is_decided_where_somebody_can_tell() -> None:
    def may_do(kind: str, role: str, day: date = BEFORE, action: str = "decide_link", **target: Any) -> bool:
        about = Target("registry", area="10513@2008", **target)
        return isinstance(may(_actor(kind, role, day), action, about, day), Allowed)

    for action in ("decide_link", "undo_link"):
        assert may_do("commune_police", "clerk", action=action)
        assert may_do("commune_police", "official", action=action)
        assert may_do("commune_police", "clerk", action=action, size=5)
        assert not may_do("commune_police", "clerk", action=action, size=6)
        assert not may_do("district_police", "clerk", action=action)
        assert may_do("district_police", "clerk", action=action, between=True)
        assert may_do("province_police", "clerk", action=action, between=True)
        assert may_do("province_police", "clerk", action=action, size=6)
        assert not may_do("province_police", "clerk", action=action, size=5)
        assert not may_do("province_police", "official", action=action, between=True)
        assert not may_do("health_station", "clerk", action=action, between=True)
        assert not may_do("committee_commune", "clerk", action=action)
    # Districts have no police any more.
    assert not may_do("district_police", "clerk", AFTER, between=True)
