"""Read .xlsx files: the first sheet, with dates and numbers as Excel stores them; stored results of formulas are not used."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from khopso.failure import ContentError
from khopso.registers.archive import Archive, cell_name, inspect_sheet
from khopso.registers.rows import Cell, CellFault, Row, Source


def open_xlsx(path: Path) -> Source:
    """Return the first sheet's header and rows; FailureError (exit 1) when the file is no safe, readable workbook."""
    archive = Archive(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        name = next(
            (sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet), None
        )
        if name is None:
            raise ContentError("file_not_xlsx")
        faults = inspect_sheet(archive.read(archive.sheet_part(name)))
        read = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError:
        raise ContentError("file_not_xlsx") from None
    values: list[list[Cell]] = [list(cells) for cells in read]
    last_fault = max((row for row, _ in faults), default=0)
    while len(values) > last_fault and all(cell == "" for cell in values[-1]):
        values.pop()
    if not values:
        raise ContentError("file_empty")
    for row, column in faults:
        if row == 1:
            raise ContentError("formula", cell=cell_name(row, column))
    header = [_as_header(cell) for cell in values[0]]
    return Source(header, _rows(values, faults), total=len(values) - 1)


def _rows(values: list[list[Cell]], faults: Mapping[tuple[int, int], CellFault]) -> Iterator[Row]:
    by_row: dict[int, dict[int, CellFault]] = {}
    for (number, column), fault in faults.items():
        by_row.setdefault(number, {})[column] = fault
    for number, cells in enumerate(values[1:], start=2):
        yield Row(number, [None if cell == "" else cell for cell in cells], by_row.get(number, {}))


def _as_header(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
