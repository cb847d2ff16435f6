"""An official document as a value: what is printed, and the machine-readable value behind every printed number.

Pure: no database, no clock, no file format. Each renderer turns the same ``Document`` into one format, so the five
formats cannot disagree. The parts and their order follow Article 8 of Decree 30/2020/NĐ-CP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Number = int | Decimal
NO_DATA = "–"
"""Printed where there is no number (Decree 30 leaves no cell of a table blank)."""
SUPPRESSED = "*"
"""Printed where a number is protected."""


@dataclass(frozen=True, slots=True)
class Times:
    """The day (``first`` None) or the period, both ends inclusive, that a number is about."""

    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class Note:
    """What the reader of a number must know; printed as a mark ``(number)`` and explained in the table of definitions.

    ``expression`` is set where the number is derived from others (a share, a difference, a remainder).
    """

    number: int
    figure: str
    name: str
    times: Times
    unit: str
    owner: str
    version: str
    basis: str
    expression: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed, its exact value (None: no data or protected), and the note that explains it."""

    shown: str
    value: Number | None
    note: int | None = None
    suppressed: bool = False


Run = Text | Printed


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading; level 1 = I., II. …, level 2 = 1., 2. …"""

    level: Literal[1, 2]
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body; ``item`` = begins with a dash, ``note`` = the same about ids and hashes, not justified."""

    runs: tuple[Run, ...]
    kind: Literal["body", "item", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Formula:
    """How a cell follows from others of its table, as (row, column) counted from 0 in the body.

    ``sum``: of all; ``percent``: first of second, one decimal half-up; ``minus``: first less the others.
    """

    op: Literal["sum", "percent", "minus"]
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. ``value`` is what machines get: a number, a text, or None with ``shown`` saying why."""

    shown: str
    value: Number | str | None = None
    note: int | None = None
    formula: Formula | None = None
    suppressed: bool = False

    @property
    def is_number(self) -> bool:
        """Return whether a machine can compute with it."""
        return isinstance(self.value, int | Decimal)


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``width`` is relative, ``note`` explains all of its numbers, ``figure`` is the code behind them."""

    title: str
    width: float
    kind: Literal["index", "label", "code", "text", "number", "percent", "change"]
    note: int | None = None
    figure: str | None = None


RowKind = Literal["data", "sub", "group", "unattributed", "overlap", "total"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``key`` is what machines know it by (an area code, a code of a list, a figure code)."""

    cells: tuple[Cell, ...]
    kind: RowKind = "data"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``remarks`` are printed below it; ``by`` is the dimension of its rows (``figure``: one figure each)."""

    key: str
    number: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    by: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex (phụ lục) on a page of its own; ``wide`` = landscape."""

    number: str
    title: str
    blocks: tuple["Block", ...]
    wide: bool = False


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class MachineCell:
    """One number for machines: which figure, where, when, which row; its value, unit and definition.

    ``table`` and ``row`` say where it is printed; ``by`` is empty for a total. ``remark`` says why there is no value.
    """

    table: str
    figure: str
    area: str
    by: str
    row: str
    times: Times
    value: Number | None
    unit: str
    version: str
    suppressed: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The top of the page: who issues it (lines of the superior body and of the body itself), its symbol, where, when."""

    superior: tuple[str, ...]
    body: tuple[str, ...]
    symbol: str
    place: str
    day: date


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature block: for whom it is signed and the office of the signatory; the name stays for the hand."""

    signed_for: str
    offices: tuple[str, ...]
    recipients: tuple[str, ...]

    def listed(self) -> list[str]:
        """Return the recipients line by line, as they are printed."""
        last = len(self.recipients) - 1
        return [f"- {one.rstrip('.')}{'.' if at == last else ';'}" for at, one in enumerate(self.recipients)]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. ``issuer`` is its body within a sentence; ``provenance`` says what it rests on: (name, text) pairs in both printed and machine form.

    ``closing`` is the reference to the closing that its numbers are from (``proof.closing.reference``).
    """

    report: str
    kind: str
    issuer: str
    subject: str
    letterhead: Letterhead
    opening: tuple[Paragraph, ...]
    body: tuple[Block, ...]
    signature: Signature
    annexes: tuple[Annex, ...]
    notes: tuple[Note, ...]
    provenance: tuple[tuple[str, str], ...]
    cells: tuple[MachineCell, ...]
    asked: dict[str, str] = field(default_factory=dict)
    closing: Mapping[str, Any] | None = None

    def tables(self) -> list[Table]:
        """Return all tables, in the order of printing."""
        inside = [block for block in self.body if isinstance(block, Table)]
        return inside + [
            block for annex in self.annexes for block in annex.blocks if isinstance(block, Table)
        ]

    @property
    def title(self) -> str:
        """Return kind and subject in one line, for file properties."""
        return f"{self.kind.capitalize()}: {self.subject}"
