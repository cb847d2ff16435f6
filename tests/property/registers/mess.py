"""A clean register as an office sends it: any combination of spellings, headers, lines around the rows, sheets and files.

What a reader can never know is not drawn (a column of days up to the 12th with the month first); everything else is.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from hypothesis import strategies as st
from openpyxl import Workbook

from contracts.forms import Column, Form
from reference import usual_names
from tests.property.registers.clean import Meant, Register
from tests.property.registers.spelling import BLANKS, Cell, Way, bare, ways

Place = tuple[str, int]
"""Name of a sheet (blank in a .csv file) and number of a row in it."""
_TITLES = (
    ("CÔNG AN PHƯỜNG THỬ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("SỔ THEO DÕI",),
    ("Kỳ báo cáo: năm 2023",),
    ("Đơn vị: Công an phường Thử",),
)
_SIGNED = (("", "", "NGƯỜI LẬP SỔ"), ("", "", "Nguyễn Văn Ghi"))


@dataclass
class Sheet:
    """One sheet: its lines, and where the rows of the register stand in it."""

    name: str
    lines: list[list[Cell]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)


@dataclass(repr=False)
class Messy:
    """A register as it was written down. ``places`` are those of its rows, each with all places where it stands.

    ``unsure`` are the rows of which a reader may refuse something by name; ``may_stop``: it may refuse the whole file.
    ``told`` is everything that was done to it, for a test that fails.
    """

    register: Register
    suffix: str
    sheets: list[Sheet]
    places: list[list[Place]]
    unsure: set[int]
    may_stop: bool
    dialect: Mapping[str, str]
    told: list[str]

    def __repr__(self) -> str:
        return f"{self.register.form.name}{self.suffix}: {'; '.join(self.told)}"

    def write(self, folder: Path) -> Path:
        """Write the file; return its path."""
        path = folder / f"so{self.suffix}"
        if self.suffix == ".xlsx":
            _write_xlsx(path, self.sheets)
        else:
            path.write_bytes(_csv(self.sheets[0].lines, self.dialect))
        return path


@st.composite
def messes(draw: st.DrawFn, registers: st.SearchStrategy[Register]) -> Messy:
    """A register with any combination of mess."""
    register = draw(registers)
    suffix = draw(st.sampled_from((".xlsx", ".xlsx", ".csv")))
    messy = Messy(register, suffix, [], [[] for _ in register.rows], set(), False, {}, [])
    columns = list(draw(st.permutations(register.columns)))
    spelt = _spelt(draw, messy, columns)
    header = [_header(draw, register.form, column) for column in columns]
    lines = _beside(draw, messy, header, spelt)
    if suffix == ".xlsx":
        _sheets(draw, messy, header, lines)
    else:
        messy.dialect = _dialect(draw, messy)
        messy.sheets = [_sheet(draw, messy, "", header, list(enumerate(lines)))]
    return messy


def _spelt(draw: st.DrawFn, messy: Messy, columns: Sequence[str]) -> list[list[Cell]]:
    """The cells of each row: a column is written in one way, blanks in one way; few columns in a way that may be refused."""
    register = messy.register
    lines: list[list[Cell]] = [[] for _ in register.rows]
    rough = draw(st.sets(st.sampled_from(columns), max_size=2)) if draw(st.booleans()) else set()
    for name in columns:
        column = register.form.by_id[name]
        values = [row[name] for row in register.rows if name in row]
        able = [
            way
            for way in ways(column)
            if way.fits(values)
            and (way.sure or name in rough)
            and (messy.suffix == ".xlsx" or not way.workbook)
        ]
        way = draw(st.sampled_from(able))
        blank = draw(st.sampled_from(BLANKS)) if len(values) < len(register.rows) else None
        if way is not ways(column)[0] or blank is not None:
            messy.told.append(f"{name}: {way.name}, blank: {blank!r}")
        for number, row in enumerate(register.rows):
            written = name in row
            lines[number].append(_cell(column, way, row[name]) if written else blank)
            if written and not way.sure:
                messy.unsure.add(number)
    return lines


def _cell(column: Column, way: Way, value: Meant) -> Cell:
    return way.write(column, value)


def _header(draw: st.DrawFn, form: Form, column: str) -> str:
    """One of the names of a column, in one of the ways to write it."""
    name = draw(st.sampled_from((column, form.by_id[column].vi, *usual_names(form.name, column))))
    change = draw(st.integers(0, 6))
    return (
        name,
        name.upper(),
        f" {name}  ",
        unicodedata.normalize("NFD", name),
        f"{name} *",
        name.replace(" ", "\n"),
        bare(name),
    )[change]


def _beside(draw: st.DrawFn, messy: Messy, header: list[str], lines: list[list[Cell]]) -> list[list[Cell]]:
    """Add columns that the form does not know: numbers of rows, remarks without a word, remarks."""
    kind = draw(st.sampled_from(("none", "none", "STT", "blank", "filled")))
    if kind == "none":
        return lines
    messy.told.append(f"column beside: {kind}")
    messy.may_stop |= kind == "filled"
    header.insert(0, "STT" if kind == "STT" else "Ghi chú")
    first = {"STT": range(1, len(lines) + 1), "blank": [None] * len(lines), "filled": ["đã xem"] * len(lines)}
    return [[cell, *line] for cell, line in zip(first[kind], lines, strict=True)]


def _sheet(
    draw: st.DrawFn, messy: Messy, name: str, header: Sequence[str], rows: Sequence[tuple[int, list[Cell]]]
) -> Sheet:
    """One sheet with titles above its header, and lines between and below the rows that are no records."""
    sheet = Sheet(name)
    for title in _TITLES[: draw(st.integers(0, len(_TITLES)))]:
        sheet.lines.append(list(title))
    sheet.lines.append(list(header))
    around = draw(
        st.sets(
            st.sampled_from(
                ("numbers", "blank", "month", "total", "signed", "again", "in capitals", "swapped", "twice")
            )
        )
    )
    messy.told.append(f"around on {name!r}: {sorted(around)}")
    if "numbers" in around:
        sheet.lines.append([f"({number})" for number in range(1, len(header) + 1)])
    if "month" in around:
        sheet.lines.append(["Tháng 1 năm 2023"])
    for number, cells in rows:
        _place(messy, sheet, number, cells)
        if "twice" in around and number == rows[0][0]:
            _place(messy, sheet, number, list(cells))
        if "blank" in around:
            sheet.lines.append([None] * len(header))
        if "again" in around and number == rows[0][0]:
            sheet.lines.append(list(header))
        if "in capitals" in around and number == rows[0][0]:
            sheet.lines.append([name.upper() for name in header])
    if "swapped" in around:
        # A second table, with its columns the other way round: nothing below it can be read.
        messy.may_stop = True
        sheet.lines.append(list(reversed(header)))
        sheet.lines.append(list(reversed(rows[0][1])))
    if "total" in around:
        sheet.lines.append(["Tổng cộng", *([None] * (len(header) - 2)), len(rows)])
    if "signed" in around:
        sheet.lines += [list(line) for line in _SIGNED]
    return sheet


def _place(messy: Messy, sheet: Sheet, number: int, cells: list[Cell]) -> None:
    sheet.lines.append(cells)
    messy.places[number].append((sheet.name, len(sheet.lines)))


def _sheets(draw: st.DrawFn, messy: Messy, header: Sequence[str], lines: list[list[Cell]]) -> None:
    """Put the rows on one sheet or two, beside covers, notes, hidden copies and hidden rows."""
    rows = list(enumerate(lines))
    cut = draw(st.integers(1, len(rows))) if draw(st.booleans()) else len(rows)
    for name, part in (("Tháng 1", rows[:cut]), ("Tháng 2", rows[cut:])):
        if part:
            messy.sheets.append(_sheet(draw, messy, name, header, part))
    more = draw(st.sampled_from(("none", "none", "cover", "hidden cover", "hidden register", "hidden row")))
    messy.told.append(f"sheets: {len(messy.sheets)}, more: {more}")
    if more in ("cover", "hidden cover"):
        messy.sheets.insert(0, Sheet("Bìa", [["Sổ năm 2023"]], hidden=more == "hidden cover"))
    elif more == "hidden register":
        messy.may_stop = True
        messy.sheets.insert(0, Sheet("Cũ", [list(header), *(list(line) for line in lines)], hidden=True))
    elif more == "hidden row":
        messy.may_stop = True
        name, number = messy.places[0][0]
        next(sheet for sheet in messy.sheets if sheet.name == name).hidden_rows.append(number)


def _dialect(draw: st.DrawFn, messy: Messy) -> Mapping[str, str]:
    dialect = {
        "delimiter": draw(st.sampled_from((",", ";", "\t", "|"))),
        "encoding": draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1258"))),
        "newline": draw(st.sampled_from(("\r\n", "\n", "\r"))),
        "quoting": draw(st.sampled_from(("minimal", "all"))),
        "sep": draw(st.sampled_from(("", "sep"))),
    }
    # Text in a code page has no mark of it: the file must be refused, since the letters cannot be known.
    messy.may_stop |= dialect["encoding"] == "cp1258"
    messy.told.append(str(dialect))
    return dialect


def _csv(lines: Sequence[Sequence[Cell]], dialect: Mapping[str, str]) -> bytes:
    text = io.StringIO(newline="")
    # A header of two lines is quoted by every spreadsheet, whatever ends the lines of its file.
    quoted = dialect["quoting"] == "all" or any("\n" in str(cell) for line in lines for cell in line)
    writer = csv.writer(
        text,
        delimiter=dialect["delimiter"],
        lineterminator=dialect["newline"],
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    if dialect["sep"]:
        text.write(f"sep={dialect['delimiter']}{dialect['newline']}")
    writer.writerows([_exported(cell) for cell in line] for line in lines)
    return text.getvalue().encode(dialect["encoding"], errors="replace")


def _exported(cell: Cell) -> str:
    """A cell as a spreadsheet in Vietnamese exports it."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float):
        return str(cell).replace(".", ",")
    return "" if cell is None else str(cell)


def _write_xlsx(path: Path, sheets: Sequence[Sheet]) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for one in sheets:
        sheet = book.create_sheet(one.name)
        for line in one.lines:
            sheet.append(line)
        sheet.sheet_state = "hidden" if one.hidden else "visible"
        for number in one.hidden_rows:
            sheet.row_dimensions[number].hidden = True
    book.save(path)
