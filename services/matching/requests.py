"""The body of a match and the shape it must have."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from reference import AGENCY, area_book, parse_unit
from services.chassis.problems import Fault, Problem
from services.registers import RawRow, allowed_codes, rows_of, rows_schema
from texts import message

MAX_ROWS = 50_000
_KNOWN = ("rows", "columns", "unit", "area", "agency", "as_of", "against", "final", "taken", "units", "form")

MATCH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rows"],
    "properties": {
        "rows": rows_schema(MAX_ROWS),
        "columns": {
            "type": "array",
            "items": {"type": "string"},
            "description": str(message("api.body.list.columns")),
        },
        "unit": {
            "type": "string",
            "description": str(message("api.body.list.unit")),
        },
        "area": {"type": "string", "description": str(message("api.body.list.area"))},
        "agency": {
            "type": "string",
            "enum": list(AGENCY),
            "description": str(message("api.body.list.agency")),
        },
        "as_of": {
            "type": "string",
            "format": "date",
            "description": str(message("api.body.list.as_of")),
        },
        "against": {
            "type": "string",
            "description": str(message("api.body.list.against")),
        },
        "final": {
            "type": "boolean",
            "default": True,
            "description": str(message("api.body.list.final")),
        },
        "taken": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["record", "row"],
                "properties": {"record": {"type": "string", "format": "uuid"}, "row": {"type": "integer"}},
            },
            "description": str(message("api.body.list.taken")),
        },
        "units": {
            "type": "array",
            "items": {"type": "string"},
            "description": str(message("api.body.list.units")),
        },
    },
}


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """A list, or a page of one, and what it is to be held against."""

    rows: list[RawRow]
    columns: list[str] | None
    unit: str | None
    area: str | None
    agency: str | None
    as_of: date | None
    against: str | None
    final: bool
    taken: Mapping[UUID, int]
    units: frozenset[str]


def request_of(document: Any) -> MatchRequest:
    """Return the request; 422 with every fault of its shape."""
    if not isinstance(document, dict) or not isinstance(document.get("rows"), list):
        raise Problem.invalid([Fault.of("rows", None, "shape")])
    faults = [Fault.of(name, None, "unknown_column") for name in document if name not in _KNOWN]
    rows = _rows(document["rows"], faults)
    request = MatchRequest(
        rows=rows,
        columns=_texts(document, "columns", faults),
        unit=_unit(document, faults),
        area=_area(document, faults),
        agency=_agency(document, faults),
        as_of=_day(document, faults),
        against=_text(document, "against", faults),
        final=_final(document, faults),
        taken=_taken(document, faults),
        units=frozenset(_texts(document, "units", faults) or ()),
    )
    if faults:
        raise Problem.invalid(faults)
    return request


def _rows(listed: list[Any], faults: list[Fault]) -> list[RawRow]:
    rows, wrong = rows_of(listed, MAX_ROWS)
    # Nothing of a list comes back, not even what stands where its row number should.
    faults += [replace(fault, value=None) if fault.rule == "row_number" else fault for fault in wrong]
    return rows


def _text(document: dict[str, Any], name: str, faults: list[Fault]) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        faults.append(Fault.of(name, None, "shape"))
        return None
    return value or None


def _texts(document: dict[str, Any], name: str, faults: list[Fault]) -> list[str] | None:
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        faults.append(Fault.of(name, None, "shape"))
        return None
    return value


def _unit(document: dict[str, Any], faults: list[Fault]) -> str | None:
    unit = _text(document, "unit", faults)
    if unit is not None and parse_unit(unit) is None:
        faults.append(Fault.of("unit", unit, "unit"))
    return unit


def _area(document: dict[str, Any], faults: list[Fault]) -> str | None:
    area = _text(document, "area", faults)
    if area is not None and not area_book().codes_known(area):
        faults.append(Fault.of("area", area, "area_unknown"))
    return area


def _agency(document: dict[str, Any], faults: list[Fault]) -> str | None:
    agency = _text(document, "agency", faults)
    if agency is not None and agency not in AGENCY:
        faults.append(Fault.of("agency", agency, "code", codes=allowed_codes(AGENCY)))
    return agency


def _day(document: dict[str, Any], faults: list[Fault]) -> date | None:
    text = _text(document, "as_of", faults)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault.of("as_of", text, "date"))
        return None


def _final(document: dict[str, Any], faults: list[Fault]) -> bool:
    final = document.get("final", True)
    if not isinstance(final, bool):
        faults.append(Fault.of("final", None, "shape"))
    return bool(final)


def _taken(document: dict[str, Any], faults: list[Fault]) -> Mapping[UUID, int]:
    listed = document.get("taken") or []
    try:
        # The program sends back what earlier pages answered: the service keeps nothing of a list between requests.
        return {UUID(entry["record"]): int(entry["row"]) for entry in listed}
    except (TypeError, KeyError, ValueError):
        faults.append(Fault.of("taken", None, "shape"))
        return {}
