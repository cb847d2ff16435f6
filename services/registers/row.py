"""One row of a register, read: typed values by column, and the faults found in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.forms import Form, Kind
from services.registers.cells import Birth, Moment, shown
from services.registers.plan import plan_of
from texts import Message, message

Day = date


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as handed in: its number in the sheet (header = 1) and cells by header (id or Vietnamese name)."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CellFault:
    """One broken rule in one cell, or a note about it. ``value`` is the cell as written, for the unit that handed it in; never logged.

    ``sides`` are what stands under a number and what the row says, where the two are about different cases or people.
    """

    row: int
    field: str
    value: str
    rule: str
    message: Message
    sides: tuple[str, str] | None = None


class Row:
    """A row whose cells were read.

    ``values`` holds typed values by column id, without blank columns; a column that could not be read is in
    ``invalid`` instead. ``areas`` holds area uids of the area columns that were valid on the record's own date.
    ``recorded`` is the row's own `recorded_on`. ``key`` and ``linkage`` (the linkage keys of its person, by kind) are set
    once the cells were read. ``faults`` are those found so far. ``absent`` are the columns that the row left out
    (a blank cell is not left out); ``basis`` is the earlier row of its batch from which they were filled. ``withheld`` are
    values of them that no rule may see, since the answer would tell them (`withhold`). ``notes`` tell
    what of the row was understood otherwise than it is written; they refuse nothing. ``reach`` is the code of the unit's
    area, within which names of communes are looked for; ``named`` are the names that were written instead of codes.

    The plain accessors are for required columns of a row without faults and raise KeyError on a blank one;
    ``opt_…`` give None for blank *or* unreadable. In rules, ask `has` first.
    """

    __slots__ = (
        "absent",
        "areas",
        "basis",
        "faults",
        "form",
        "invalid",
        "key",
        "linkage",
        "named",
        "notes",
        "number",
        "raw",
        "reach",
        "recorded",
        "unit",
        "values",
        "void",
        "withheld",
    )

    def __init__(self, form: Form, number: int = 0, values: dict[str, Any] | None = None) -> None:
        self.form = form
        self.number = number
        self.values: dict[str, Any] = {} if values is None else values
        self.invalid: set[str] = set()
        self.faults: list[CellFault] = []
        self.notes: list[CellFault] = []
        self.areas: dict[str, str] = {}
        self.raw: Mapping[str, Any] = {}
        self.recorded: Moment | None = None
        self.unit = ""
        self.reach: str | None = None
        self.named: dict[str, str] = {}
        self.key = ""
        self.linkage: dict[str, str] = {}
        self.void = False
        self.absent: frozenset[str] = frozenset()
        self.basis: Row | None = None
        self.withheld: dict[str, Any] = {}

    def has(self, *columns: str) -> bool:
        """Return whether all these columns were read and are filled (a flag counts as filled when it is yes)."""
        values = self.values
        for column in columns:  # noqa: SIM110 - a generator for each cell would cost more than the look-up
            if values.get(column) in _BLANK:
                return False
        return True

    def blank(self, column: str) -> bool:
        """Return whether the column is blank (an unreadable cell is not blank)."""
        return column not in self.invalid and not self.has(column)

    def text(self, column: str) -> str:
        """Return a text, code, number of a document, unit or figure."""
        found: str = self.values[column]
        return found

    def opt_text(self, column: str) -> str | None:
        """Return the column's text, None where blank."""
        return self.values.get(column)

    code = text
    opt_code = opt_text

    def date(self, column: str) -> Day:
        """Return a day."""
        found: Day = self.values[column]
        return found

    def opt_date(self, column: str) -> Day | None:
        """Return the column's date, None where blank."""
        return self.values.get(column)

    def moment(self, column: str) -> datetime:
        """Return an instant of a DATETIME column, UTC."""
        found: datetime = self.values[column]
        return found

    def opt_moment(self, column: str) -> datetime | None:
        """Return the column's instant, None where blank."""
        return self.values.get(column)

    def integer(self, column: str) -> int:
        """Return a whole number."""
        found: int = self.values[column]
        return found

    def opt_integer(self, column: str) -> int | None:
        """Return the column's whole number, None where blank."""
        return self.values.get(column)

    def decimal(self, column: str) -> Decimal:
        """Return a number."""
        found: Decimal = self.values[column]
        return found

    def opt_decimal(self, column: str) -> Decimal | None:
        """Return the column's decimal number, None where blank."""
        return self.values.get(column)

    def flag(self, column: str) -> bool:
        """Return yes or no."""
        return bool(self.values.get(column, False))

    def codes(self, column: str) -> tuple[str, ...]:
        """Return several codes or words, in the order of the code list (codes) or as written (words)."""
        found: tuple[str, ...] = self.values.get(column, ())
        return found

    texts = codes

    def area(self, column: str) -> str:
        """Return the uid of the area that the column's code names on the record's own date."""
        return self.areas[column]

    def birth(self, column: str = "birth_date") -> Birth:
        """Return the full birth date, or the year alone."""
        found: Birth = self.values[column]
        return found

    @property
    def place(self) -> tuple[str, str]:
        """Return the unit and the key of the row's record; no key yet where the cells were only read."""
        return self.unit, self.key

    @property
    def own_day(self) -> Day | None:
        """Return the record's own date: the first filled of the form's ``dated_by`` columns (of an instant: its
        Vietnamese day). None while none of them could be read."""
        for column in self.form.dated_by:
            found = self.values.get(column)
            if found is not None:
                return Moment(found, False).day if isinstance(found, datetime) else found
        return None

    def fault(self, field: str, rule: str, **parts: object) -> CellFault:
        """Return a fault of this row in a column, with its text from the catalogue.

        ``earlier`` and ``needed`` are ids of other columns; ``near`` are the values that may be meant instead, none or more.
        """
        column = self.form.by_id.get(field)
        named = {"column": Message(column.vi if column else field, field), **parts}
        for part in named.keys() & {"earlier", "needed"}:
            name = str(parts[part])
            other = self.form.by_id.get(name)
            named[part] = Message(f"“{other.vi}”", name) if other else name
        if "near" in parts:
            named["near"] = _nearest(parts["near"])
        return CellFault(self.number, field, shown(self.raw.get(field)), rule, message(rule, **named))

    @classmethod
    def stored(cls, form: Form, content: Mapping[str, Any]) -> "Row":
        """Return the row that a stored content (`Row.content`) was made from; with `Row.identity`, its identity columns, too."""
        row = cls(form)
        for name, value in content.items():
            column = form.by_id.get(name)
            # Stored by an earlier release whose form had one more column: the rest of the row is still valid.
            if column is None:
                continue
            if column.kind in (Kind.COMMUNE, Kind.AREA):
                row.areas[name] = value
                row.values[name] = value.partition("@")[0]
            else:
                row.values[name] = _revived(column.kind, value)
        return row

    def inherit(self, base: "Row") -> None:
        """Take over the values of the columns that the row left out; what cannot be read in ``base`` cannot here."""
        self.invalid |= self.absent & base.invalid
        for name in self.absent & base.values.keys():
            self.values[name] = base.values[name]
            if name in base.areas:
                self.areas[name] = base.areas[name]

    def withhold(self, columns: Iterable[str]) -> None:
        """Hide values from the rules, as if they could not be read, until `give_back`."""
        for name in self.values.keys() & set(columns):
            self.withheld[name] = self.values.pop(name)
            self.invalid.add(name)

    def give_back(self) -> None:
        """Return the values that were withheld to the row."""
        self.values |= self.withheld
        self.invalid -= self.withheld.keys()
        self.withheld = {}

    def content(self) -> dict[str, Any]:
        """Return what is stored unencrypted: JSON values by column id; without identity, unit, record time and void."""
        stored = plan_of(self.form).stored
        found = {name: _plain(value) for name, value in self.values.items() if name in stored}
        found.update(self.areas)
        return found

    def identity(self) -> dict[str, Any]:
        """Return the identity columns as JSON values, to be encrypted."""
        identity = plan_of(self.form).identity
        return {name: _plain(value) for name, value in self.values.items() if name in identity}


_BLANK = (None, False, ())


def _nearest(values: Any) -> Message:
    """Return the end of a sentence that names what may be meant; nothing where nothing is known."""
    return message("nearest_codes", codes=", ".join(values)) if values else Message("", "")


def _plain(value: Any) -> Any:
    if type(value) is str:  # most are, and this is asked of every cell
        return value
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        # One text for each number: "1,50" after "1,5" must not look like a correction.
        return format(value.normalize(), "f") if value else "0"
    return list(value)


def _revived(kind: Kind, value: Any) -> Any:
    if kind is Kind.DATE:
        return date.fromisoformat(value)
    if kind is Kind.DATETIME:
        return datetime.fromisoformat(value)
    if kind is Kind.DECIMAL:
        return Decimal(value)
    # The year alone is a number.
    if kind is Kind.BIRTH and isinstance(value, str):
        return date.fromisoformat(value)
    if kind in (Kind.CODES, Kind.TEXTS):
        return tuple(value)
    return value
