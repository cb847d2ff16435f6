"""Numbers of a workbook as they are shown: the same cell value 16 can be shown as 16 or as 16,0."""

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl

from registerfiles.sheet_parts import QUOTED

_DECIMALS = re.compile(r"0\.(0+)")


def printed_numbers(path: Path, sheet_name: str, column: int, header: int) -> dict[int, str]:
    """Return the numbers of a column (from 0) of a sheet as they are shown, by row number, below the row of the header.

    Cells without a format of their own, and cells that hold text, are left out. Open the file with ``open_sheets``
    first: that is where its safety is checked.
    """
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book[sheet_name]
        found = {}
        for row in sheet.iter_rows(min_row=header + 1, min_col=column + 1, max_col=column + 1):
            for cell in row:
                text = shown(cell.value, getattr(cell, "number_format", "General"))
                if text is not None and cell.row is not None:
                    found[cell.row] = text
        return found
    finally:
        book.close()


def shown(value: object, number_format: str) -> str | None:
    """Return a number in its format, with a comma for the decimals; None where the format says nothing about it.

    ``0.0`` prints 16 as 16,0; ``0%`` prints 0.165 as 17 %.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Quoted words and colours in a format may contain zeros or percent signs that are not part of the number's format.
    plain = QUOTED.sub("", number_format.split(";")[0])
    percent = "%" in plain
    if "0" not in plain:
        return None
    decimals = len(found.group(1)) if (found := _DECIMALS.search(plain)) else 0
    # `repr` gives the shortest decimal of a float; its exact binary value would round differently at the half.
    number = Decimal(repr(value)) * (100 if percent else 1)
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded:f}".replace(".", ",") + (" %" if percent else "")
