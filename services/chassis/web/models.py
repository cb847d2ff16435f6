"""What templates are given: pages, and the parts that macros draw."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from texts import Message

Text = Message | str
"""What a template shows with ``say``: a text in both languages, or one that is the same in both."""

Kind = Literal["plain", "good", "warning", "bad"]
"""The colour of a tag or a notice; never the only sign of what it means."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link to a page that exists; ``current`` marks the page that is shown."""

    text: Text
    href: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Breadcrumb:
    """One step of the way to a page; the last has no address."""

    text: Text
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    """What is wrong with one field: ``field`` is the name (and id) of its input."""

    field: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class ErrorSummary:
    """Everything that is wrong with what was sent; stands above the page's heading and takes the focus."""

    faults: tuple[FieldFault, ...]

    def of(self, name: str) -> Text:
        """Return what is wrong with the field; an empty text where nothing is."""
        return next((fault.text for fault in self.faults if fault.field == name), "")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a select or of radio buttons."""

    value: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """One line of a summary list: a term, its value, what may be done about it."""

    term: Text
    value: Text
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Task:
    """One line of a task list."""

    text: Text
    href: str = ""
    hint: Text = ""
    status: Text = ""
    kind: Kind = "plain"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table. ``bar`` draws a bar of so many hundredths under the text; ``tag`` draws it as a tag."""

    text: Text
    href: str = ""
    bar: float | None = None
    tag: Kind | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table; numbers are set to the right with figures of one width."""

    text: Text
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its caption; the first cell of each row is the row's heading."""

    caption: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: Text = ""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads the page, as the head of every page shows."""

    name: str
    unit: Text


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that a page shows; each page is a subclass with typed fields of its own and the name of its template.

    Templates lie in the folder ``templates`` of the package that the subclass is defined in, or of the nearest one above.
    """

    template: ClassVar[str]

    title: Text
    breadcrumbs: tuple[Breadcrumb, ...] = ()
    navigation: tuple[Link, ...] = ()
    errors: ErrorSummary | None = None
    wide: bool = field(default=False)
