"""A register book: what its title, columns and lists say. Pure; the template and the printed blank are both made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.forms import Column, Form, Kind, template_version
from reference import FIGURES
from registerfiles.mark import mark_of
from texts import Language, message

PATTERNS: Mapping[Kind, str] = {
    Kind.DATE: "dd/mm/yyyy",
    Kind.DATETIME: "dd/mm/yyyy HH:MM",
    Kind.MOMENT: "dd/mm/yyyy [HH:MM]",
    Kind.BIRTH: "dd/mm/yyyy, yyyy",
}
_WIDTHS: Mapping[Kind, float] = {
    Kind.DATE: 11.5,
    Kind.BIRTH: 11.5,
    Kind.DATETIME: 15,
    Kind.MOMENT: 11.5,
    Kind.INTEGER: 9,
    Kind.DECIMAL: 10,
    Kind.FLAG: 8,
    Kind.CODE: 18,
    Kind.CODES: 20,
    Kind.TEXTS: 18,
    Kind.NATIONAL_ID: 14,
    Kind.COMMUNE: 22,
    Kind.AREA: 24,
    Kind.UNIT: 18,
    Kind.FIGURE: 36,
    Kind.TEXT: 12,
}
_WIDE = {"full_name": 22, "name": 32, "source": 22, "facility_code": 24, "clinician_no": 22}
_WIDE |= {"transferred_to": 22, "removal_reason": 18, "substance": 16, "sex": 7}
_A4_FULL, _A4_MOST = 135.0, 172.0
"""Widths of tables, in characters, that fill a landscape A4 page and that are still read with ease when fitted to it."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Entries of the lists, by what a column names. Of what has no entries nothing is offered and anything may be written."""

    communes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    clinicians: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A register to be filled in. ``unit`` is what its unit is called, ``first`` and ``last`` its period, both in it.

    ``rows`` are those that are prepared for writing. What is not known is left open, to be filled in by hand.
    """

    form: Form
    language: Language = "vi"
    unit: str = ""
    first: date | None = None
    last: date | None = None
    rows: int = 30
    offered: Offered = field(default_factory=Offered)

    def says(self, code: str, /, **values: object) -> str:
        """Return a text of the catalogue in the book's language."""
        return message(code, **values).in_language(self.language)

    @property
    def title(self) -> str:
        """Return what the register is called."""
        return self.form.vi if self.language == "vi" else self.form.en

    @property
    def mark(self) -> str:
        """Return the mark by which the form and the version of the template are known again."""
        return mark_of(self.form.name, template_version(self.form.name))

    def period(self) -> str:
        """Return the line about the period."""
        if self.first is None or self.last is None:
            return self.says("book.period_open")
        return self.says("book.period", first=f"{self.first:%d/%m/%Y}", last=f"{self.last:%d/%m/%Y}")

    def unit_line(self) -> str:
        """Return the line about the unit."""
        return self.unit or self.says("book.unit_open")

    def name(self, column: Column) -> str:
        """Return what a column is called: its name, in English its id as words. Readers of files know both."""
        return column.vi if self.language == "vi" else column.id.replace("_", " ").capitalize()

    def head(self, column: Column) -> str:
        """Return the header of a column: its name, with a star where it is required."""
        name = self.name(column)
        # The star stays with the last word of the name where the header is broken into lines.
        return f"{name}\u00a0*" if column.required else name

    def choices(self, column: Column) -> tuple[str, ...]:
        """Return what the list of a column offers, in Vietnamese as the registers are kept; empty: anything may be written."""
        if column.codes:
            return tuple(column.codes.values())
        if column.names is not None:
            return self.offered.facilities if column.names == "facilities" else self.offered.clinicians
        if column.substance:
            return self.offered.substances
        return {
            Kind.FLAG: (message("word.yes").vi, message("word.no").vi),
            Kind.COMMUNE: self.offered.communes,
            Kind.AREA: self.offered.areas,
            Kind.UNIT: self.offered.units,
            Kind.FIGURE: tuple(figure.vi for figure in FIGURES.values() if figure.kind != "ratio"),
        }.get(column.kind, ())

    def how(self, column: Column) -> str:
        """Return how a cell of the column is written in the workbook."""
        listed = f", {self.says('book.from_list')}" if self.choices(column) else ""
        return self._written(column) + listed + self._default(column)

    def on_paper(self, column: Column) -> str:
        """Return how a cell of the column is written by hand, where there is no list to choose from."""
        return self._written(column) + self._default(column)

    def _written(self, column: Column) -> str:
        if column.names is not None:
            return self.says("book.code_and_name")
        how = PATTERNS.get(column.kind) or self.says(f"template.kind.{column.kind.value}")
        bounded = column.minimum is not None and column.maximum is not None
        return f"{how}, {column.minimum}–{column.maximum}" if bounded else how

    def _default(self, column: Column) -> str:
        default = column.default
        if default is None:
            return ""
        shown = (
            message(f"word.{default}").vi
            if column.kind is Kind.FLAG
            else (column.codes or {}).get(default, default)
        )
        return f" ({self.says('template.default')}: {shown})"

    def words(self, column: Column) -> str:
        """Return the words of a column of codes; in English each with the code behind it."""
        codes = column.codes or {}
        if self.language == "vi":
            return "; ".join(codes.values())
        return "; ".join(f"{label} = {code}" for code, label in codes.items())


def widths_of(book: Book, columns: Sequence[Column]) -> list[float]:
    """Return the widths of the columns in characters: enough for their values and the longest word of their headers.

    Together they fill a landscape A4 page at least; where that is not enough (`is_wide`), it is an A3 page.
    """
    widths = [_width(book, column) for column in columns]
    stretched = max(1.0, _A4_FULL / sum(widths))
    return [round(width * stretched, 1) for width in widths]


def _width(book: Book, column: Column) -> float:
    longest = max(len(word) for word in book.head(column).split(" "))
    return max(float(_WIDE.get(column.id, _WIDTHS[column.kind])), longest + 2.0)


def is_wide(widths: Sequence[float]) -> bool:
    """Return whether a table of these widths needs a landscape A3 page."""
    return sum(widths) > _A4_MOST
