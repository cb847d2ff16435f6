"""Which unit hands in a row of the stack tests today: each row by a unit that may, where it names none."""

from collections.abc import Mapping

from contracts.forms import FORMS
from tests.support.stack.rows import COMMUNE

_KEEPERS = {"determination": "CS-D1", "methadone": "CS-M1", "doses": "CS-M1"}
"""Of rows that name no facility: one of the sample registers that keeps such a register."""
_OFFICES = {
    "facilities": "health:30",
    "clinicians": "health:30",
    "targets": "committee:30",
    "declared": "health:30",
}
_POLICE = "police:30"
_DISTRICT = "police:000"


def unit_of(form: str, row: Mapping[str, object]) -> str:
    """Return the unit whose clerk hands the row in: the row's own, else the one that keeps such rows."""
    values = {column.id: row[name] for name in row if (column := FORMS[form].header(name)) is not None}
    given = str(values.get("unit_code") or "")
    if given:
        # Districts' police are no more; the province's hands in for them.
        return _POLICE if given.startswith("police:") and len(given) == len(_DISTRICT) else given
    facility, commune = values.get("facility_code"), values.get("commune_code") or COMMUNE
    if form in _KEEPERS:
        return str(facility or _KEEPERS[form])
    if form == "detox":
        return str(facility or f"committee:{commune}")
    if form == "post_detox":
        return f"committee:{commune}"
    if form == "registry":
        return f"police:{commune}"
    if form == "facilities" and "detox" in str(values.get("does") or ""):
        return _POLICE  # since March 2025
    return _OFFICES.get(form, _POLICE)
