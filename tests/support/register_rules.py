"""The rules of the services without a service: what the command line posts is read and judged as theirs would be, in memory."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import FORMS, Form, Kind
from services.registers.checks import read
from services.registers.row import RawRow, Row

UNIT = "police:10507"
NOW = datetime(2026, 1, 1, tzinfo=VIETNAM)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
Record = Mapping[str, Any]


class Rules:
    """Takes the place of a service: keeps the records of the rows that the form's rules accept, by key."""

    def __init__(self) -> None:
        self.records: dict[tuple[Any, ...], list[Record]] = {}

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        form = FORMS[path.split("/")[3]]
        rows = [read(form, RawRow(row["row"], row["values"]), unit=UNIT, now=NOW) for row in body["rows"]]
        for row in rows:
            if not row.faults:
                record = values_of(row)
                self.records.setdefault(key_of(form, record), []).append(record)
        faults = [fault for row in rows for fault in row.faults]
        refused = len({fault.row for fault in faults})
        return {
            "form": form.name,
            "accepted": len(rows) - refused,
            **dict.fromkeys(("unchanged", "corrected", "withdrawn", "restored"), 0),
            "refused_rows": refused,
            "refused": [
                {
                    "row": fault.row,
                    "field": fault.field,
                    "value": fault.value,
                    "rule": fault.rule,
                    "message": {"vi": fault.message.vi, "en": fault.message.en},
                }
                for fault in faults
            ],
            "notes": [],
        }


def values_of(row: Row) -> Record:
    """The values of a row as records hold them: areas by uid, text with plain dashes, nothing that is blank or no."""
    areas = (Kind.COMMUNE, Kind.AREA)
    return {
        name: row.areas[name] if row.form.by_id[name].kind in areas else _folded(value)
        for name, value in row.values.items()
        if value not in (None, (), False)
    }


def _folded(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).translate(_DASHES) if isinstance(value, str) else value


def key_of(form: Form, record: Record) -> tuple[Any, ...]:
    """What names a record of the form; of alternatives the first that the record has."""
    key: list[Any] = []
    for part in form.key:
        chosen = next(
            (
                names
                for names in (each.split("+") for each in part.split("|"))
                if all(n in record for n in names)
            ),
            [],
        )
        key += [record.get(name) for name in chosen]
    return tuple(key)
