"""Read a table that is to be checked from a file: where its header stands, what its columns are, and its cells as shown."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from khopso.registers.source import open_sheets
from registerfiles.archive import cell_name
from registerfiles.failure import ContentError
from registerfiles.layout import TITLE_ROWS, numbers_the_columns
from registerfiles.rows import PARTIAL, Row, Sheet, as_header, is_blank
from tablecheck import COLUMNS, MAX_ROWS, CellFault, Line, column_of, is_row_number, read_lines

_WORKBOOKS = (".xlsx", ".xlsm")


def read_table(path: Path, area: str | None, as_of: date | None) -> tuple[list[Line], list[CellFault]]:
    """Return the lines of a file, with the cells that cannot be read.

    The table is on the first visible sheet with a column ``label``, below titles if there are any; a column of row numbers (STT) is
    passed over.

    Raises:
        FailureError: no such file, another kind of file.
        ContentError: no column ``label``, unknown columns, too many rows, formulas without values.
    """
    sheets = open_sheets(path)
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    sheet, header = next((found for each in visible if (found := _headed(each))), (visible[0], None))
    first = header or next(iter(sheet.lines))
    for column, fault in first.faults.items():
        if fault.rule != PARTIAL:
            raise ContentError("formula", cell=cell_name(first.number, column))
    columns = _columns([as_header(cell) for cell in first.cells])
    printed = _printed(path, sheet, columns.index("percent"), first.number) if "percent" in columns else {}
    rows = islice(sheet.lines, first.number, None)
    return read_lines(_cells(rows, columns, printed), area, as_of)


def _headed(sheet: Sheet) -> tuple[Sheet, Row] | None:
    """Return the sheet with the row of its header; None where no row names the column ``label``."""
    for row in islice(sheet.lines, TITLE_ROWS + 1):
        if "label" in [column_of(as_header(cell)) for cell in row.cells]:
            return sheet, row
    return None


def _columns(header: Sequence[str]) -> list[str | None]:
    columns = [column_of(heading) for heading in header]
    known = [name for name in columns if name is not None]
    unknown = [
        text
        for text, name in zip(header, columns, strict=True)
        if name is None and text and not is_row_number(text)
    ]
    allowed = ", ".join(f"{name} ({vi})" for name, vi in COLUMNS.items())
    if "label" not in known:
        raise ContentError("table.no_label_column", columns=allowed)
    if unknown or len(known) != len(set(known)):
        raise ContentError("table.columns", unknown=", ".join(unknown) or "2×", columns=allowed)
    return columns


def _printed(path: Path, sheet: Sheet, column: int, header: int) -> Mapping[int, str]:
    """Return the numbers of a column as the file shows them, by row number; empty where it has no formats."""
    if path.suffix.lower() in _WORKBOOKS:
        from khopso.registers.printed import printed_numbers  # loads slowly; most tables need it not

        return printed_numbers(path, sheet.name, column, header)
    return {row: text for (row, place), text in sheet.shown.items() if place == column}


def _cells(
    rows: Iterator[Row], columns: Sequence[str | None], printed: Mapping[int, str]
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the row number and the cells by column. A formula counts with its last computed value, as readers see it."""
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise ContentError("rows_too_many", limit=MAX_ROWS)
        if count == 1 and numbers_the_columns(row):
            continue
        for column, fault in row.faults.items():
            # The heading of a month may well be a date that shows its month alone.
            if fault.rule == PARTIAL:
                continue
            if fault.rule != "formula":
                raise ContentError("table.cell_error", row=row.number)
            # Written by a program and never opened by an office program: there would be nothing to check, and no finding.
            if column >= len(row.cells) or is_blank(row.cells[column]):
                raise ContentError("table.formula_empty", cell=cell_name(row.number, column))
        named = zip(columns, row.cells, strict=False)
        cells: dict[str, object] = {name: cell for name, cell in named if name is not None}
        if row.number in printed:
            cells["percent"] = printed[row.number]
        yield row.number, cells
