"""Reporting units: a facility by its code, a unit of an area by its agency's word and the area's code."""

import re
from dataclasses import dataclass

from reference.pack.areas import area_book

_AREA_UNIT = re.compile(r"(?P<kind>police|committee|health|labour):(?P<code>[0-9]{2}|[0-9]{3}|[0-9]{5})")
_FACILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A parsed unit code. ``area_code`` is None for a facility, whose area is known only to `treatment`."""

    code: str
    kind: str
    area_code: str | None


def parse_unit(code: str) -> Unit | None:
    """Return the unit that a code names, or None where it has no unit's form or its area was never in use."""
    named = _AREA_UNIT.fullmatch(code)
    if named is not None:
        if not area_book().codes_known(named["code"]):
            return None
        return Unit(code, named["kind"], named["code"])
    return Unit(code, "facility", None) if _FACILITY.fullmatch(code) else None


def agency_of(unit_code: str) -> str:
    """Return the agency that a unit belongs to: ``police``, ``committee``, ``labour`` or ``health`` (facilities are health's)."""
    kind = unit_code.partition(":")[0] if ":" in unit_code else "health"
    return kind if kind in ("police", "committee", "labour") else "health"
