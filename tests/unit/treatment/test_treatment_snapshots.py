"""What of a row travels: every form's snapshot of a full row, and nothing of the identity."""

from datetime import UTC, datetime

import pytest

from services.chassis.runtime.ids import uuid7
from services.incidents.registers import REGISTERS as INCIDENTS
from services.registers.person import person_keys
from services.registers.register import Register, Subject
from services.treatment.registers import REGISTERS as TREATMENT
from tests.support.register_rows import FULL, SECRETS, TYPES
from tests.unit.registers.building import good, hashes

LATER = datetime(2024, 7, 1, tzinfo=UTC)
REGISTERS = {**TREATMENT, **INCIDENTS}
KEPT_HERE = {
    "determination": {"slip_no"},
    "methadone": {"patient_no"},
    "doses": {"patient_no", "mg"},
    "detox": {"episode_no", "decision_no"},
    "post_detox": {"decision_no"},
    "fires": {"incident_no"},
    "drug_cases": {"case_no"},
    "conflicts": {"conflict_no"},
}
"""Columns that stay in the owning service though they are not identity: file numbers and amounts of doses."""


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_a_full_row_reports_its_milestones_and_travels_without_names_or_numbers(register: Register) -> None:
    form = register.form.name
    row = good(form, FULL[form], LATER)
    found = [milestone.type.partition(".")[2].removesuffix(".v1") for milestone in register.milestones(row)]
    assert found == TYPES[form]
    ref = uuid7()
    person = person_keys(row, ref, hashes(row)) if register.form.identity else None
    data = register.data(row, Subject(ref, person)).model_dump_json()
    hidden = [str(FULL[form][column]) for column in KEPT_HERE.get(form, ())]
    for secret in (*SECRETS, "Trần Thị Bác Sĩ", *(text for text in hidden if len(text) > 2)):
        assert secret not in data


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_a_stored_row_reports_the_same_milestones_as_the_row_handed_in(register: Register) -> None:
    row = good(register.form.name, FULL[register.form.name], LATER)
    stored = row.stored(register.form, row.content())
    assert list(register.milestones(stored)) == list(register.milestones(row))
    assert stored.content() == row.content()
