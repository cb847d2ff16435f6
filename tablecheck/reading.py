"""The small format of a table to be checked: its columns, and cells as people write them (``docs/checks.md``)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from reference import area_book
from tablecheck.bases import PARTS, Bases, groups_of, plain_label
from tablecheck.model import Line, Role
from texts import Message, message

Cell = object

COLUMNS: Mapping[str, str] = {
    "label": "Nội dung",
    "value": "Số lượng",
    "percent": "Tỷ lệ %",
    "of": "So với",
    "group": "Nhóm",
    "role": "Vai trò",
    "unit": "Đơn vị tính",
    "area": "Mã địa bàn",
    "as_of": "Tính đến ngày",
}
"""Column id → Vietnamese header; only ``label`` is required."""
_ALIASES: Mapping[str, str] = {
    "chỉ tiêu": "label",
    "name": "label",
    "giá trị": "value",
    "số": "value",
    "count": "value",
    "tỷ lệ": "percent",
    "tỉ lệ": "percent",
    "tỉ lệ %": "percent",
    "tỷ lệ (%)": "percent",
    "%": "percent",
    "mẫu số": "of",
    "base": "of",
    "đơn vị": "unit",
}
_TOTAL_WORDS = frozenset({"tổng", "tổng số", "tổng cộng", "cộng", "total"})
# "Tổng số vụ", but not "Tổng hợp" or "Cộng đồng".
_TOTAL_OF = (
    "tổng số ",
    "tổng số(",
    "tổng cộng ",
    "tổng cộng(",
    "tổng (",
    "cộng (",
    "tổng:",
    "tổng số:",
    "tổng cộng:",
    "cộng:",
)
_OF_WHICH = "trong đó"
_ROW_NUMBERS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no", "no."})
ROLES: Mapping[str, Role] = {
    "phần": "part",
    "khác": "other",
    "tổng": "total",
    "trong đó": "of_which",
    "so sánh": "ratio",
    **{role: role for role in get_args(Role)},
}
EXAMPLE: tuple[Mapping[str, str], ...] = (
    {"label": "Vụ mâu thuẫn", "value": "374", "group": "kết quả", "role": "total", "unit": "case"},
    {"label": "Giải quyết ổn định", "value": "196", "percent": "52,4", "group": "kết quả", "unit": "case"},
    {"label": "Chưa ổn định", "value": "118", "percent": "31,6", "group": "kết quả", "unit": "case"},
    {"label": "Đang giải quyết", "value": "60", "percent": "16,0", "group": "kết quả", "unit": "case"},
    {
        "label": "Mâu thuẫn kéo dài",
        "value": "108",
        "percent": "60,7",
        "of": "Chưa ổn định + Đang giải quyết",
        "role": "of_which",
        "unit": "case",
    },
)
"""A correct table, as the template shows it."""
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_SPACED = re.compile(r"-?[0-9]{1,3}([ \u00a0\u2009\u202f][0-9]{3})+(,[0-9]+)?")
_WITH_COMMA = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_ENGLISH = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_POINT = re.compile(r"-?[0-9]+\.([0-9]{1,2}|[0-9]{4,})\s*%?")
_COMMA = re.compile(r"-?[0-9.]+,([0-9]{1,2}|[0-9]{4,})\s*%?")
# Other signs for minus, and marks of footnotes behind a number.
_MINUS = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-"})
_FOOTNOTE = re.compile(r"(?<=[0-9%])\s*[*†‡¹²³⁴⁵⁶⁷⁸⁹]+\Z")
_NUMBERS = ("value", "percent")
MAX_ROWS, MAX_TEXT = 2_000, 300


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be read: spreadsheet row (header = 1), column, what stands there, and why not."""

    row: int
    field: str
    value: str
    rule: str
    message: Message


def column_of(heading: str) -> str | None:
    """Return the column that a heading names, by its id or its Vietnamese name; None for any other."""
    plain = plain_label(unicodedata.normalize("NFC", heading))
    named = next((name for name, vi in COLUMNS.items() if plain in (name, plain_label(vi))), None)
    return named or _ALIASES.get(plain)


def is_row_number(heading: str) -> bool:
    """Return whether a heading is that of a column of row numbers, which says nothing: STT, TT, Số thứ tự."""
    return plain_label(unicodedata.normalize("NFC", heading)) in _ROW_NUMBERS


def read_lines(
    rows: Iterable[tuple[int, Mapping[str, Cell]]], area: str | None = None, as_of: date | None = None
) -> tuple[list[Line], list[CellFault]]:
    """Return lines of a table from cells by column id, with every fault. ``area``/``as_of`` stand in where a row has none."""
    lines: list[Line] = []
    faults: list[CellFault] = []
    given = [
        (number, {name: _text(cell) for name, cell in cells.items() if name in COLUMNS})
        for number, cells in rows
    ]
    if _is_english([texts.get(name, "") for _, texts in given for name in _NUMBERS]):
        given = [(number, texts | _as_vietnamese(texts)) for number, texts in given]
    for number, texts in _with_listed(given):
        line = _line(number, texts, faults)
        if line is not None:
            lines.append(replace(line, area=line.area or area, as_of=line.as_of or as_of))
    lines = _one_group(lines)
    faults += _unknown_names(lines)
    return lines, sorted(faults, key=lambda fault: (fault.row, fault.field))


def _with_listed(
    rows: Iterable[tuple[int, Mapping[str, str]]],
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows, those listed below "Trong đó" as subsets of the total above: they need not be all that there is."""
    whole = group = ""
    listing = False
    for number, texts in rows:
        label = plain_label(texts.get("label", ""))
        if texts.get("role") or _is_total(label) or texts.get("group", "") != group:
            listing, group = False, texts.get("group", "")
            whole = texts.get("label", "") if _is_total(label) else ""
        elif label.startswith(_OF_WHICH) and whole:
            listing = True
        listed = {"role": "of_which", "of": texts.get("of") or whole}
        yield number, {**texts, **listed} if listing else texts


def _is_total(label: str) -> bool:
    return label in _TOTAL_WORDS or label.startswith(_TOTAL_OF)


def _is_english(texts: Iterable[str]) -> bool:
    """Return whether the numbers of a table are written as in English: 1,153 and 91.3. What is ambiguous proves nothing."""
    found = list(texts)
    grouped = any(_ENGLISH.fullmatch(text) for text in found)
    return (
        grouped
        and any(_POINT.fullmatch(text) for text in found)
        and not any(_COMMA.fullmatch(text) for text in found)
    )


def _as_vietnamese(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        name: texts[name].replace(",", "").replace(".", ",")
        for name in _NUMBERS
        if _ENGLISH.fullmatch(texts.get(name, "")) or _POINT.fullmatch(texts.get(name, ""))
    }


def _line(number: int, texts: Mapping[str, str], faults: list[CellFault]) -> Line | None:
    def fault(field: str, rule: str, **parts: object) -> None:
        value = texts.get(field, "")
        faults.append(CellFault(number, field, value[:MAX_TEXT], rule, message(rule, **parts)))

    if not any(texts.values()):
        return None
    for field, text in texts.items():
        if len(text) > MAX_TEXT:
            fault(field, "too_long", limit=MAX_TEXT)
            return None
    if not texts.get("label"):
        fault("label", "required", column=Message(COLUMNS["label"], "label"))
        return None
    value = _read(count_of, texts.get("value", ""))
    percent = _read(percent_of, texts.get("percent", ""))
    role = _role(texts)
    day = _day(texts["as_of"]) if texts.get("as_of") else None
    before = len(faults)
    if value is _BAD:
        fault("value", "decimal")
    if percent is _BAD:
        fault("percent", "decimal")
    if role is None:
        fault("role", "code", codes=Message(", ".join(ROLES), ", ".join(get_args(Role))))
    if texts.get("as_of") and day is None:
        fault("as_of", "date")
    if texts.get("area") and not area_book().codes_known(texts["area"]):
        fault("area", "area_unknown")
    # What a wrong cell was meant to say is not known, and a line read by half would bring false findings.
    if len(faults) > before or role is None:
        return None
    return Line(
        number,
        texts["label"],
        value if isinstance(value, Decimal) else None,
        percent if isinstance(percent, Decimal) else None,
        _denominator(texts.get("of", "")),
        texts.get("group") or None,
        role,
        texts.get("unit") or None,
        texts.get("area") or None,
        day,
    )


def _role(texts: Mapping[str, str]) -> Role | None:
    """The role that a row names, else what its label says; None for a word that is no role."""
    if texts.get("role"):
        return ROLES.get(plain_label(texts["role"]))
    return "total" if _is_total(plain_label(texts["label"])) else "part"


def _one_group(lines: list[Line]) -> list[Line]:
    """A table that names no group but has one total is one group: its parts are all lines without an ``of``.

    The total may stand above its parts and once more below them.
    """
    named = [line for line in lines if line.group is not None]
    totals = [line for line in lines if line.role == "total"]
    if named or not totals or (len(totals) > 1 and not _is_repeated(lines, totals)):
        return lines
    return [
        replace(line, group=totals[0].label) if line.of is None and line.role in (*PARTS, "total") else line
        for line in lines
    ]


def _is_repeated(lines: list[Line], totals: list[Line]) -> bool:
    return totals == [lines[0], lines[-1]] and totals[0].value == totals[1].value


_BAD: Literal["bad"] = "bad"


def _read(parse: Callable[[str], Decimal], text: str) -> Decimal | Literal["bad"] | None:
    text = _number_text(text)
    # Office programs print a dash where there is no number: that is blank, and no fault.
    if not text or text in ("-", "–", "—"):
        return None
    try:
        return parse(text)
    except ValueError:
        return _BAD


def count_of(text: str) -> Decimal:
    """Return a count as written in Vietnam: 1.153 or 1 153 is one thousand one hundred and fifty-three, 3,5 three and a half.

    Raises:
        ValueError: no number.
    """
    if _SPACED.fullmatch(text):
        text = "".join(text.split())
    if _THOUSANDS.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text.replace(",", "."))


def percent_of(text: str) -> Decimal:
    """Return a percentage as printed, with its decimals: 16,5 % and 16.5 are sixteen and a half, 1.153,5 % has both marks.

    Raises:
        ValueError: no number.
    """
    plain = text.removesuffix("%").strip()
    if _WITH_COMMA.fullmatch(plain):
        plain = plain.replace(".", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(text)
    return Decimal(plain.replace(",", "."))


def _denominator(text: str) -> str | None:
    """Labels stay; a number loses its separators."""
    if not text:
        return None
    try:
        return f"{count_of(text):f}"
    except ValueError:
        return text


def _text(cell: Cell) -> str:
    """A cell as text. A number of a spreadsheet has no decimals that are zeros: 16.0 arrives as 16."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        # A full stop before three digits would read as thousands.
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", ",")
    return unicodedata.normalize("NFC", str(cell)).strip()


def _number_text(text: str) -> str:
    """Return a number as written, without the mark of a footnote and with the sign that is on the keyboard."""
    return _FOOTNOTE.sub("", text.translate(_MINUS))


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
        except ValueError:
            continue
        return found
    return None


def _unknown_names(lines: list[Line]) -> list[CellFault]:
    """Lines whose ``of`` names no single line with a value."""
    bases = Bases(lines, groups_of(lines))
    return [
        CellFault(line.number, "of", line.of, "table.of_unknown", message("table.of_unknown", name=line.of))
        for line in lines
        if line.of is not None and bases.named(line.of) is None
    ]
