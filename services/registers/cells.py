"""Cells as clerks write them → typed values, by the column's kind. Pure; the same input always gives the same value.

Blank (nothing, spaces, invisible characters) is None. Text is NFC with single spaces. Rules: `docs/handing-in.md`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from contracts.envelope import VIETNAM, start_of_day
from contracts.forms import Column, Kind, normalise_header, split_entry
from reference import FORMER_WORDS, Codes, digits_only, labelled, parse_unit, tidy
from services.linkage import normalise_national_id
from services.registers.as_written import day_as_written
from services.registers.cell_error import CellError
from services.registers.coded_cells import parse_area, parse_commune, parse_figure
from services.registers.unreadable import refuse_old_encoding, refuse_unreadable
from texts import Message

TEXT_LIMIT = 100
LIMITS = {"full_name": 200, "name": 300, "source": 500}
"""Longest text in characters, by column id; `TEXT_LIMIT` elsewhere. The event models have the same limits."""
LIST_LIMIT = 50
INTEGER_LIMIT = 2_147_483_647
MONEY_LIMIT = 9_223_372_036_854_775_807  # columns in đồng, named …_vnd
DECIMAL_LIMIT = Decimal("999999999999")
DECIMAL_PLACES = 6
FIRST_YEAR = 1900  # an earlier year in a register of people and incidents is a typing error

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+", re.ASCII)
_MACHINE = re.compile(r"[+-]?\d+\.\d+", re.ASCII)
# Digits that are typed to fill a cell: counted up, counted down. A national ID may begin at any of them.
_COUNTED = ("0123456789" * 3, "9876543210" * 3)
_YES = frozenset({"x", "co", "yes", "1", "true"})
_NO = frozenset({"khong", "no", "0", "false"})


@dataclass(frozen=True, slots=True)
class Moment:
    """When a unit wrote a row down. ``day_only``: only the day is known, ``at`` is its start."""

    at: datetime
    day_only: bool

    @property
    def day(self) -> date:
        """Return the Vietnamese day."""
        return self.at.astimezone(VIETNAM).date()


Birth = date | int
"""A full birth date, or the year alone."""


def parse(column: Column, raw: object) -> Any:
    """Return the typed value of a cell, None for a blank one without default.

    Types by kind: TEXT, CODE, NATIONAL_ID, COMMUNE, AREA, UNIT, FIGURE → str; DATE → date; DATETIME → datetime (UTC);
    MOMENT → Moment; BIRTH → date or year; INTEGER → int; DECIMAL → Decimal; FLAG → bool (blank = no, or the
    default); CODES, TEXTS → tuple of str, possibly empty.

    Raises:
        CellError: the cell breaks the rule it names.
    """
    kind = column.kind
    if kind in _LISTS and isinstance(raw, list):
        return _list(column, [piece for piece in (_text(part) for part in raw) if piece])
    text = _text(raw)
    if not text:
        if column.default is not None:
            return parse(column, column.default)
        if kind is Kind.FLAG:
            return False
        return () if kind in _LISTS else None
    if kind is Kind.TEXT and isinstance(raw, str) and not raw.isascii():
        refuse_old_encoding(raw)
    simple = _SIMPLE.get(kind)
    return _PARSERS[kind](column, text) if simple is None else simple(text)


def shown(raw: object) -> str:
    """Return the cell as it is echoed in a fault: text of at most 200 characters."""
    if raw is None:
        return ""
    text = raw if isinstance(raw, str) else str(raw)
    return text if len(text) <= 200 else text[:199] + "…"


def _text(raw: object) -> str:
    if isinstance(raw, str):
        # Most cells are plain ASCII, which is NFC already and has no invisible characters: no further work is needed.
        if raw.isascii() and raw.isprintable():
            return " ".join(raw.split())
        if _CONTROL.search(raw):
            raise CellError("control_character")
        return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", raw)).split())
    if raw is None:
        return ""
    # Before int: in Python a bool is an int, and True would become the text "True".
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return _float_text(raw)
    raise CellError("cell_type")


def _float_text(raw: float) -> str:
    """Return a JSON number as a clerk writes it: 12.0 → "12", 1.5 → "1,5" (a dot would read as thousands)."""
    if raw != raw or abs(raw) > 1e15:
        raise CellError("decimal")
    text = format(Decimal(repr(raw)), "f")
    return text[:-2] if text.endswith(".0") else text.replace(".", ",")


def _parse_text(column: Column, text: str) -> str:
    if column.names is not None:
        text, _ = split_entry(text)
    refuse_unreadable(column, text)
    limit = LIMITS.get(column.id, TEXT_LIMIT)
    if len(text) > limit:
        raise CellError("too_long", limit=limit)
    return text


@lru_cache(maxsize=65_536)
def _moment_of(text: str) -> Moment | None:
    """Return the instant of a date or date-time in either style; None for anything else. No offset: Vietnamese time."""
    try:
        written = day_as_written(text)
        if written is not None:
            day, clock = written
            if clock is None:
                return _day(day)
            at = datetime(day.year, day.month, day.day, *clock, tzinfo=VIETNAM)
        elif _ISO_DATE.fullmatch(text):
            return _day(date.fromisoformat(text))
        elif _ISO_MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+"))
            # Units write local time; without an offset the server's time zone must not be used.
            at = at if at.tzinfo else at.replace(tzinfo=VIETNAM)
        else:
            return None
        return Moment(at.astimezone(UTC), day_only=False) if at.year >= FIRST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _day(day: date) -> Moment | None:
    return Moment(start_of_day(day).astimezone(UTC), day_only=True) if day.year >= FIRST_YEAR else None


@lru_cache(maxsize=65_536)
def _date_of(text: str) -> date | None:
    """Return the day of a date, or of a date-time at midnight as written (as spreadsheets export dates); else None."""
    found = _moment_of(text)
    if found is None:
        return None
    if found.day_only:
        return found.day
    # Spreadsheets export dates as midnights; any other hour would be lost silently, so it is a fault.
    if not re.search(r"[T ]0?0:00(:00(\.0+)?)?\s?(Z|[+-]\d{2}:?\d{2})?$", text, re.ASCII):
        return None
    # The day as it is written: with an offset, the Vietnamese day of that midnight may be another one.
    return date.fromisoformat(text[:10]) if _ISO_DATE.match(text) else found.day


def _parse_date(text: str) -> date:
    found = _date_of(text)
    if found is None:
        raise CellError("date")
    return found


def _parse_datetime(text: str) -> datetime:
    found = _moment_of(text)
    if found is None or found.day_only:
        raise CellError("datetime")
    return found.at


def _parse_moment(text: str) -> Moment:
    day = _date_of(text)
    found = _day(day) if day is not None else _moment_of(text)
    if found is None:
        raise CellError("date")
    return found


def _parse_birth(text: str) -> Birth:
    if _YEAR.fullmatch(text):
        year = int(text)
        if not FIRST_YEAR <= year <= 2200:
            raise CellError("birth")
        return year
    found = _date_of(text)
    if found is None:
        raise CellError("birth")
    return found


def _parse_integer(column: Column, text: str) -> int:
    # Only true groups of three lose their dots: "1.50" is a fault, because it could mean 150 or one and a half.
    digits = text.replace(".", "") if _GROUPED.fullmatch(text) else text
    if not _PLAIN.fullmatch(digits) or len(digits) > 20:
        raise CellError("integer")
    number = int(digits)
    largest = MONEY_LIMIT if column.id.endswith("_vnd") else INTEGER_LIMIT
    _bounds(column, number, largest)
    return number


def _parse_decimal(column: Column, text: str) -> Decimal:
    whole, comma, fraction = text.partition(",")
    if comma:
        if not digits_only(fraction):
            raise CellError("decimal")
        whole = whole.replace(".", "") if _GROUPED.fullmatch(whole) else whole
        if not _PLAIN.fullmatch(whole):
            raise CellError("decimal")
        text = f"{whole}.{fraction}"
    # Tried before the machine's form: "1.500" is one thousand five hundred in Vietnamese writing.
    elif _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    elif not (_PLAIN.fullmatch(text) or _MACHINE.fullmatch(text)):
        raise CellError("decimal")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellError("decimal") from None
    _bounds(column, number, DECIMAL_LIMIT)
    if -int(number.as_tuple().exponent) > DECIMAL_PLACES:
        number = _shorter(number)
    return number


def _shorter(number: Decimal) -> Decimal:
    short = number.normalize()
    if -int(short.as_tuple().exponent) > DECIMAL_PLACES:
        raise CellError("decimal_places", places=DECIMAL_PLACES)
    return short


def _bounds(column: Column, number: int | Decimal, largest: int | Decimal) -> None:
    if column.minimum is not None and number < column.minimum:
        raise CellError("minimum", minimum=column.minimum)
    if number < -largest:
        raise CellError("minimum", minimum=-largest)
    top = largest if column.maximum is None else column.maximum
    if number > top:
        raise CellError("maximum", maximum=top)


def _parse_flag(text: str) -> bool:
    bare = normalise_header(text)
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    raise CellError("flag")


@lru_cache(maxsize=256)
def _by_any_name(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    codes = dict(items)
    names = {normalise_header(word): code for word, code in FORMER_WORDS.items() if code in codes}
    names |= {normalise_header(label): code for code, label in items}
    # Codes come last and win: a label that reads like another entry's code must not hide that code.
    return names | {normalise_header(code): code for code, _ in items}


@lru_cache(maxsize=65_536)
def _code_of(items: tuple[tuple[str, str], ...], text: str) -> str | None:
    return _by_any_name(items).get(normalise_header(text))


def allowed_codes(codes: Codes) -> Message:
    """Return the codes of a list as a fault names them: with their labels in Vietnamese, alone in English."""
    return Message(labelled(codes), ", ".join(codes))


def _parse_code(column: Column, text: str) -> str:
    codes: Codes = column.codes or {}
    if text in codes:
        return text
    found = _code_of(tuple(codes.items()), text)
    if found is None:
        raise CellError("code", codes=allowed_codes(codes))
    return found


def _list(column: Column, pieces: list[str]) -> tuple[str, ...]:
    if len(pieces) > LIST_LIMIT:
        raise CellError("list_too_long", limit=LIST_LIMIT)
    if column.kind is Kind.CODES:
        found = {_parse_code(column, piece) for piece in pieces}
        # In the order of the code list: the same codes written in another order must not count as a correction.
        return tuple(code for code in column.codes or () if code in found)
    return tuple(dict.fromkeys(_parse_text(column, piece) for piece in pieces))


def _parse_list(column: Column, text: str) -> tuple[str, ...]:
    return _list(column, [piece for piece in (part.strip() for part in text.split(";")) if piece])


def _parse_national_id(text: str) -> str:
    """Return the digits, checked by number only. The birth year and sex in a CCCD are never a reason to refuse it."""
    # The apostrophe by which a spreadsheet is told that a number is text.
    digits = normalise_national_id(text.removeprefix("'"))
    if not (digits_only(digits) and len(digits) in (9, 12)) or not digits.strip("0"):
        raise CellError("national_id")
    # Numbers typed to fill the cell: everybody who has one would be linked as one person.
    if _is_filled_in(digits):
        raise CellError("national_id_placeholder")
    return digits


def _is_filled_in(digits: str) -> bool:
    """Return whether a number was only typed to fill its cell: 111111111, 123123123, 123456789, 000000001, 112233445566."""
    if any(digits in counted for counted in _COUNTED):
        return True
    most = max(digits.count(digit) for digit in set(digits))
    repeated = any(
        digits == (digits[:part] * len(digits))[: len(digits)] for part in range(1, len(digits) // 3 + 1)
    )
    # Of real numbers one in a million looks like one of these.
    return repeated or most >= len(digits) - 1 or any(_doubled(digits) in counted for counted in _COUNTED)


def _doubled(digits: str) -> str:
    """Return the digits of a number in which each stands twice; the number itself for any other."""
    return digits[::2] if len(digits) % 2 == 0 and digits[::2] == digits[1::2] else digits


@lru_cache(maxsize=4096)
def _unit_known(code: str) -> bool:
    return parse_unit(code) is not None


def _parse_unit_code(text: str) -> str:
    head, colon, tail = tidy(split_entry(text)[0]).partition(":")
    code = f"{head.strip().casefold()}:{tail.strip()}" if colon else head
    if not _unit_known(code):
        raise CellError("unit")
    return code


_LISTS = frozenset({Kind.CODES, Kind.TEXTS})
_SIMPLE: dict[Kind, Callable[[str], Any]] = {
    Kind.DATE: _parse_date,
    Kind.DATETIME: _parse_datetime,
    Kind.MOMENT: _parse_moment,
    Kind.BIRTH: _parse_birth,
    Kind.FLAG: _parse_flag,
    Kind.NATIONAL_ID: _parse_national_id,
    Kind.COMMUNE: parse_commune,
    Kind.AREA: parse_area,
    Kind.UNIT: _parse_unit_code,
    Kind.FIGURE: parse_figure,
}
_PARSERS: dict[Kind, Callable[[Column, str], Any]] = {
    Kind.TEXT: _parse_text,
    Kind.INTEGER: _parse_integer,
    Kind.DECIMAL: _parse_decimal,
    Kind.CODE: _parse_code,
    Kind.CODES: _parse_list,
    Kind.TEXTS: _parse_list,
}
