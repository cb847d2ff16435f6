"""What stands around the rows of a register as it is printed: titles, the row of column numbers, totals, signatures. Pure.

None of it is data, and none of it may look like a row that was lost: what is left out is told by row number.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from contracts.forms import Form, reads_as_total
from registerfiles.rows import Cell, Row, as_header, is_blank

TITLE_ROWS = 20
"""How many rows may stand above the header."""

Furniture = Literal["total", "signature", "heading"]
_MIN_NUMBERS = 3
_NUMBER = re.compile(r"\(?\s*(\d{1,2})\s*\)?", re.ASCII)
_LETTER = re.compile(r"\(?\s*[A-ZĐ]\s*\)?")
_TOTAL_ALONE = re.compile(r"(tổng cộng|tổng số|cộng|tong cong|tong so|total)\s*:?")
_HEADING = re.compile(
    r"(tháng|quý|quí|năm|kỳ|tuần|từ ngày|đơn vị|địa bàn|kỳ báo cáo)\b.{0,60}|(\*|ghi chú|lưu ý|nguồn)\s?:?.{0,300}",
    re.DOTALL,
)
_SIGNATURE = re.compile(
    r"\(?(người lập|người ghi|người báo cáo|cán bộ|thủ trưởng|trưởng (công an|trạm|phòng|khoa)|phó trưởng|giám đốc|"
    r"phó giám đốc|tm\.|kt\.|t/m|k/t|đại diện|xác nhận|ký,|ký và|ký tên|\(ký|nơi nhận|lãnh đạo|chủ tịch|đội trưởng|"
    r"kế toán|keeper of the register|head of the unit|place and date|\(?signature)|.{2,40},? ?ngày .{1,6} ?tháng .{1,6} ?năm .{2,8}|ngày .{1,6} ?tháng .{1,6} ?năm .{2,8}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a register stands and what it says.

    ``first`` and ``last`` are the numbers of its rows (two where a heading stands over several columns), ``body`` is
    the number of the first row that can be data, ``hits`` how many of the form's columns it names.
    """

    names: list[str]
    first: int
    last: int
    body: int
    hits: int


def find_header(form: Form, rows: Sequence[Row]) -> Header | None:
    """Return the header among the first rows: the row that names most columns of the form; None where none names any.

    A header may have two rows: "Quyết định" over "Số" and "Ngày" names the columns "Quyết định số" and "Quyết định ngày"
    as well as "Số" and "Ngày".
    """
    best: Header | None = None
    for index, row in enumerate(rows):
        names = [as_header(cell) for cell in row.cells]
        found = [Header(names, row.number, row.number, row.number + 1, _hits(form, names))]
        if found[0].hits and index + 1 < len(rows):
            both = _joined(form, names, [as_header(cell) for cell in rows[index + 1].cells])
            below = rows[index + 1].number
            found.append(Header(both, row.number, below, below + 1, _hits(form, both)))
        for header in found:
            if header.hits and (best is None or header.hits > best.hits):
                best = header
    if best is None:
        return None
    after = next((row for row in rows if row.number == best.body), None)
    if after is not None and numbers_the_columns(after):
        return Header(best.names, best.first, best.last, best.body + 1, best.hits)
    return best


def _hits(form: Form, names: Sequence[str]) -> int:
    return len({column.id for text in names if text and (column := form.header(text)) is not None})


def _joined(form: Form, above: Sequence[str], below: Sequence[str]) -> list[str]:
    names = []
    over = ""
    for index in range(max(len(above), len(below))):
        upper = above[index] if index < len(above) else ""
        lower = below[index] if index < len(below) else ""
        # A merged heading has its text in its first cell only.
        over = upper or (over if lower else "")
        candidates = (f"{over} {lower}", f"{lower} {over}", lower, upper) if lower else (upper,)
        names.append(next((name for name in candidates if name and form.header(name)), upper or lower))
    return names


def numbers_the_columns(row: Row) -> bool:
    """Return whether the row numbers the columns, as printed registers do: (1) (2) (3), 1 2 3, or A B 1 2 3."""
    filled = [as_header(cell) for cell in row.cells if not is_blank(cell)]
    numbers = [int(found[1]) for text in filled if (found := _NUMBER.fullmatch(text))]
    letters = [text for text in filled if _LETTER.fullmatch(text)]
    return (
        len(numbers) >= _MIN_NUMBERS
        and len(numbers) + len(letters) == len(filled)
        and numbers[0] in (0, 1)
        and all(after == before + 1 for before, after in pairwise(numbers))
    )


def furniture(row: Row, key: Sequence[int], *, below_signature: bool) -> Furniture | None:
    """Return what a row is that is no record; None where it must be taken for one.

    ``key`` are the positions of the columns that name a record. Only for rows without all the values that a record needs:
    what is complete is a record, whatever it is called.
    """
    filled = [(index, _plain(cell)) for index, cell in enumerate(row.cells) if not is_blank(cell)]
    if not filled or row.faults:
        # The sum of a total is often a formula; its other cells still say what the row is.
        filled = [each for each in filled if each[0] not in row.faults]
    texts = [text for _, text in filled]
    # The words alone are no name and no number of a record, so a count may stand under any column beside them.
    if any(_TOTAL_ALONE.fullmatch(text) for text in texts[:2]):
        return "total"
    if any(reads_as_total(text) for text in texts[:2]) and not _has_key(filled, key):
        return "total"
    # More cells than people sign in are a record, whose date may be written in words as that of a signature is.
    if len(filled) <= _SIGNERS and any(_SIGNATURE.match(text) for text in texts):
        return "signature"
    keyed = any(index in key for index, _ in filled)
    if below_signature and not keyed and len(filled) <= _SIGNERS:
        return "signature"
    if len(filled) == 1 and _HEADING.fullmatch(texts[0]):
        return "heading"
    return None


_SIGNERS = 4  # names that stand beside each other under the signatures


def _has_key(filled: Sequence[tuple[int, str]], key: Sequence[int]) -> bool:
    return any(index in key and not reads_as_total(text) for index, text in filled)


def _plain(cell: Cell) -> str:
    return unicodedata.normalize("NFC", " ".join(str(cell).split())).casefold()
