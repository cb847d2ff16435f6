"""Writes rows as the files that units send: CSV and workbooks, in the mixture of styles that real registers have."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from openpyxl import Workbook

from contracts.forms import FORMS, Column, Kind
from demo.world import Row, Value
from reference import SEX

_STAMP = (2024, 1, 31, 8, 0, 0)
_STAMP_XML = b"2024-01-31T08:00:00Z"
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


@dataclass(frozen=True, slots=True)
class Style:
    """How one file is written. Workbooks hold real dates, whatever ``dates`` says."""

    kind: Literal["csv", "xlsx"] = "csv"
    headers: Literal["id", "vi"] = "id"
    dates: Literal["iso", "vi"] = "iso"
    delimiter: Literal[",", ";"] = ","
    bom: bool = False
    yes: str = "yes"
    no: str = "no"


VIETNAMESE = Style(headers="vi", dates="vi", delimiter=";", bom=True, yes="có", no="không")
WORKBOOK = Style(kind="xlsx", headers="vi", dates="vi", yes="x", no="không")
PLAIN = Style()
MIXED = Style(headers="vi", dates="iso", yes="1", no="0")


def write_file(path: Path, form: str, rows: Iterable[Row], style: Style) -> None:
    """Write the rows under the form's columns; the same rows give the same bytes."""
    columns = FORMS[form].columns
    header = [column.vi if style.headers == "vi" else column.id for column in columns]
    lines = [[_cell(column, row.get(column.id), style) for column in columns] for row in rows]
    if style.kind == "xlsx":
        path.write_bytes(_workbook(FORMS[form].vi, header, lines))
        return
    text = io.StringIO()
    writer = csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(lines)
    path.write_bytes(text.getvalue().encode("utf-8-sig" if style.bom else "utf-8"))


def _cell(column: Column, value: Value, style: Style) -> object:
    """The cell as text; in a workbook dates and numbers stay what they are."""
    if value is None:
        return None if style.kind == "xlsx" else ""
    if isinstance(value, bool):
        return style.yes if value else style.no
    if isinstance(value, date):
        return value if style.kind == "xlsx" else _date(value, style)
    if isinstance(value, int | Decimal):
        return _number(column, value, style)
    if isinstance(value, tuple):
        return "; ".join(value)
    if column.id == "sex" and style.headers == "vi":
        return SEX[value]
    return value


def _date(value: date, style: Style) -> str:
    day = value.strftime("%d/%m/%Y" if style.dates == "vi" else "%Y-%m-%d")
    return f"{day} {value:%H:%M}" if isinstance(value, datetime) else day


def _number(column: Column, value: int | Decimal, style: Style) -> object:
    if style.kind == "xlsx":
        return float(value) if isinstance(value, Decimal) and value % 1 else int(value)
    text = str(value)
    if column.kind is Kind.DECIMAL and isinstance(value, Decimal):
        text = f"{value.normalize():f}".replace(".", ",")
    if style.headers == "vi" and isinstance(value, int) and value >= 1000:
        return f"{value:,}".replace(",", ".")
    return text


def _workbook(title: str, header: list[str], lines: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31].replace("/", "-")
    sheet.append(header)
    for line in lines:
        sheet.append(line)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, datetime):
                cell.number_format = (
                    "dd/mm/yyyy hh:mm" if cell.value.hour or cell.value.minute else "dd/mm/yyyy"
                )
            elif isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy"
    raw = io.BytesIO()
    book.save(raw)
    return _without_clock(raw.getvalue())


def _without_clock(workbook: bytes) -> bytes:
    """The same workbook without the time of writing, which the format stores in each part and in its properties."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts, zipfile.ZipFile(fixed, "w") as out:
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + _STAMP_XML + rb"\g<2>", content)
            entry = zipfile.ZipInfo(part.filename, _STAMP)
            entry.external_attr = 0o600 << 16
            out.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
