"""A reader of the generated files, written apart from the services: what the registers say in the end."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from contracts.forms import FORMS, Column, Kind

Row = dict[str, Any]
_YES, _NO = {"yes", "có", "x", "1"}, {"no", "không", "0"}
_SEX = {"Nam": "male", "Nữ": "female", "male": "male", "female": "female"}


@dataclass
class HandedIn:
    """Every row as handed in, in order, and the rows in force after the last one."""

    lines: list[tuple[str, Row]] = field(default_factory=list)
    in_force: dict[str, dict[tuple[str, ...], Row]] = field(default_factory=dict)

    def rows(self, form: str) -> list[Row]:
        """The rows in force of a form."""
        return list(self.in_force[form].values())


def read(files: Iterable[tuple[str, Path]]) -> HandedIn:
    """Read the files in their order; the last row of a record stands, a voided one is gone."""
    result = HandedIn(in_force={form: {} for form in FORMS})
    for form, path in files:
        for row in _table(form, path):
            result.lines.append((form, row))
            if row["void"]:
                result.in_force[form].pop(key_of(form, row), None)
            else:
                result.in_force[form][key_of(form, row)] = row
    return result


def key_of(form: str, row: Row) -> tuple[str, ...]:
    """What names the record within its unit, and the unit."""
    parts = [row["unit_code"]]
    for column in FORMS[form].key:
        for option in column.split("|"):
            values = [row[name] for name in option.split("+")]
            if all(values):
                parts += [option, *map(str, values)]
                break
        else:
            raise AssertionError(f"{form}: no key in {row}")
    return tuple(parts)


def cells(path: Path) -> list[dict[str, Any]]:
    """The file's cells by header, row by row, with a workbook's dates in ISO form."""
    header, *lines = _lines(path)
    return [
        {
            str(name): cell.isoformat(" ") if isinstance(cell, datetime) else cell
            for name, cell in zip(header, line, strict=True)
        }
        for line in lines
    ]


def _lines(path: Path) -> list[list[Any]]:
    if path.suffix == ".xlsx":
        sheet = load_workbook(path).worksheets[0]
        return [list(line) for line in sheet.iter_rows(values_only=True)]
    text = path.read_bytes().decode("utf-8-sig")
    delimiter = ";" if text.splitlines()[0].count(";") else ","
    return [[cell or None for cell in line] for line in csv.reader(io.StringIO(text), delimiter=delimiter)]


def _table(form: str, path: Path) -> list[Row]:
    names = {name: column for column in FORMS[form].columns for name in (column.id, column.vi)}
    header, *lines = _lines(path)
    columns = [names[str(cell)] for cell in header]
    return [
        {column.id: _value(column, cell) for column, cell in zip(columns, line, strict=True)}
        for line in lines
    ]


def _value(column: Column, cell: Any) -> Any:
    if column.kind is Kind.FLAG:
        return _flag(column, cell)
    if cell is None:
        return None
    if column.kind is Kind.DATE:
        return _moment(cell).date()
    if column.kind in (Kind.DATETIME, Kind.MOMENT):
        return _moment(cell)
    if column.kind is Kind.BIRTH:
        return int(cell) if str(cell).isdigit() else _moment(cell).date()
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        return _number(cell) if column.kind is Kind.DECIMAL else int(_number(cell))
    if column.kind in (Kind.CODES, Kind.TEXTS):
        return [part.strip() for part in cell.split(";")]
    return _SEX[cell] if column.id == "sex" else cell


def _flag(column: Column, cell: Any) -> bool:
    if cell is None:
        return column.default == "yes"
    assert cell in _YES | _NO, cell
    return cell in _YES


def _moment(cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return cell
    day, _, hour = str(cell).partition(" ")
    if "/" in day:
        dd, mm, yyyy = day.split("/")
        day = f"{yyyy}-{mm}-{dd}"
    return datetime.combine(date.fromisoformat(day), datetime.strptime(hour or "00:00", "%H:%M").time())  # noqa: DTZ007


def _number(cell: Any) -> Decimal:
    if isinstance(cell, int | float):
        return Decimal(str(cell))
    return Decimal(cell.replace(".", "").replace(",", "."))
