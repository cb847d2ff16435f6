"""How a form is described: columns, their kinds and the rules that follow from the description alone.

Both sides read it: the services validate rows by it, the command line matches headers and builds templates.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cache

from reference import ORDINAL, SEX, Codes, usual_names

_LIKE = 0.6  # below it, two names have little more in common than the words that all names have


class Kind(StrEnum):
    """What a cell holds, and so how it is read."""

    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"  # dd/mm/yyyy HH:MM, Asia/Ho_Chi_Minh unless an offset is given
    MOMENT = "moment"  # a date or a date-time (recorded_on); a date means the start of that day
    BIRTH = "birth"  # a full date or a year alone
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLAG = "flag"  # x, có, yes, 1 / không, no, 0; blank = the column's default
    CODE = "code"
    CODES = "codes"  # several codes, ";" between
    TEXTS = "texts"  # several free words, ";" between
    NATIONAL_ID = "national_id"  # 12-digit CCCD or 9-digit CMND
    COMMUNE = "commune"  # official 5-digit code valid on the record's own date
    AREA = "area"  # a code of any level
    UNIT = "unit"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``plan`` marks a date that may lie after ``recorded_on``. ``identity`` marks what never leaves the owning
    service readable. ``minimum``/``maximum`` bound numbers, both inclusive. ``names`` is the form whose records the
    column names by their code (`facilities`, `clinicians`). ``substance``: open words that name substances
    (`contracts.substances`).
    """

    id: str
    vi: str
    kind: Kind = Kind.TEXT
    required: bool = False
    codes: Codes | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: str | None = None
    plan: bool = False
    identity: bool = False
    aliases: tuple[str, ...] = ()
    names: str | None = None
    substance: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One register. A form is equal to itself alone, so that what follows from it can be cached by it.

    ``key`` names a record within its unit. ``person_key`` are the key columns of which one value is one human
    being within the unit ("one number, one person"); empty where each record stands alone.
    ``dated_by`` lists the columns whose first filled one is the record's own date: it decides which area codes
    are valid. ``order`` lists chains of dates that must not go backwards.
    ``paired`` lists (column, needed column): the first makes no sense without the second.
    ``apart`` are the columns that tell two cases or two persons under one number apart; empty where a changed row
    is always a correction.
    ``former`` are the headers of an earlier template, normalised, with the ids of their columns: they come before the names of today.
    ``searched``: its records are found by their number; doses, of which a person has very many,
    are found through the person's record instead, and what agencies declare has no number.
    """

    name: str
    service: str
    vi: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dated_by: tuple[str, ...]
    identity: bool = False
    person_key: tuple[str, ...] = ()
    order: tuple[tuple[str, ...], ...] = ()
    paired: tuple[tuple[str, str], ...] = ()
    apart: tuple[str, ...] = ()
    former: Mapping[str, str] = field(default_factory=dict)
    searched: bool = True
    by_id: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {column.id: column for column in self.columns})

    def header(self, text: str) -> Column | None:
        """Return the column that a header cell names, by English id or Vietnamese name; None where it names none."""
        name = normalise_header(text)
        if name in self.former:
            return self.by_id.get(self.former[name])
        return _headers(self).get(name)

    def numbers_rows(self, text: str) -> bool:
        """Return whether a header cell names the column that only numbers the rows (STT), which no form takes."""
        return normalise_header(text) in _ordinals(self.name)

    def nearest(self, text: str) -> Column | None:
        """Return the column whose name is most like the text; None where none is like it."""
        names = _headers(self)
        found = get_close_matches(normalise_header(text), names, n=1, cutoff=_LIKE)
        return names[found[0]] if found else None


def normalise_header(text: str) -> str:
    """Return a header without what does not matter in it: case, spacing, underscores, NFC/NFD, tone-mark placement."""
    if not text.isascii():  # ASCII has no marks
        decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
        text = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return "".join(filter(str.isalnum, text.casefold()))


@cache
def _headers(form: Form) -> dict[str, Column]:
    usual = {
        normalise_header(name): column
        for column in form.columns
        for name in usual_names(form.name, column.id)
    }
    # The form's own names come last and win: a usual name of one column must not hide another column's own.
    return usual | {
        normalise_header(name): column
        for column in form.columns
        for name in (column.id, column.vi, *column.aliases)
    }


@cache
def _ordinals(form: str) -> frozenset[str]:
    return frozenset(normalise_header(name) for name in usual_names(form, ORDINAL))


PERSON = ("full_name", "birth_date", "sex")
"""What tells two persons under one number apart."""

COMMON = (
    Column("recorded_on", "Ngày ghi sổ", Kind.MOMENT),
    Column("unit_code", "Mã đơn vị", Kind.UNIT),
    Column("void", "Hủy dòng", Kind.FLAG),
)


def identity(commune: str = "Mã xã nơi cư trú") -> tuple[Column, ...]:
    """Return the identity columns, as they stand in every form about a person."""
    return (
        Column("full_name", "Họ và tên", required=True, identity=True),
        Column("birth_date", "Ngày sinh", Kind.BIRTH, required=True, identity=True, aliases=("Năm sinh",)),
        Column("sex", "Giới tính", Kind.CODE, required=True, codes=SEX),
        Column("national_id", "Số CCCD/CMND", Kind.NATIONAL_ID, identity=True, aliases=("CCCD", "CMND")),
        Column("commune_code", commune, Kind.COMMUNE, required=True),
    )
