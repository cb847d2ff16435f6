"""What the templates of pasting and of previews are given."""

from dataclasses import dataclass
from typing import ClassVar

from services.chassis.web import Option, Page, Table, Text
from services.registers.pages.models import Conflict, EntryField
from services.registers.previews.model import Verdict


@dataclass(frozen=True, kw_only=True)
class PastePage(Page):
    """Where rows are pasted or a file is dropped. ``waiting`` are the person's previews that are not confirmed yet."""

    template: ClassVar[str] = "paste.html"
    action: str
    request_id: str
    text: str = ""
    text_fault: Text = ""
    file_fault: Text = ""
    accept: str
    columns: Table
    waiting: Table | None
    hidden_rows: tuple[Option, ...]
    purposes: tuple[Option, ...]
    purpose: str = ""
    purpose_fault: Text = ""
    options_open: bool = False


@dataclass(frozen=True, kw_only=True)
class MendCard:
    """A refused row: what is wrong with it, the inputs of its wrong cells, and the others."""

    number: int
    name: Text
    faults: tuple[Text, ...]
    wrong: tuple[EntryField, ...]
    others: tuple[EntryField, ...]
    conflict: Conflict | None = None
    as_it_stands: bool = False


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """A row that is not refused: its cells, or what it changes (column, old, new)."""

    number: int
    name: Text
    href: str
    cells: tuple[Text, ...]
    changes: tuple[tuple[Text, Text, Text], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PreviewPage(Page):
    """Rows as they would be handed in: how many of each kind, and those of the ``kind`` that was chosen.

    ``done``: they have been handed in. ``writes`` is how many rows would write something, ``moved`` that what is shown has
    changed since the person saw it, ``rest`` that refused rows can be mended afterwards.
    """

    template: ClassVar[str] = "preview.html"
    counts: Table
    kind: Verdict
    heading: Text
    cards: tuple[MendCard, ...]
    columns: tuple[Text, ...]
    rows: tuple[ShownRow, ...]
    notes: tuple[Text, ...]
    more_notes: int
    previous: str
    following: str
    address: str
    page: int
    version: int
    writes: int
    left: int
    until: str
    list_href: str
    paste_href: str
    conflicts: bool = False
    replace: bool = False
    headless: bool = False
    moved: bool = False
    done: bool = False
    rest: bool = False
    problem: Text = ""
