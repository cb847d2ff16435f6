"""Tables with one area, or one value of a dimension, per row. Pure.

Every total is the sum of the rows above it. Therefore what surely belongs to no row has a row of its own, and what several
rows count is subtracted again by another row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from reference import FIGURES, area_book
from services.reporting.documents.document import (
    NO_DATA,
    SUPPRESSED,
    Cell,
    Column,
    Formula,
    Number,
    Row,
    RowKind,
    Table,
)
from services.reporting.documents.parts import Areas, Breakdown
from services.reporting.documents.planning import Answer, components
from services.reporting.documents.sheet import Sheet, is_target, number_cell, quoted
from services.reporting.documents.vietnamese import number, percent, percent_of, unit
from services.reporting.figures import UNATTRIBUTED, UNKNOWN, row_name

OVERLAP = "Trừ phần tính trùng (một người ở nhiều dòng)"
_SUM = "Tổng cộng"


def areas(sheet: Sheet, part: Areas) -> Table:
    """Return one area per row; communes of several districts are grouped under them, since their names repeat.

    Targets and shares of which no row has a value have no column: targets are set for districts, not for communes.
    """
    book, day = area_book(), sheet.hierarchy
    inside = (
        book.communes(sheet.area.uid, day) if part.by == "commune" else book.children(sheet.area.uid, day)
    )
    part = _with_values(sheet, part)
    found = [_column(sheet, figure, part.by) for figure, _ in part.columns]
    parents = {area.code: area.parent_uid or "" for area in inside}
    keys = list(parents)
    if len(set(parents.values())) > 1:
        keys.sort(key=lambda key: (parents[key], key))
        groups = {uid: book.by_uid[uid].name for uid in parents.values()}
    else:
        groups = {}
    # What belongs to no listed area gets a row too, or the total would not be the sum above it.
    keys += sorted({key for answer in found for key in (answer.rows or {})} - set(keys))
    grid = _Grid(sheet, part.key, part.by, [figure for figure, _ in part.columns], found)
    rows = grid.rows(keys, {key: _named(key, part.by, day) for key in keys})
    if groups:
        rows = _grouped(rows, parents, groups)
    columns = (
        Column("TT", 0.5, "index"),
        Column("Địa bàn", 2.1, "label"),
        *_headings(sheet, part.columns),
    )
    title = sheet.said(part.title)
    return Table(part.key, sheet.next_number(), title, columns, rows, part.by, _left_over(part, found))


def _with_values(sheet: Sheet, part: Areas) -> Areas:
    kept = tuple(
        column for column in part.columns if not _is_empty(column[0], _column(sheet, column[0], part.by))
    )
    return replace(part, columns=kept) if kept else part


def _is_empty(figure: str, answer: Answer) -> bool:
    # A count without a row is 0, which says something; a target or a share without one says nothing.
    counted = FIGURES[figure].kind != "ratio" and not is_target(figure)
    return not counted and not answer.hidden and all(one is None for one in (answer.rows or {}).values())


def _named(key: str, by: str, day: date) -> str:
    named = row_name(key, by, day)
    return key if named is None else named.vi


def _grouped(rows: Sequence[Row], parents: dict[str, str], groups: dict[str, str]) -> tuple[Row, ...]:
    """Return the rows with a row of the district's name before each group; formulas point to the moved rows."""
    made: list[Row | str] = []
    new_place: dict[int, int] = {}
    last = ""
    for at, row in enumerate(rows):
        parent = parents.get(row.key, last if row.kind == "total" else "")
        if parent and parent != last:
            made.append(parent)
            last = parent
        new_place[at] = len(made)
        made.append(row)
    width = len(rows[0].cells)
    return tuple(
        _moved(one, new_place)
        if isinstance(one, Row)
        else Row(
            (Cell(""), Cell(groups[one], groups[one]), *(Cell("") for _ in range(width - 2))), "group", one
        )
        for one in made
    )


def _moved(row: Row, new_place: dict[int, int]) -> Row:
    cells = tuple(
        cell
        if cell.formula is None
        else replace(
            cell,
            formula=Formula(cell.formula.op, tuple((new_place[r], c) for r, c in cell.formula.cells)),
        )
        for cell in row.cells
    )
    return Row(cells, row.kind, row.key)


def _headings(sheet: Sheet, columns: Iterable[tuple[str, str]]) -> list[Column]:
    return [
        Column(
            heading,
            1.25 if FIGURES[figure].unit == "vnd" else 1.0,
            "percent" if FIGURES[figure].kind == "ratio" else "number",
            sheet.notes.mark(figure, sheet.windows.now(figure)),
            figure,
        )
        for figure, heading in columns
    ]


def _column(sheet: Sheet, figure: str, by: str) -> Answer:
    """Return the rows of a figure; those of a ratio are computed from the rows of numerator and denominator."""
    answers = [
        sheet.numbers.rows(component, sheet.windows.now(component), by) for component in components(figure)
    ]
    if len(answers) == 1:
        total, hidden = sheet.numbers.total(figure, sheet.windows.now(figure))
        own = answers[0]
        return Answer(total, own.rows, own.hidden | ({None} if hidden else set()))
    above, below = answers
    keys = [*(above.rows or {}), *(key for key in below.rows or {} if key not in (above.rows or {}))]
    hidden_keys = above.hidden | below.hidden
    rows = {
        key: None
        if key in hidden_keys
        else percent_of((above.rows or {}).get(key), (below.rows or {}).get(key))
        for key in keys
    }
    value, value_hidden = sheet.value(figure, sheet.windows.now)
    return Answer(value, rows, hidden_keys | ({None} if value_hidden else set()))


def _left_over(part: Areas, found: Sequence[Answer]) -> tuple[str, ...]:
    """Return remarks on how much of each figure surely belongs to no row."""
    parts = []
    for (figure, _), answer in zip(part.columns, found, strict=True):
        left = sum(
            value
            for key, value in (answer.rows or {}).items()
            if key.startswith(UNATTRIBUTED) and value is not None
        )
        if left and FIGURES[figure].kind != "ratio":
            parts.append(f"{number(left)} {unit(figure)} ({quoted(figure)})")
    if not parts:
        return ()
    return (
        f"Chưa phân bổ: {'; '.join(parts)} ghi theo đơn vị hành chính đã chia tách, không quy được về một địa bàn"
        " hiện có; đã tính trong tổng cộng.",
    )


def breakdown(sheet: Sheet, part: Breakdown) -> Table:
    """Return one value of a dimension per row; the share is that of the first figure."""
    found = [_column(sheet, figure, part.by) for figure, _ in part.columns]
    present = {key for answer in found for key in (answer.rows or {})}
    # Without rows and without a total nothing is known; with a total of 0 every value of the dimension is 0.
    known = present or any(answer.value == 0 for answer in found)
    keys = [*part.names, *sorted(present - set(part.names))] if known else []
    labels = {key: part.names.get(key, "Không rõ" if key in (UNKNOWN, "none") else key) for key in keys}
    grid = _Grid(sheet, part.key, part.by, [figure for figure, _ in part.columns], found)
    rows = grid.rows(keys, labels, shares=part.shares)
    columns = [
        Column("TT", 0.5, "index"),
        Column(part.heading, 3.0, "label"),
        *_headings(sheet, part.columns),
    ]
    if part.shares:
        columns.append(Column("Tỷ lệ (%)", 0.9, "percent"))
    return Table(part.key, sheet.next_number(), sheet.said(part.title), tuple(columns), rows, part.by)


class _Grid:
    """Rows of parts, what is left over, what is counted twice, and the total."""

    def __init__(
        self, sheet: Sheet, table: str, by: str, figures: Sequence[str], found: Sequence[Answer]
    ) -> None:
        self._sheet, self._table, self._by = sheet, table, by
        self._figures, self._found = figures, found

    def rows(self, keys: Sequence[str], labels: dict[str, str], *, shares: bool = False) -> tuple[Row, ...]:
        made = [self._row(at, key, labels[key]) for at, key in enumerate(keys)]
        overlaps = [self._overlap(answer, at) for at, answer in enumerate(self._found)]
        if any(overlaps):
            cells = [Cell(""), Cell(OVERLAP, OVERLAP)]
            cells += [Cell(NO_DATA) if over is None else number_cell(-over) for over in overlaps]
            made.append(Row(tuple(cells), "overlap", "overlap"))
        total = self._total(len(made), overlaps)
        everything = [*made, total]
        if shares:
            everything = [self._with_share(row, at, len(everything) - 1) for at, row in enumerate(everything)]
        return tuple(everything)

    def _row(self, at: int, key: str, label: str) -> Row:
        cells = [Cell(str(at + 1), at + 1), Cell(label, label)]
        for column, (figure, answer) in enumerate(zip(self._figures, self._found, strict=True), 2):
            ratio = FIGURES[figure].kind == "ratio"
            # A count without a row is 0, but a ratio or a target without a row has no value.
            missing = (
                0 if (answer.rows or answer.value == 0) and not ratio and not is_target(figure) else None
            )
            value = (answer.rows or {}).get(key, missing)
            hidden = key in answer.hidden or (not answer.rows and None in answer.hidden)
            self._sheet.record(
                self._table, figure, self._sheet.windows.now(figure), self._by, key, value, hidden
            )
            cell = number_cell(value, hidden, share=ratio)
            if ratio and value is not None:
                cell = Cell(cell.shown, value, formula=self._ratio_formula(figure, at))
            cells.append(cell)
            assert column == len(cells) - 1
        kind: RowKind = "unattributed" if key.startswith(UNATTRIBUTED) or key == UNKNOWN else "data"
        return Row(tuple(cells), kind, key)

    def _ratio_formula(self, figure: str, row: int) -> Formula | None:
        entry = FIGURES[figure]
        # A formula can use only counts of the same table.
        if entry.numerator not in self._figures or entry.denominator not in self._figures:
            return None
        places = [2 + self._figures.index(part) for part in (entry.numerator, entry.denominator)]
        return Formula("percent", tuple((row, place) for place in places))

    def _overlap(self, answer: Answer, column: int) -> Number | None:
        """Return the sum of the rows minus the total; None where rows need not add up (targets) or cannot (ratios)."""
        figure = self._figures[column]
        if FIGURES[figure].kind == "ratio" or is_target(figure) or answer.hidden or not answer.rows:
            return None
        values = [value for value in answer.rows.values() if value is not None]
        return None if answer.value is None else sum(values, Decimal()) - answer.value

    def _total(self, above: int, overlaps: Sequence[Number | None]) -> Row:
        cells = [Cell(""), Cell(_SUM, _SUM)]
        for at, (figure, answer) in enumerate(zip(self._figures, self._found, strict=True)):
            hidden = None in answer.hidden
            ratio = FIGURES[figure].kind == "ratio"
            self._sheet.record(
                self._table, figure, self._sheet.windows.now(figure), "", "", answer.value, hidden
            )
            formula: Formula | None = None
            if not hidden and answer.value is not None:
                if ratio:
                    formula = self._ratio_formula(figure, above)
                elif overlaps[at] is not None:
                    formula = Formula("sum", tuple((row, 2 + at) for row in range(above)))
            cell = number_cell(answer.value, hidden, share=ratio)
            cells.append(Cell(cell.shown, cell.value, cell.note, formula, hidden))
        return Row(tuple(cells), "total", "total")

    def _with_share(self, row: Row, at: int, last: int) -> Row:
        cell = row.cells[2]
        total = self._found[0].value
        value = cell.value
        # From a percentage and its count the protected total could be computed, and the other way round.
        if cell.suppressed or None in self._found[0].hidden:
            share = Cell(SUPPRESSED, suppressed=True)
        elif row.kind == "overlap" or not isinstance(value, int | Decimal):
            share = Cell(NO_DATA)
        else:
            found = percent_of(value, total)
            formula = None if found is None else Formula("percent", ((at, 2), (last, 2)))
            share = Cell(percent(found), found, formula=formula)
        return Row((*row.cells, share), row.kind, row.key)
