"""How offices write a value down. Each way says whether it must be read as it is meant, or may be refused by name instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.forms import Column, Kind
from tests.property.registers.clean import Meant

_MONTHS = 12
_TCVN3 = str.maketrans("ễăửầịêđĐứạúọàếỳơởíụôáồảòặố", "Ô¨öÇÞª®§ø¹óäµÕú¬ëÝô«¸å¶ßÆè")
"""Letters as fonts of before Unicode have them (TCVN 5712:1993)."""
_NO_VIETNAMESE = frozenset("¨öÇÞª®§ø¹äµë¬«¸å¶ßÆ")
Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Way:
    """One way to write the values of a column.

    ``sure``: every reader must take them as meant; otherwise they may be refused, never misread. ``workbook``: only a
    workbook can hold it. ``fits`` says of which values a reader can know that they are written so.
    """

    name: str
    write: Callable[[Column, Meant], Cell]
    sure: bool = True
    workbook: bool = False
    fits: Callable[[Sequence[Meant]], bool] = lambda _: True


def _text(value: Meant) -> str:
    return str(value)


def _number(column: Column, value: Meant) -> Cell:
    return value if isinstance(value, int | float) else int(str(value))


def _grouped(value: Meant) -> str:
    """A number in Vietnamese writing: thousands with full stops, decimals after a comma."""
    return f"{value:,}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _day(form: str) -> Callable[[Column, Meant], Cell]:
    def write(_: Column, value: Meant) -> Cell:
        return value.strftime(form) if isinstance(value, date) else value

    return write


def _unpadded(_: Column, value: Meant) -> Cell:
    return f"{value.day}/{value.month}/{value.year}" if isinstance(value, date) else value


def _shows_its_order(values: Sequence[Meant]) -> bool:
    """Whether a column has a day after the 12th: without one nobody can see that the month stands first."""
    return any(isinstance(value, date) and value.day > _MONTHS for value in values)


def _mixed(_: Column, value: Meant) -> Cell:
    """Half of a column as real dates and half as texts: what a spreadsheet makes of dates that it knows only in part."""
    return value.strftime("%d/%m/%Y") if isinstance(value, date) and value.day % 2 else value


_DAY_ZERO = date(1899, 12, 30)
_GROUP = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


def _year_as_day(_: Column, value: Meant) -> Cell:
    """The day that a cell for dates makes of a year typed into it."""
    year = value.year if isinstance(value, date) else int(str(value))
    return _DAY_ZERO + timedelta(days=year)


def _half_swapped(_: Column, value: Meant) -> Cell:
    """A column as a spreadsheet of the United States reads days first: what it can, it swaps."""
    if not isinstance(value, date):
        return value
    return value.strftime("%d/%m/%Y") if value.day > _MONTHS else date(value.year, value.day, value.month)


def _half_swapped_export(column: Column, value: Meant) -> Cell:
    cell = _half_swapped(column, value)
    return cell.isoformat() if isinstance(cell, date) else cell


def _shows_swapping(values: Sequence[Meant]) -> bool:
    """Whether a column has days on both sides of the 12th: all swapped, or none, looks like any other column."""
    days = {value.day > _MONTHS for value in values if isinstance(value, date)}
    return len(days) > 1


def _pointed(value: Meant) -> str:
    """A number with a decimal point and three places, as an English spreadsheet exports it."""
    return f"{float(str(value)):.3f}"


def _shows_its_point(values: Sequence[Meant]) -> bool:
    """Whether one of the numbers is no group of thousands, so that the point can only be that of decimals."""
    return any(_GROUP.fullmatch(_pointed(value)) is None for value in values)


def _exponent(column: Column, value: Meant) -> Cell:
    """A long number as a spreadsheet shows it; other texts as they are."""
    return "2.02401E+11" if column.id.endswith(("_no", "_code")) else value


def _old(value: Meant) -> str:
    return _text(value).translate(_TCVN3)


def _shows_old_letters(values: Sequence[Meant]) -> bool:
    """Whether each changed value has a letter that no Vietnamese word has: "Sè" for "Số" is a possible word."""
    return all(_old(value) == _text(value) or set(_old(value)) & _NO_VIETNAMESE for value in values)


def _formula(_: Column, value: Meant) -> Cell:
    return f'=CONCATENATE("{value}")'


def _midnight(_: Column, value: Meant) -> Cell:
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value  # noqa: DTZ001  a cell


def _label(column: Column, value: Meant) -> str:
    """The Vietnamese label of each code."""
    return "; ".join((column.codes or {}).get(code.strip(), code.strip()) for code in str(value).split(";"))


def bare(text: str) -> str:
    """The text without diacritics."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def _nfd(_: Column, value: Meant) -> Cell:
    return unicodedata.normalize("NFD", str(value))


_AS_IT_IS = Way("as it is", lambda _, value: value)
_SPACED = Way("spaces around", lambda _, value: f"  {value} ")
_KEPT = Way("kept as text", lambda _, value: f'="{value}"', sure=False)
_DAYS = (
    Way("a real date", lambda _, value: value),
    Way("dd/mm/yyyy", _day("%d/%m/%Y")),
    Way("d/m/yyyy", _unpadded),
    Way("yyyy-mm-dd", _day("%Y-%m-%d")),
    Way("a real date with midnight", _midnight),
    Way("texts and real dates", _mixed, sure=False),
    Way("dd.mm.yyyy", _day("%d.%m.%Y"), sure=False),
    Way("dd-mm-yyyy", _day("%d-%m-%Y"), sure=False),
    Way("dd/mm/yy", _day("%d/%m/%y"), sure=False),
    Way("mm/dd/yyyy", _day("%m/%d/%Y"), sure=False, fits=_shows_its_order),
    Way("ngày … tháng … năm …", _day("ngày %d tháng %m năm %Y"), sure=False),
    Way("half of them swapped", _half_swapped, sure=False, workbook=True, fits=_shows_swapping),
    Way("half of them swapped, exported", _half_swapped_export, sure=False, fits=_shows_swapping),
    Way("a year in a cell for dates", _year_as_day, sure=False, workbook=True),
)
_INSTANTS = (
    Way("a real date and time", lambda _, value: value),
    Way("dd/mm/yyyy HH:MM", _day("%d/%m/%Y %H:%M")),
    Way("yyyy-mm-dd HH:MM", _day("%Y-%m-%d %H:%M")),
    Way("HH:MM dd/mm/yyyy", _day("%H:%M %d/%m/%Y"), sure=False),
    Way("HHhMM", _day("%d/%m/%Y %Hh%M"), sure=False),
)
_NUMBERS = (
    Way("a number", _number),
    Way("digits", lambda _, value: _text(value).replace(".", ",")),
    Way("in groups", lambda _, value: _grouped(value)),
    Way("with a unit", lambda _, value: f"{_grouped(value)} người", sure=False),
    Way("letters for digits", lambda _, value: _text(value).replace("0", "O").replace("1", "l"), sure=False),
)
# Among amounts "1,592" is one and a half, as Vietnamese writes it: nobody can know that a thousand is meant.
_WHOLE_NUMBERS = (*_NUMBERS, Way("in English groups", lambda _, value: f"{value:,}", sure=False))
_CODES = (
    _AS_IT_IS,
    _SPACED,
    Way("the label", _label),
    Way("the label in capitals", lambda column, value: _label(column, value).upper()),
    Way("the label without diacritics", lambda column, value: bare(_label(column, value))),
    Way(
        "the label with another ending",
        lambda column, value: f"{_label(column, value)} (xem ghi chú)",
        sure=False,
    ),
)
_TEXTS = (
    _AS_IT_IS,
    _SPACED,
    Way("letters and marks apart", _nfd),
    Way("spaces that do not break", lambda _, value: _text(value).replace(" ", "\u00a0")),
    Way("a mark of no width", lambda _, value: f"{value}\u200b"),
    Way("a long dash", lambda _, value: _text(value).replace("-", "\u2013")),
    Way("a formula", _formula, sure=False, workbook=True),
    Way("a date", lambda _, _value: date(2024, 3, 1), sure=False, workbook=True),
    Way("old letters", lambda _, value: _old(value), sure=False, fits=_shows_old_letters),
    Way("as above", lambda _, _value: "nt", sure=False),
    Way("letters lost", lambda _, value: _text(value).encode("ascii", "replace").decode(), sure=False),
    Way("letters of a Macintosh", lambda _, value: _text(value).encode().decode("mac_roman"), sure=False),
    Way("an exponent", _exponent, sure=False),
    Way(
        "broken letters",
        lambda _, value: _text(value).encode().decode("cp1252", errors="replace"),
        sure=False,
    ),
)
_FLAGS: Mapping[bool, Sequence[Cell]] = {
    True: ("có", "CÓ", "x", "X", "yes", 1, True),
    False: ("không", "No", "0", 0, False),
}
_WAYS: Mapping[Kind, Sequence[Way]] = {
    Kind.DATE: _DAYS,
    Kind.MOMENT: _DAYS,
    Kind.BIRTH: _DAYS,
    Kind.DATETIME: _INSTANTS,
    Kind.INTEGER: _WHOLE_NUMBERS,
    Kind.DECIMAL: (
        *_NUMBERS,
        Way("three places after a point", lambda _, value: _pointed(value), fits=_shows_its_point),
    ),
    Kind.CODE: _CODES,
    Kind.CODES: _CODES,
    Kind.TEXTS: (
        _AS_IT_IS,
        _SPACED,
        Way("no space after ;", lambda _, value: _text(value).replace("; ", ";")),
    ),
    Kind.TEXT: _TEXTS,
    Kind.COMMUNE: (_AS_IT_IS, _SPACED, Way("a number", _number), _KEPT),
    Kind.AREA: (_AS_IT_IS, _SPACED, Way("a number", _number), _KEPT),
    Kind.NATIONAL_ID: (
        _AS_IT_IS,
        Way("in threes", lambda _, value: " ".join(_text(value)[at : at + 3] for at in range(0, 12, 3))),
        Way("a number without its zero", _number, sure=False),
        _KEPT,
        Way("typed to fill the cell", lambda _, _value: "123123123123", sure=False),
        Way("with an apostrophe", lambda _, value: f"'{value}", sure=False),
        Way("as a large number", lambda _, value: f"{float(_text(value)):.4E}".replace(".", ","), sure=False),
    ),
    Kind.FIGURE: (_AS_IT_IS, _SPACED),
    Kind.UNIT: (_AS_IT_IS, _SPACED),
    Kind.FLAG: tuple(
        Way(f"{no!r} or {yes!r}", lambda _, value, no=no, yes=yes: yes if value in ("có", "yes") else no)  # type: ignore[misc]
        for yes, no in zip(_FLAGS[True], (*_FLAGS[False], "no", "KHÔNG"), strict=True)
    ),
}
BLANKS: Sequence[Cell] = (None, "", "   ", "-", "–", "…")
"""How nothing is written."""


def ways(column: Column) -> Sequence[Way]:
    """The ways to write a value of the column."""
    return _WAYS[column.kind]
