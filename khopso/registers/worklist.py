"""The worklist of a match: a workbook for clerks with one sheet per unit, and a summary that counts the open items."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from contracts.forms import Form, Kind
from khopso.api import text_of
from khopso.failure import Exit, FailureError
from khopso.language import brief
from khopso.registers.lists import KINDS, Held, Item, kind_name, reason_in_general
from reference import unit_name
from texts import message

STATES = ("open", "mended_here", "mended_there", "no_fault", "to_verify")
"""States that a clerk may give to an item; every item begins with the first. Texts: ``worklist.state.<state>``."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHEET_NAME = 31  # characters that Excel allows
_CELL_LIMIT = 32_767
_WIDTHS: Mapping[str, float] = {
    "line": 5,
    "kind": 12,
    "row": 8,
    "key": 18,
    "full_name": 20,
    "birth_date": 11,
    "national_id": 14,
    "reason": 30,
    "newer": 10,
    "state": 14,
    "clerk": 11,
    "note": 13,
}
"""Widths of the columns in characters, such that a sheet printed across A4 is readable."""
_WIDTH = 18
BEFORE = ("line", "kind", "row", "key")
AFTER = ("fields", "theirs", "ours", "reason", "newer", "state", "clerk", "note")
"""Columns before and after those that say what a line is about; their headings are ``worklist.<column>``."""
_LINE_POINTS = 13.5


def said(code: str) -> str:
    """Return a text of the worklist in the one language that it is written in."""
    return brief(message(f"worklist.{code}"))


def state_name(state: str) -> str:
    """Return how a clerk says that an item is in this state."""
    return said(f"state.{state}")


def write_worklist(held: Held, path: Path) -> dict[str, str]:
    """Write the items to `path`; returns the sheet of each unit.

    FailureError (exit 2) when the file cannot be written.
    """
    by_unit: dict[str, list[Item]] = {}
    for item in held.items:
        by_unit.setdefault(item["unit"], []).append(item)
    names = sheet_names(sorted(by_unit))
    try:
        # Cells come from another agency's list: text that begins with `=` must never become a formula.
        with xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        ) as book:
            _Writer(book, held).write(by_unit, names)
    except (OSError, XlsxWriterException) as failed:
        reason = getattr(failed, "strerror", None) or type(failed).__name__
        raise FailureError(Exit.WRONG_USE, "target_exists", path=path, reason=reason) from None
    return names


def sheet_names(units: Sequence[str]) -> dict[str, str]:
    """Return a sheet name per unit: characters and length as Excel allows, none twice (case does not count)."""
    no_unit = said("no_unit")
    # Excel keeps the name "History" for itself and refuses a workbook with such a sheet.
    taken = {said("summary").casefold(), "history"}
    found: dict[str, str] = {}
    for unit in units:
        plain = _FORBIDDEN.sub(" ", unit or no_unit).strip(" '")[:_SHEET_NAME].strip(" '") or no_unit
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            suffix = f" ({number})"
            name = plain[: _SHEET_NAME - len(suffix)] + suffix
        taken.add(name.casefold())
        found[unit] = name
    return found


def about_columns(form: Form) -> list[str]:
    """Return the columns by which a clerk knows what a line is about, besides its key."""
    if form.identity:
        return ["full_name", "birth_date", "national_id"]
    places = [column.id for column in form.columns if column.kind in (Kind.COMMUNE, Kind.AREA)]
    return [name for name in (*places[:1], *form.dated_by[:1]) if name not in form.key]


class _Writer:
    def __init__(self, book: Any, held: Held) -> None:
        self._book = book
        self._held = held
        self._about = about_columns(held.form)
        self._columns = (*BEFORE, *self._about, *AFTER)
        self._state = self._columns.index("state")
        wrapped = {
            "text_wrap": True,
            "font_size": 10,
            "valign": "top",
            "border": 1,
            "border_color": "#BFBFBF",
        }
        self._cell = book.add_format(wrapped | {"num_format": "@"})
        self._number = book.add_format(wrapped | {"num_format": "0"})
        self._open = book.add_format(wrapped | {"bg_color": "#FFF2CC", "num_format": "@"})
        self._head = book.add_format(wrapped | {"bold": True, "bg_color": "#D9E2F3"})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._bold = book.add_format({"bold": True})

    def write(self, by_unit: Mapping[str, list[Item]], names: Mapping[str, str]) -> None:
        summary = self._book.add_worksheet(said("summary"))
        for unit, name in names.items():
            self._unit(self._book.add_worksheet(name), unit, by_unit[unit])
        self._summary(summary, by_unit, names)

    def _header(self) -> list[str]:
        by_id = self._held.form.by_id
        return [by_id[name].vi if name in self._about else said(name) for name in self._columns]

    def _unit(self, sheet: Worksheet, unit: str, items: Sequence[Item]) -> None:
        header = self._header()
        state, widths = self._state, [_WIDTHS.get(name, _WIDTH) for name in self._columns]
        for place, text in enumerate(header):
            sheet.set_column(place, place, widths[place])
            sheet.write_string(0, place, text, self._head)
        sheet.set_row(0, 3 * _LINE_POINTS)
        for line, item in enumerate(items, start=1):
            texts = self._line(item)
            tall = max(lines_of(text, width) for width, text in zip(widths[1:], texts, strict=False))
            sheet.set_row(line, min(400.0, tall * _LINE_POINTS + 2))
            sheet.write_number(line, 0, line, self._number)
            for place, text in enumerate(texts, start=1):
                self._put(sheet, line, place, text, self._open if place == state else self._cell)
            for place in (state + 1, state + 2):
                sheet.write_blank(line, place, None, self._cell)
        sheet.data_validation(
            1,
            state,
            len(items),
            state,
            {
                "validate": "list",
                "source": [state_name(one) for one in STATES],
                "error_title": said("state"),
                "error_message": brief(message("workbook.choose")),
            },
        )
        sheet.autofilter(0, 0, len(items), len(header) - 1)
        sheet.freeze_panes(1, 0)
        _print_across(sheet)
        sheet.repeat_rows(0)
        # In a page header `&` begins a command; `&&` is the character itself.
        sheet.set_header(f"&L{self._held.form.vi}&R{(unit_name(unit) or said('no_unit')).replace('&', '&&')}")
        sheet.set_footer(f"&R{said('page')} &P/&N")

    def _line(self, item: Item) -> list[str]:
        known = self._held.rows.get(item["row"]) if item["row"] is not None else item["values"]
        about = [_day_first((known or {}).get(name)) for name in self._about]
        fields = item["fields"]
        return [
            kind_name(item["kind"]),
            "" if item["row"] is None else self._held.placed(item["row"]),
            " / ".join(_day_first(part) for part in item["key"].split(" / ")),
            *about,
            "\n".join(_named(field) for field in fields),
            "\n".join(self._stated(field, "theirs") for field in fields),
            "\n".join(self._stated(field, "ours") for field in fields),
            brief(text_of(item["reason"])),
            "" if item["newer"] is None else said(f"newer.{item['newer']}"),
            state_name(STATES[0]),
        ]

    def _stated(self, field: Mapping[str, Any], side: str) -> str:
        """Return the value of a field on one side, codes as their Vietnamese names."""
        column = self._held.form.by_id.get(field["field"])
        codes = (column.codes if column is not None else None) or {}
        value = field[side]
        if isinstance(value, list):
            value = [codes.get(each, each) for each in value]
        elif isinstance(value, str):
            value = codes.get(value, value)
        return _day_first(value) or f"({said('blank')})"

    def _put(self, sheet: Worksheet, line: int, place: int, text: str, style: Any) -> None:
        sheet.write_string(line, place, _NOT_PRINTABLE.sub("\ufffd", text)[:_CELL_LIMIT], style)

    def _summary(self, sheet: Worksheet, by_unit: Mapping[str, list[Item]], names: Mapping[str, str]) -> None:
        held = self._held
        sheet.set_column(0, 0, 76)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 6, 14)
        sheet.write_string(0, 0, f"{said('title')}: {held.form.vi}", self._title)
        line = 1
        for name, value in held.asked.body().items():
            sheet.write_string(line, 0, said(f"scope.{name}"))
            sheet.write_string(line, 1, _day_first(value))
            line += 1
        people = held.asked.against is not None
        counted = {
            said("people.theirs" if people else "rows.theirs"): "theirs",
            said("people.ours" if people else "rows.ours"): "ours",
            said("people.in_both" if people else "rows.in_both"): "in_both",
            **{kind_name(kind): kind for kind in KINDS},
        }
        line += 1
        for text, name in counted.items():
            sheet.write_string(line, 0, text, self._bold)
            sheet.write_number(line, 1, held.counts[name])
            line += 1
        line = self._units(sheet, line + 1, by_unit, names)
        self._reasons(sheet, line + 1)
        _print_across(sheet)

    def _units(
        self, sheet: Worksheet, line: int, by_unit: Mapping[str, list[Item]], names: Mapping[str, str]
    ) -> int:
        """Write one line per unit; formulas count the items that are left on its sheet. Return the next line."""
        kinds_of_items = [kind_name(kind) for kind in KINDS]
        heads = (said("unit"), said("unit_code"), *kinds_of_items, said("total"), said("left"))
        sheet.set_row(line, 2 * _LINE_POINTS + 2)
        for place, text in enumerate(heads):
            sheet.write_string(line, place, text, self._head)
        first = line + 1
        column = xlsxwriter.utility.xl_col_to_name(self._state)
        for unit, name in names.items():
            line += 1
            items = by_unit[unit]
            kinds = Counter(item["kind"] for item in items)
            quoted = name.replace("'", "''")
            sheet.write_url(
                line, 0, f"internal:'{quoted}'!A1", string=(unit_name(unit) or said("no_unit"))[:255]
            )
            self._put(sheet, line, 1, unit, self._cell)
            for place, kind in enumerate(KINDS, start=2):
                sheet.write_number(line, place, kinds[kind], self._number)
            row = line + 1
            sheet.write_formula(line, 5, f"=SUM(C{row}:E{row})", self._number, len(items))
            cells = f"'{quoted}'!${column}$2:${column}${len(items) + 1}"
            sheet.write_formula(
                line, 6, f'=COUNTIF({cells},"{state_name(STATES[0])}")', self._number, len(items)
            )
        line += 1
        sheet.write_string(line, 0, said("sum"), self._head)
        sheet.write_string(line, 1, "", self._head)
        totals = [*(self._held.counts[kind] for kind in KINDS), len(self._held.items), len(self._held.items)]
        for place, total in enumerate(totals, start=2):
            letter = xlsxwriter.utility.xl_col_to_name(place)
            formula = f"=SUM({letter}{first + 1}:{letter}{line})" if names else "=0"
            sheet.write_formula(line, place, formula, self._head, total)
        return line + 1

    def _reasons(self, sheet: Worksheet, line: int) -> None:
        """Write how often each reason was found, the most frequent first."""
        for place, text in enumerate(("reason", "kind", "count")):
            sheet.write_string(line, place, said(text), self._head)
        found = Counter((item["kind"], item["reason"]["code"]) for item in self._held.items)
        for (kind, code), count in found.most_common():
            line += 1
            sheet.write_string(line, 0, reason_in_general(code), self._cell)
            sheet.write_string(line, 1, kind_name(kind), self._cell)
            sheet.write_number(line, 2, count, self._number)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column so many characters wide; spreadsheets don't measure it when opening."""
    return sum(max(1, ceil(len(part) / (width - 1))) for part in text.split("\n"))


def _print_across(sheet: Worksheet) -> None:
    """Set the page to A4 landscape with all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)


def _named(field: Mapping[str, Any]) -> str:
    hint = field["hint"]
    return field["vi"] if hint is None else f"{field['vi']} ({brief(text_of(hint))})"


def _day_first(value: Any) -> str:
    """Return a value as clerks write it: ISO days as dd/mm/yyyy, yes and no in words, lists with semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return brief(message("word.yes" if value else "word.no"))
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    text = str(value)
    return re.sub(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})$", r"\3/\2/\1", text)
