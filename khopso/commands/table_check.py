"""`check-table`: find contradictions among the numbers of a table. It needs no service."""

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from khopso.commands.options import AsJson, DataDir, day
from khopso.console import Console
from khopso.failure import Exit, FailureError, writing
from khopso.language import help_of, rendered, spoken
from khopso.language import lines as spoken_lines
from khopso.registers.table_file import read_table
from tablecheck import COLUMNS, EXAMPLE, CellFault, Finding, Line
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
