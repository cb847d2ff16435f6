"""What the templates of the desk are given."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from services.chassis.web import Option, Page, SummaryRow, Table, Text

Control = Literal["text", "date", "select", "checks"]


@dataclass(frozen=True, kw_only=True)
class EntryField:
    """One input of a form: ``choices`` are offered while typing, ``options`` are all that there are."""

    name: str
    label: Text
    control: Control
    value: str = ""
    hint: Text = ""
    fault: Text = ""
    required: bool = False
    inputmode: str = ""
    options: tuple[Option, ...] = ()
    choices: tuple[Option, ...] = ()
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A number that is in the book already for somebody else: what stands there, and what was typed."""

    number: str
    standing: str
    given: str


@dataclass(frozen=True, kw_only=True)
class SearchFields:
    """The search box: what was asked, and the purposes to choose from."""

    action: str
    number: str = ""
    name: str = ""
    national_id: str = ""
    birth_year: str = ""
    purpose: str = ""
    purposes: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeskPage(Page):
    """The desk of a unit: its registers with the number of their records, and the search."""

    template: ClassVar[str] = "desk.html"
    lead: Text
    registers: Table
    search: SearchFields


@dataclass(frozen=True, kw_only=True)
class FoundPage(Page):
    """What a search has found; ``after`` is where the next page begins."""

    template: ClassVar[str] = "found.html"
    search: SearchFields
    found: Table | None
    after: str = ""
    whole: bool = True


@dataclass(frozen=True, kw_only=True)
class EntryPage(Page):
    """A form to fill in: for a new record, or with the values of one to be corrected.

    ``fixed`` are columns that name the record and cannot be changed here. ``problem`` is what refused the whole.
    """

    template: ClassVar[str] = "entry.html"
    action: str
    request_id: str
    fields: tuple[EntryField, ...]
    book: tuple[EntryField, ...] = ()
    book_open: bool = False
    fixed: tuple[SummaryRow, ...] = ()
    sequence: str = ""
    corrects: bool = False
    conflict: Conflict | None = None
    problem: Text = ""
    done: Text = ""
    done_href: str = ""
    advice: Text = ""


@dataclass(frozen=True, kw_only=True)
class SavedPage(Page):
    """A record that was saved, with what should be looked at once more."""

    template: ClassVar[str] = "saved.html"
    done: Text
    notes: tuple[Text, ...]
    record: str
    following: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One hand-in of a record: what became of it, when, by whom, and what it changed."""

    what: Text
    when: str
    by: str
    recorded: str
    changes: tuple[tuple[Text, Text, Text], ...]


@dataclass(frozen=True, kw_only=True)
class RecordPage(Page):
    """One record: its values, its history, and what may be done with it; addresses are empty where nothing may."""

    template: ClassVar[str] = "record.html"
    done: Text
    withdrawn: bool
    values: tuple[SummaryRow, ...]
    steps: tuple[Step, ...]
    others: Table | None
    correct: str
    withdraw: str
    restore: str


@dataclass(frozen=True, kw_only=True)
class ListPage(Page):
    """Records of a form, a page of them; ``following`` is the address of the next page."""

    template: ClassVar[str] = "list.html"
    records: Table
    action: str
    unit: str
    purpose: str
    purposes: tuple[Option, ...]
    following: str
