"""Callers of each role at each kind of unit, and which agencies' numbers each of them may see exactly."""

from collections.abc import Mapping

from services.chassis.security.auth import Principal
from tests.support.small_province import AGENCIES, FEW_CODE, FEW_DISTRICT

_UNITS: Mapping[str, tuple[str, str]] = {
    "committee": ("committee:30", "30"),
    "police": ("police:30", "30"),
    "health": ("health:30", "30"),
    "labour": ("labour:30", "30"),
    "committee of a district": (f"committee:{FEW_DISTRICT}", FEW_DISTRICT),
    "police of a district": (f"police:{FEW_DISTRICT}", FEW_DISTRICT),
    "police of another district": ("police:291", "291"),
    "police of a commune": (f"police:{FEW_CODE}", FEW_CODE),
    "health station": (f"health:{FEW_CODE}", FEW_CODE),
    "methadone site": ("M1", FEW_CODE),
    "detox centre": ("centre", FEW_CODE),
}
READERS: Mapping[str, Principal] = {
    f"{role}, {kind}": Principal(unit, area, role, f"{role} of {unit}")
    for kind, (unit, area) in _UNITS.items()
    for role in ("clerk", "official", "analyst", "admin")
    if role != "admin" or kind in ("committee", "methadone site")
}
"""Name → caller; the name is also the token. Administrators see releases whatever their unit: two are enough."""
ONE_EACH = (
    "clerk, committee",
    "analyst, committee",
    "official, police",
    "analyst, police of a district",
    "clerk, health",
    "clerk, methadone site",
    "official, labour",
)
"""Of those who see the same numbers one each."""
TWO = ("analyst, committee", "official, police")
"""One who sees no hidden number, and one who sees some."""
WITNESS = "official, committee"
"""Sees every number, whichever agency's."""
OUTSIDERS = tuple(
    name
    for name, reader in READERS.items()
    if reader.role in ("clerk", "analyst", "admin")
    or (reader.role == "official" and "health:" in reader.unit)
)
"""May change nothing of closings and, but for administrators, nothing that operators change."""


def sees(name: str) -> frozenset[str]:
    """The agencies whose sensitive figures the caller may see exactly in 2023, as ``docs/disclosure.md`` has it."""
    reader = READERS[name]
    if reader.role in ("analyst", "admin"):
        return frozenset()
    kind = {"M1": "health", "centre": "labour"}.get(reader.unit) or reader.unit.partition(":")[0]
    return frozenset(AGENCIES) if kind == "committee" else frozenset({kind})
