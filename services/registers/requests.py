"""Bodies of hand-ins and the shape they must have. Cells are not looked at here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.chassis.problems import Fault, Problem
from services.registers.row import RawRow
from texts import message

MAX_ROWS = 5_000

CELLS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": str(message("api.body.cells")),
    "additionalProperties": {
        "type": ["string", "number", "boolean", "null", "array"],
        "items": {"type": ["string", "number"]},
    },
}


def rows_schema(limit: int) -> dict[str, Any]:
    """Return the JSON schema of at most so many rows."""
    return {
        "type": "array",
        "maxItems": limit,
        "items": {
            "type": "object",
            "required": ["values"],
            "properties": {
                "row": {"type": "integer", "minimum": 1, "description": str(message("api.body.row_number"))},
                "values": CELLS_SCHEMA,
            },
        },
    }


BATCH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rows"],
    "properties": {
        "unit": {"type": "string", "description": str(message("api.body.batch.unit"))},
        "dry_run": {
            "type": "boolean",
            "default": False,
            "description": str(message("api.body.batch.dry_run")),
        },
        "replace": {
            "type": "boolean",
            "default": False,
            "description": str(message("api.body.batch.replace")),
        },
        "show_changes": {
            "type": "boolean",
            "default": False,
            "description": str(message("api.body.batch.show_changes")),
        },
        "rows": rows_schema(MAX_ROWS),
    },
}


def parse_json(body: bytes) -> Any:
    """Return the body's JSON value; 422 where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem.invalid([Fault.of("body", None, "shape")]) from None


@dataclass(frozen=True, slots=True)
class Batch:
    """The body of a batch: its rows, their default unit, and what the caller says about the whole."""

    rows: list[RawRow]
    unit: str | None
    dry_run: bool
    replace: bool
    show_changes: bool


def batch_of(document: Any) -> Batch:
    """Return the body of a batch; 422 with every fault of its shape."""
    if not isinstance(document, dict) or not isinstance(document.get("rows"), list):
        raise Problem.invalid([Fault.of("rows", None, "shape")])
    unit = document.get("unit")
    said = {name: document.get(name, False) for name in ("dry_run", "replace", "show_changes")}
    faults = []
    if unit is not None and not isinstance(unit, str):
        faults.append(Fault.of("unit", None, "shape"))
    faults.extend(
        Fault.of(name, None, "shape") for name, value in said.items() if not isinstance(value, bool)
    )
    # A name that is misspelt, such as "dryrun", must not hand in for real what was meant as a trial.
    faults.extend(
        Fault.of(name, None, "unknown_column")
        for name in document
        if name not in ("rows", "unit", "form", *said)
    )
    rows, wrong = rows_of(document["rows"])
    faults.extend(wrong)
    if faults:
        raise Problem.invalid(faults)
    return Batch(rows, unit or None, **said)


def rows_of(listed: Sequence[Any], limit: int = MAX_ROWS) -> tuple[list[RawRow], list[Fault]]:
    """Return rows from ``[{"row": 2, "values": {…}}, …]`` (without a number: 1, 2, 3 …), and the faults of their shape."""
    if len(listed) > limit:
        return [], [Fault("rows", len(listed), "rows_too_many", message("rows_too_many", limit=limit))]
    rows: list[RawRow] = []
    faults: list[Fault] = []
    seen: set[int] = set()
    for index, entry in enumerate(listed):
        values = entry.get("values") if isinstance(entry, dict) else None
        number = entry.get("row", index + 1) if isinstance(entry, dict) else index + 1
        if not isinstance(values, dict):
            faults.append(Fault.of(f"rows.{index}.values", None, "row_values"))
        # Faults are reported by row number: two rows of one number could not be distinguished (`true` is an int, too).
        elif not isinstance(number, int) or isinstance(number, bool) or number < 1 or number in seen:
            faults.append(Fault.of(f"rows.{index}.row", number, "row_number"))
        else:
            seen.add(number)
            rows.append(RawRow(number, values))
    return rows, faults
