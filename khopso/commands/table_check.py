"""`check-table`: find contradictions among the numbers of a table. It needs no service."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from khopso.commands.options import AsJson, DataDir, day
from khopso.console import Console
from khopso.failure import ContentError, Exit, FailureError, writing
from khopso.language import help_of, rendered, spoken
from khopso.language import lines as spoken_lines
from khopso.registers.rows import Source
from khopso.registers.source import open_source
from tablecheck import COLUMNS, EXAMPLE, MAX_ROWS, CellFault, Finding, Line, column_of, read_lines
from tablecheck import check_table as check_lines
from texts import message


def check_table(
    file: Annotated[Path, typer.Argument(help=help_of("cli.check-table.file"), metavar="FILE")],
    area: Annotated[
        str | None,
        typer.Option("--area", help=help_of("cli.check-table.area")),
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help=help_of("cli.check-table.as_of"))] = None,
    template: Annotated[bool, typer.Option("--template", help=help_of("cli.check-table.template"))] = False,
    data_dir: DataDir = None,  # noqa: ARG001 - every command takes it; a table needs no stack
    as_json: AsJson = False,
) -> None:
    """Check the arithmetic of a table."""
    console = Console(as_json)
    if template:
        write_template(file)
        console.result({"written": str(file)}, lambda: console.line(f"{spoken('cli.written')}: {file}"))
        return
    on = day("--as-of", as_of)
    lines, faults = read_table(file, area, None if on is None else date.fromisoformat(on))
    found = [] if faults else check_lines(lines)
    document = {
        "file": file.name,
        "rows": len(lines),
        "findings": [finding.document() for finding in found],
        "faults": [_fault(fault) for fault in faults],
    }
    console.result(document, lambda: _show(console, lines, found, faults))
    if found or faults:
        raise typer.Exit(Exit.REFUSED)


def read_table(path: Path, area: str | None, as_of: date | None) -> tuple[list[Line], list[CellFault]]:
    """Return the lines of a file, with the cells that cannot be read.

    Raises:
        FailureError: no such file, another kind of file, no column ``label``, unknown columns, too many rows.
    """
    source = open_source(path)
    columns = [column_of(heading) for heading in source.header]
    known = [name for name in columns if name is not None]
    unknown = [text for text, name in zip(source.header, columns, strict=True) if name is None and text]
    allowed = ", ".join(f"{name} ({vi})" for name, vi in COLUMNS.items())
    if "label" not in known:
        raise ContentError("table.no_label_column", columns=allowed)
    if unknown or len(known) != len(set(known)):
        raise ContentError("table.columns", unknown=", ".join(unknown) or "2×", columns=allowed)
    printed: Mapping[int, str] = {}
    if path.suffix.lower() == ".xlsx" and "percent" in columns:
        from khopso.registers.printed import printed_numbers  # loads slowly; most tables need it not

        printed = printed_numbers(path, columns.index("percent"))
    return read_lines(_cells(source, columns, printed), area, as_of)


def _cells(
    source: Source, columns: list[str | None], printed: Mapping[int, str]
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the row number and the cells by column. A formula counts with its last computed value, as readers see it."""
    for count, row in enumerate(source.rows, 1):
        if count > MAX_ROWS:
            raise ContentError("rows_too_many", limit=MAX_ROWS)
        if any(fault.rule != "formula" for fault in row.faults.values()):
            raise ContentError("table.cell_error", row=row.number)
        named = zip(columns, row.cells, strict=False)
        cells: dict[str, object] = {name: cell for name, cell in named if name is not None}
        if row.number in printed:
            cells["percent"] = printed[row.number]
        yield row.number, cells


def write_template(path: Path) -> None:
    """Write an example table with every column, .csv or .xlsx.

    Raises:
        FailureError: another kind of file, or it cannot be written (exit 2).
    """
    rows = [list(COLUMNS.values()), *([row.get(name, "") for name in COLUMNS] for row in EXAMPLE)]
    with writing(path):
        if path.suffix.lower() == ".xlsx":
            import xlsxwriter

            with xlsxwriter.Workbook(str(path)) as book:
                sheet = book.add_worksheet(message("workbook.table").vi)
                for number, row in enumerate(rows):
                    # As text, so that 16,0 keeps the decimal that is printed.
                    for column, cell in enumerate(row):
                        sheet.write_string(number, column, cell)
        elif path.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as out:
                csv.writer(out, delimiter=";").writerows(rows)
        else:
            raise FailureError(Exit.WRONG_USE, "file_kind", suffix=path.suffix or path.name)


def _fault(fault: CellFault) -> dict[str, object]:
    return {
        "row": fault.row,
        "field": fault.field,
        "value": fault.value,
        "rule": fault.rule,
        "message": {"vi": fault.message.vi, "en": fault.message.en},
    }


def _show(console: Console, lines: list[Line], found: list[Finding], faults: list[CellFault]) -> None:
    for fault in faults:
        console.line(
            f"{spoken('cli.row')} {fault.row}, {fault.field} “{fault.value}”: {rendered(fault.message)}"
        )
    if faults:
        return
    for finding in found:
        rows = ", ".join(str(number) for number in finding.numbers)
        console.line(f"{spoken('cli.row')} {rows}  {finding.rule}")
        for text in spoken_lines(finding.message):
            console.line(f"  {text}")
    console.line(f"{len(lines)} {spoken('check_table.rows')}, {len(found)} {spoken('check_table.findings')}")
