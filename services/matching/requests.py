"""The body of a match and the shape it must have."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reference import AGENCY, area_book, parse_unit, tidy
from services.chassis.problems import Fault, Problem
from services.registers import RawRow, allowed_codes, rows_of, rows_schema
from texts import message

MAX_ROWS = 50_000

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


class Taken(BaseModel):
    """A record that an earlier page of the same list has found, and for which row."""

    model_config = ConfigDict(extra="forbid", strict=True)

    record: UUID = Field(strict=False)  # JSON has no type for it
    row: int = Field(ge=1)


class MatchBody(BaseModel):
    """The body as it is sent. Cells of ``rows`` are read by the register, row by row."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rows: list[Any]
    columns: list[str] | None = None
    unit: str | None = None
    area: str | None = None
    agency: str | None = None
    as_of: str | None = None
    against: str | None = None
    final: bool = True
    taken: list[Taken] | None = None
    units: list[str] | None = None
    form: str | None = None


def request_of(document: Any) -> MatchRequest:
    """Return the request; 422 with every fault of its shape."""
    try:
        body = MatchBody.model_validate(document)
    except ValidationError as invalid:
        raise Problem.invalid(_shape_faults(invalid)) from None
    faults: list[Fault] = []
    request = MatchRequest(
        rows=_rows(body.rows, faults),
        columns=body.columns,
        unit=_unit(body.unit, faults),
        area=_area(body.area, faults),
        agency=_agency(body.agency, faults),
        as_of=_day(body.as_of, faults),
        against=body.against or None,
        final=body.final,
        # The program sends back what earlier pages answered: the service keeps nothing of a list between requests.
        taken={entry.record: entry.row for entry in body.taken or ()},
        units=frozenset(body.units or ()),
    )
    if faults:
        raise Problem.invalid(faults)
    return request


def _shape_faults(invalid: ValidationError) -> list[Fault]:
    """Return the faults of the body's shape, without values: no content of a list is sent back."""
    return [
        Fault.of(
            ".".join(str(part) for part in error["loc"]) or "body",
            None,
            "unknown_column" if error["type"] == "extra_forbidden" else "shape",
        )
        for error in invalid.errors(include_input=False, include_url=False)
    ]


def _rows(listed: list[Any], faults: list[Fault]) -> list[RawRow]:
    rows, wrong = rows_of(listed, MAX_ROWS)
    # No content of a list is sent back, not even an invalid row number.
    faults += [replace(fault, value=None) if fault.rule == "row_number" else fault for fault in wrong]
    return rows


def _unit(unit: str | None, faults: list[Fault]) -> str | None:
    if unit and parse_unit(tidy(unit)) is None:
        faults.append(Fault.of("unit", unit, "unit"))
    return unit or None


def _area(area: str | None, faults: list[Fault]) -> str | None:
    if area and not area_book().codes_known(area):
        faults.append(Fault.of("area", area, "area_unknown"))
    return area or None


def _agency(agency: str | None, faults: list[Fault]) -> str | None:
    if agency and agency not in AGENCY:
        faults.append(Fault.of("agency", agency, "code", codes=allowed_codes(AGENCY)))
    return agency or None


def _day(text: str | None, faults: list[Fault]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault.of("as_of", text, "date"))
        return None
