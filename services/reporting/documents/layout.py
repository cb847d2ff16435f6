"""The layout of tables on a page: size of text, widths of columns in which no number or word is broken. Pure.

The lengths are those of a Times-like face, in parts of its size; a little too long does no harm.
"""

from services.reporting.documents.document import Annex, Cell, Column, RowKind, Table

CODE_SIZE = 8
"""Size of figure codes in points: small, since they are long and few people read them."""

SHORT = 10
"""Tables of at most so many rows are kept on one page."""
PORTRAIT, LANDSCAPE = 162, 259
"""Millimetres between the margins of a page."""
_NARROW, _WIDE = "iíìỉĩịjltfrIÍÌỈĨỊ()[].,:;'’!|/- \u00a0", "mwMWĐƯƠƯ%—"
_BOLD = 1.06
_MARK = 0.62  # of the size of what it is raised above
_POINT = 25.4 / 72  # in millimetres
_INDENT = 3.0  # of what is set in under the row above
_NAME = 36.0  # up to this a label is a name, not a sentence
_PADDING = 2.6  # millimetres: both sides of a cell and its line


def length(text: str, size: float) -> float:
    """Return about how long a text is on one line, in millimetres; ``size`` in points."""
    parts = sum(
        0.33 if one in _NARROW else 0.9 if one in _WIDE else 0.7 if one.isupper() else 0.5 for one in text
    )
    return parts * size * _POINT


def size_of(table: Table, annex: Annex | None = None) -> float:
    """Return the size of a table's text in points, by where it stands; many columns are a little smaller."""
    size = 11.0 if annex is None else 9.5 if annex.wide else 10.5
    return size - 0.5 if len(table.columns) > 7 else size


def widths(table: Table, annex: Annex | None = None) -> list[float]:
    """Return the columns' widths in millimetres, together those of the page: as meant, but none too narrow for its words.

    Columns of days and units are not given more room than they take.
    """
    size, room = size_of(table, annex), float(LANDSCAPE if annex is not None and annex.wide else PORTRAIT)
    # Names are kept on one line where there is room for it.
    for name in (_NAME, 0.0):
        least = [_least(table, at, size, name) for at in range(len(table.columns))]
        if sum(least) < room:
            break
    else:
        return [one * room / sum(least) for one in least]
    most = [_most(table, at, size) for at in range(len(table.columns))]
    found = [0.0] * len(table.columns)
    free = list(range(len(table.columns)))
    while free:
        meant = sum(table.columns[at].width for at in free)
        share = {at: room * table.columns[at].width / meant for at in free}
        narrow = [at for at in free if share[at] < least[at]]
        wide = [at for at in free if share[at] > most[at]]
        # Columns that need more are given their width first; the others share the rest.
        settled = narrow or wide
        if not settled or len(settled) == len(free):
            for at in free:
                found[at] = share[at]
            break
        for at in settled:
            found[at] = least[at] if narrow else most[at]
            room -= found[at]
            free.remove(at)
    return found


def _least(table: Table, at: int, size: float, name: float) -> float:
    """Return the width that a column needs for its longest word, in cells or title (with the mark at its end)."""
    column = table.columns[at]
    inside = [_word(row.cells[at], row.kind, column, size, name) for row in table.rows]
    heading = [length(word, size * _BOLD) for word in column.title.split()]
    if heading and column.note is not None:
        heading[-1] += _mark(column.note, size)
    return max([*inside, *heading], default=0.0) + _PADDING


def _word(cell: Cell, kind: RowKind, column: Column, size: float, name: float) -> float:
    if kind == "group" or not cell.shown:
        return 0.0  # a heading over the rows below it runs on
    points = CODE_SIZE if column.kind == "code" else size * (_BOLD if kind == "total" else 1)
    whole = length(cell.shown, points)
    short = column.kind == "label" and whole <= name
    lengths = [whole] if short else [length(word, points) for word in cell.shown.split()]
    if cell.note is not None:
        lengths[-1] += _mark(cell.note, size)
    return max(lengths, default=0.0) + (_INDENT if kind == "sub" and column.kind == "label" else 0.0)


def _mark(note: int, size: float) -> float:
    return length(f"({note})", size * _MARK)


def _most(table: Table, at: int, size: float) -> float:
    """Return the greatest useful width of a column: for days and units that of their texts, for others no limit."""
    column = table.columns[at]
    if column.kind != "text":
        return float("inf")
    texts = [length(row.cells[at].shown, size) for row in table.rows]
    return max([*texts, length(column.title, size * _BOLD)]) + _PADDING
