"""Rules of `incidents` that need no row and no database."""

from datetime import date

from reference.codes import AREA_CLASS, CLASS_SCHEME
from services.incidents.area_classes import classes_of
from services.incidents.arrests import is_decided
from services.incidents.conflicts import status_since
from services.incidents.registers import REGISTERS
from tests.support.register_rows import FULL
from tests.unit.registers.building import good


def test_every_class_belongs_to_one_scheme() -> None:
    assert {name for scheme in CLASS_SCHEME for name in classes_of(scheme)} == set(AREA_CLASS)
    assert classes_of("unheard_of") == frozenset()


def test_a_status_holds_from_its_day_and_without_one_from_detection() -> None:
    detected, later = date(2023, 4, 2), date(2023, 6, 2)
    assert status_since("resolved_stable", later, detected) == later
    assert status_since("resolved_stable", None, detected) == detected
    assert status_since("in_progress", later, detected) is None


def test_a_pending_outcome_is_not_decided() -> None:
    assert not is_decided(None)
    assert not is_decided("pending")
    assert is_decided("released")


def test_a_case_reports_how_it_was_handled_as_far_as_it_was() -> None:
    register = REGISTERS["drug_cases"]
    bare = {**FULL["drug_cases"], "prosecuted_on": "", "administrative_on": ""}
    found = [milestone.type.split(".")[2] for milestone in register.milestones(good("drug_cases", bare))]
    assert found == ["detected"]


def test_accused_without_a_day_of_prosecution_are_accepted() -> None:
    good("drug_cases", {**FULL["drug_cases"], "prosecuted_on": ""})
