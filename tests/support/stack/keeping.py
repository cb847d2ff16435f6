"""Which unit hands in a row of the stack tests today: each row by a unit that may, where it names none."""

from collections.abc import Mapping

_OFFICES = {
    "facilities": "health:30",
    "clinicians": "health:30",
    "targets": "committee:30",
    "declared": "health:30",
}
_POLICE = "police:30"
_DISTRICT = "police:000"


def unit_of(form: str, values: Mapping[str, object]) -> str:
    """Return the unit whose clerk hands the row in: the row's own, else the one that keeps such rows."""
    given = str(values.get("unit_code") or "")
    if given:
        # Districts' police are no more; the province's hands in for them.
        return _POLICE if given.startswith("police:") and len(given) == len(_DISTRICT) else given
    if form in ("determination", "methadone", "doses"):
        return str(values.get("facility_code") or _OFFICES["facilities"])
    if form == "detox":
        return str(values.get("facility_code") or f"committee:{values.get('commune_code')}")
    if form == "post_detox":
        return f"committee:{values.get('commune_code')}"
    if form == "registry":
        return f"police:{values.get('commune_code')}"
    if form == "facilities" and "detox" in str(values.get("does") or ""):
        return _POLICE  # since March 2025
    return _OFFICES.get(form, _POLICE)
