"""Read workbooks: every sheet, dates and numbers as the file stores them; stored results of formulas are not used."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from registerfiles.archive import Archive
from registerfiles.failure import ContentError
from registerfiles.rows import PARTIAL, Cell, CellFault, Grid, Merge, Place, Sheet
from registerfiles.sheet_parts import Inspected, inspect_sheet, styles_of


def open_xlsx(file: BinaryIO, most_bytes: int) -> list[Sheet]:
    """Return the sheets that hold anything; ContentError when the file is no safe, readable workbook."""
    archive = Archive(file, most_bytes=most_bytes)
    archive.parse("xl/workbook.xml")  # refuses what no Office program writes, before the library reads it
    styles = styles_of(archive)
    try:
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ == SheetTypeEnum.WorkSheet:
                # Before the library reads the sheet: it would allocate the whole area that the cells span.
                inspected = inspect_sheet(archive.read(archive.sheet_part(meta.name)), styles)
                hidden = meta.visible != SheetVisibleEnum.Visible
                sheets.append(_sheet(workbook.get_sheet_by_name(meta.name), inspected, hidden=hidden))
    except CalamineError:
        raise ContentError("file_not_xlsx") from None
    filled = [sheet for sheet in sheets if sheet is not None]
    if not filled:
        raise ContentError("file_empty")
    return filled


def _sheet(read: CalamineSheet, inspected: Inspected, *, hidden: bool) -> Sheet | None:
    values: list[list[Cell]] = [list(cells) for cells in read.to_python(skip_empty_area=False)]
    last_fault = max((row for row, _ in inspected.faults), default=0)
    while len(values) > last_fault and all(cell == "" for cell in values[-1]):
        values.pop()
    if not values:
        return None
    _show_zeros(values, inspected.zeros)
    by_row: dict[int, dict[int, CellFault]] = {}
    for (number, column), fault in inspected.faults.items():
        by_row.setdefault(number, {})[column] = fault
    for (number, column), shown in inspected.partial.items():
        day = _day_at(values, number, column)
        if day is not None and (number, column) not in inspected.faults:
            by_row.setdefault(number, {})[column] = CellFault(PARTIAL, f"{day:{shown}}")
    merges = [
        Merge((top + 1, left), (bottom + 1, right))
        for (top, left), (bottom, right) in read.merged_cell_ranges or ()
    ]
    return Sheet(
        read.name,
        Grid(values, by_row),
        total=len(values),
        hidden=hidden,
        hidden_rows=inspected.hidden_rows,
        hidden_columns=inspected.hidden_columns,
        merges=merges,
        percent=inspected.percent,
    )


def _day_at(values: list[list[Cell]], number: int, column: int) -> date | None:
    """Return the date that a cell holds; None where it holds none."""
    cell = values[number - 1][column] if number <= len(values) and column < len(values[number - 1]) else None
    return cell if isinstance(cell, date) else None


def _show_zeros(values: list[list[Cell]], zeros: Mapping[Place, int]) -> None:
    """Write numbers with the zeros in front that their cells show: whoever typed 007 sees 007, though 7 is stored."""
    for (number, column), digits in zeros.items():
        if number <= len(values) and column < len(values[number - 1]):
            cell = values[number - 1][column]
            if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 10 ** (digits - 1):
                values[number - 1][column] = str(int(cell)).zfill(digits)
