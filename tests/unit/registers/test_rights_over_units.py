"""Whether somebody hands in anything for a unit, as asked of each register and as asked at once."""

from datetime import date
from itertools import product
from typing import get_args

import pytest

from reference import area_book
from services.chassis.security import Units
from services.chassis.security.auth import Principal, Role
from services.incidents.registers import REGISTERS as INCIDENTS
from services.registers.rights import Rights
from services.registers.units import area_units
from services.registry.registers import REGISTERS as REGISTRY
from services.treatment.registers import REGISTERS as TREATMENT

EVERY_REGISTER = {**REGISTRY, **TREATMENT, **INCIDENTS}
DAYS = (date(2023, 6, 1), date(2024, 6, 1), date(2026, 1, 1))


def some_units(day: date) -> list[str]:
    """Units of each kind: of the province, and of the first area of each level below it."""
    there = [area for area in area_book().by_uid.values() if area.exists_on(day)]
    levels = {area.level for area in there}
    firsts = {min(area.code for area in there if area.level == level) for level in levels}
    return [entry.code for entry in area_units(day) if entry.area_code in firsts]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_leaving_out_forms_that_somebody_never_keeps_changes_no_answer(day: date) -> None:
    units = some_units(day)
    assert len(units) > 5
    found = set()
    for role, own in product(get_args(Role), units):
        caller = Principal(unit=own, area="", role=role, subject="someone")
        rights = Rights.of(caller, Units(), day)
        for unit in units:
            each = any(rights.hands_in_some(register, unit) for register in EVERY_REGISTER.values())
            assert rights.hands_in_any(EVERY_REGISTER, unit) == each, (role, own, unit)
            found.add(each)
    assert found == {True, False}
