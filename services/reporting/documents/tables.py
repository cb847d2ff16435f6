"""Tables with one figure per row, and the table of definitions. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from reference import FIGURES
from services.reporting.documents.document import (
    NO_DATA,
    SUPPRESSED,
    Cell,
    Column,
    Formula,
    Note,
    Number,
    Row,
    Table,
)
from services.reporting.documents.parts import Indicators
from services.reporting.documents.sheet import INCOMPLETE, Sheet, number_cell, quoted
from services.reporting.documents.vietnamese import change, percent, percent_of, times, unit


def indicators(sheet: Sheet, part: Indicators) -> Table:
    """Return one figure per row: value, share, the year before, change."""
    now, before = sheet.windows.now, sheet.windows.before
    shown = {line.figure: at for at, line in enumerate(part.lines)}
    shares = any(line.of for line in part.lines)
    earlier_at = 5 + shares
    rows: list[Row] = []
    for at, line in enumerate(part.lines):
        mark, name = sheet.notes.mark(line.figure, now(line.figure)), sheet.said(line.name)
        value, hidden = sheet.value(line.figure, now)
        earlier, earlier_hidden = sheet.earlier(line.figure)
        sheet.record(part.key, line.figure, now(line.figure), "", "", value, hidden)
        # A number of registers that nobody declared complete invites a comparison that does not hold.
        unsure = earlier is not None and not earlier_hidden and not sheet.numbers.comparable(line.figure)
        if unsure:
            earlier, sheet.uncompared = None, True
            sheet.record(part.key, line.figure, before(line.figure), "", "", None, remark="incomplete")
        elif earlier is not None or earlier_hidden:
            sheet.record(part.key, line.figure, before(line.figure), "", "", earlier, earlier_hidden)
        share = _share(sheet, line.figure, line.of, value, hidden, (at, 4), shown)
        moved = None if value is None or earlier is None else Decimal(value) - Decimal(earlier)
        moved_cell = Cell(change(moved), moved, formula=Formula("minus", ((at, 4), (at, earlier_at))))
        if moved is None:
            moved_cell = Cell(SUPPRESSED if hidden or earlier_hidden else NO_DATA)
        cells = (
            Cell(str(at + 1), at + 1),
            Cell(name, name, mark),
            Cell(unit(line.figure)),
            Cell(times(now(line.figure))),
            number_cell(value, hidden),
            *((share,) if shares else ()),
            Cell(INCOMPLETE) if unsure else number_cell(earlier, earlier_hidden),
            moved_cell,
        )
        rows.append(Row(cells, "sub" if line.sub else "data", line.figure))
    columns = _columns(part, sheet.windows.before_label, shares=shares)
    compared = [row.cells[earlier_at] for row in rows]
    printed = any(cell.is_number or cell.suppressed for cell in compared)
    if not printed and all(cell.shown != INCOMPLETE for cell in compared):
        # Nothing of the year before: no columns for it either.
        columns = columns[:earlier_at]
        rows = [Row(row.cells[:earlier_at], row.kind, row.key) for row in rows]
    sheet.compared = sheet.compared or printed
    title = sheet.said(part.title)
    return Table(part.key, sheet.next_number(), title, columns, tuple(rows), "figure", _bases(sheet, part))


def _columns(part: Indicators, before: str, *, shares: bool) -> tuple[Column, ...]:
    """Return the columns; those with sums of money or grams are wider."""
    units = {FIGURES[line.figure].unit for line in part.lines}
    more = 0.6 if "vnd" in units else 0.2 if "gram" in units else 0.0
    return (
        Column("TT", 0.5, "index"),
        Column("Chỉ tiêu", 2.75 - more, "label"),
        Column("Đơn vị", 0.72, "text"),
        Column("Thời điểm, kỳ", 1.85 + more / 3, "text"),
        Column("Số liệu", 1.05 + more, "number"),
        *((Column("Tỷ lệ (%)", 0.72, "percent"),) if shares else ()),
        Column(_capital(before), 1.05 + more, "number"),
        Column("Tăng, giảm", 0.9 + more + 0.1 * (more > 0), "change"),
    )


def _bases(sheet: Sheet, part: Indicators) -> tuple[str, ...]:
    places: dict[str, list[str]] = {}
    for at, line in enumerate(part.lines, 1):
        if line.of:
            places.setdefault(line.of, []).append(str(at))
    texts = [
        f"dòng {', '.join(lines)} so với {' + '.join(sheet.said(quoted(figure)) for figure in base.split('+'))}"
        for base, lines in places.items()
    ]
    return (f"Tỷ lệ: {'; '.join(texts)}.",) if texts else ()


def _share(
    sheet: Sheet,
    figure: str,
    base: str | None,
    value: Number | None,
    hidden: bool,
    place: tuple[int, int],
    shown: dict[str, int],
) -> Cell:
    if base is None:
        return Cell("")
    whole, whole_hidden = sheet.base(base, sheet.windows.now)
    if hidden or whole_hidden:
        return Cell(SUPPRESSED, suppressed=True)
    share = percent_of(value, whole)
    sheet.share(figure, base)
    formula = Formula("percent", (place, (shown[base], 4))) if base in shown and share is not None else None
    return Cell(percent(share), share, formula=formula)


_FIRST_VERSION = "phiên bản đầu"


def definitions(notes: Sequence[Note]) -> Table:
    """Return the table that explains each mark."""
    columns = (
        Column("Số", 0.45, "index"),
        Column("Tên số liệu", 3.4, "label"),
        Column("Đơn vị", 0.6, "text"),
        Column("Thời điểm, kỳ", 1.7, "text"),
        Column("Cơ quan chủ quản", 2.2, "text"),
        Column("Định nghĩa (phiên bản)", 2.6, "label"),
        Column("Tỷ lệ tính trên", 0.8, "text"),
        # For programs and those who ask them: last and small.
        Column("Mã số liệu", 3.6, "code"),
    )
    marks = {note.figure: note.number for note in reversed(notes)}
    rows = []
    for note in notes:
        version = "; ".join(_FIRST_VERSION if one == "base" else one for one in note.version.split("; "))
        version = f"{note.basis} ({version})" if note.basis else version
        texts = (
            note.name,
            note.unit,
            times(note.times),
            note.owner,
            version,
            _base_marks(note.expression, marks),
            note.figure,
        )
        cells = (Cell(f"({note.number})", note.number), *(Cell(text, text) for text in texts))
        rows.append(Row(cells, "data", note.figure))
    return Table("definitions", "", "Chú giải số liệu", columns, tuple(rows), "note")


def _base_marks(expression: str | None, marks: Mapping[str, int]) -> str:
    """Return the bases of percentages by their marks: ``(2)``; ``(41) + (42)``."""
    bases = expression.split("; ") if expression else []
    return "; ".join(" + ".join(f"({marks[part]})" for part in base.split("+")) for base in bases)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
