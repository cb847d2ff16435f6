"""Which unit keeps each register in tests, and who hands in rows of several units: each a unit that may."""

from collections.abc import Iterable, Mapping
from typing import Any

SITE, CAMP = "TT-00", "CSCN"
"""A facility that determines and treats, and a detox centre; `LISTED` has both."""
LISTED: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "health:30",
        {
            "facility_code": SITE,
            "valid_from": "01/01/2015",
            "name": "Trung tâm Y tế mẫu",
            "level": "district",
            "commune_code": "10513",
            "does": "determination; methadone; dispensing",
        },
    ),
    (
        "labour:30",
        {
            "facility_code": CAMP,
            "valid_from": "01/01/2015",
            "name": "Cơ sở cai nghiện mẫu",
            "level": "province",
            "commune_code": "10513",
            "does": "detox",
        },
    ),
)
"""Who lists it, and the row of the list of facilities."""
KEEPERS: Mapping[str, str] = {
    "registry": "police:10513",
    "determination": SITE,
    "methadone": SITE,
    "doses": SITE,
    "detox": CAMP,
    "post_detox": "police:10513",
    "facilities": "health:30",
    "clinicians": "health:30",
    "targets": "committee:30",
    "declared": "health:30",
    **dict.fromkeys(("fires", "drug_cases", "arrests", "conflicts", "places", "area_classes"), "police:30"),
}
"""Form → the unit whose clerk hands in rows that name no unit."""
OFFICES: Mapping[str, str] = {
    form: {"police:10513": "police:30", SITE: "health:30", CAMP: "labour:30"}.get(unit, unit)
    for form, unit in KEEPERS.items()
}
"""Form → the office above the units that keep the register."""
_ABOVE = {"police": "police:30", "committee": "committee:30"}


def clerk(unit: str) -> dict[str, Any]:
    """A clerk of the unit. Its token claims the whole province: where the unit lies, the units register knows."""
    return {"role": "clerk", "unit": unit, "area": "30"}


def keeper(form: str, rows: Iterable[Mapping[str, Any]] = (), unit: str | None = None) -> dict[str, Any]:
    """The clerk who hands these rows in: of the one unit that they are of, else of the office above all of them."""
    units = {str(row.get("unit_code") or unit or KEEPERS[form]) for row in rows} or {unit or KEEPERS[form]}
    if len(units) == 1:
        return clerk(units.pop())
    words = {name.partition(":")[0] if ":" in name else "health" for name in units}
    return clerk(_ABOVE.get(words.pop(), "health:30"))
