"""What the templates of the desk are given."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from services.chassis.web import Kind, Link, Option, Page, SummaryRow, Table, Text

Control = Literal["text", "date", "select", "checks"]


@dataclass(frozen=True, kw_only=True)
class EntryField:
    """One input of a form: ``choices`` are offered while typing, ``options`` are all that there are.

    ``of_a_day``: which choices there are depends on the record's own day; ``asks_again``: this is that day.
    """

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
    of_a_day: bool = False
    asks_again: bool = False


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A number that is in the book already for somebody else: what stands there, and what was typed."""

    number: str
    standing: str
    given: str


@dataclass(frozen=True, kw_only=True)
class DraftOffer:
    """A draft that can be gone on with: when it was typed, of which form, how it begins; and where to use or discard it."""

    text: Text
    about: Text
    begins: str
    use: str
    discard: str


@dataclass(frozen=True, kw_only=True)
class SearchFields:
    """The search box: what was asked, and the purposes to choose from."""

    action: str
    text: str = ""
    purpose: str = ""
    purposes: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeskPage(Page):
    """The desk of a unit: what is due about its records, what it owes, what its clerk has pasted and not confirmed, its registers with their records, the search."""

    template: ClassVar[str] = "desk.html"
    lead: Text
    due: Link | None
    due_kind: Kind
    owed: Table | None
    waiting: Table | None
    registers: Table
    drafts: tuple[DraftOffer, ...]
    search: SearchFields


@dataclass(frozen=True, kw_only=True)
class DutiesPage(Page):
    """What is due at a unit, a page of it; ``following`` is the address of the next page, ``files`` lead to the whole as files."""

    template: ClassVar[str] = "duties.html"
    lead: Text
    counts: Text
    duties: Table
    action: str
    unit: str
    state: str
    rule: str
    states: tuple[Option, ...]
    rules: tuple[Option, ...]
    lacking: tuple[Text, ...]
    following: str
    files: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class UnitsDutiesPage(Page):
    """How much is due at each unit that the reader reads or counts."""

    template: ClassVar[str] = "duties_of_units.html"
    lead: Text
    units: Table


@dataclass(frozen=True, kw_only=True)
class StatementPage(Page):
    """What a unit states of a register for a period: ``says`` is what stands; ``rows`` are the records of the period."""

    template: ClassVar[str] = "statement.html"
    action: str
    request_id: str
    calendar: str
    period: str
    facts: tuple[SummaryRow, ...]
    rows: int
    says: str
    enter: str
    done: Text = ""
    problem: Text = ""


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

    ``fixed`` are columns that name the record and cannot be changed here. ``problem`` is what refused the whole. Drafts go to
    ``draft_action``; ``drafts`` are those of before, ``draft_kept`` tells of this form's own. ``fill_action`` draws the form again with
    what its day offers in the inputs ``refilled``; ``takes_card``: and from the line of a citizen card, of which ``card_read`` tells.
    """

    template: ClassVar[str] = "entry.html"
    action: str
    request_id: str
    draft_action: str
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
    drafts: tuple[DraftOffer, ...] = ()
    draft_kept: Text = ""
    fill_action: str = ""
    refilled: str = ""
    takes_card: bool = False
    card_read: Text = ""


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
    reason: Text = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordPage(Page):
    """One record: its values, its history, and what may be done with it; addresses are empty where nothing may."""

    template: ClassVar[str] = "record.html"
    done: Text = ""
    withdrawn: bool
    values: tuple[SummaryRow, ...]
    steps: tuple[Step, ...]
    others: Table | None
    correct: str
    withdraw: str
    reasons: tuple[Option, ...]
    reason: str = ""
    note: str = ""
    restore: str
    slip: str
    person: str = ""


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
    sheet: str


@dataclass(frozen=True, kw_only=True)
class SlipSheet(Page):
    """One record as it is printed: its unit, what it says, and room for signatures."""

    template: ClassVar[str] = "slip.html"
    unit: Text
    form: Text
    number: str
    withdrawn: bool
    values: tuple[SummaryRow, ...]
    printed: Text
    back: str


@dataclass(frozen=True, kw_only=True)
class RegisterSheet(Page):
    """Records of a form as they are printed, with all their columns, across the page."""

    template: ClassVar[str] = "register.html"
    unit: Text
    records: Table
    printed: Text
    back: str
    following: str
