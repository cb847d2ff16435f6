"""The two sides of a match as the rules see them. Kept in memory for one request, never stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

import orjson

from contracts.forms import Form
from services.registers import CellFault

Basis = Literal[
    "same_key",
    "other_unit",
    "key_corrected",
    "other_number",
    "key_date",
    "written_otherwise",
    "near",
    "number_reused",
]
"""How a row and a record were found to be the same; ``same_key`` is the ordinary way."""
Kind = Literal["different", "only_theirs", "only_ours"]
Newer = Literal["theirs", "ours"]


@dataclass(slots=True, eq=False)
class Theirs:
    """One row of the list.

    ``values`` are JSON values by column, identity included. ``key`` is None where it cannot be read; ``first_key`` is
    its first part (a person's number, where persons have one). ``unit_named``: the list itself names the row's unit.
    ``later_areas`` are the areas (uid) that the row's codes name on the list's own day, where these differ from the
    areas on the record's day.
    """

    number: int
    unit: str
    unit_named: bool
    key: str | None
    first_key: str
    shown_key: str
    values: Mapping[str, Any]
    later_areas: Mapping[str, str]
    invalid: Mapping[str, str]
    faults: tuple[CellFault, ...]
    day: date | None
    area: str | None
    recorded_at: datetime | None
    void: bool
    in_reach: bool
    in_area: bool
    withdrawn: "Ours | None" = None
    deferred: "Ours | None" = None


@dataclass(eq=False)
class Ours:
    """One record of the register. ``unseal`` gives its identity; None where the caller may not read it.

    What `unseal` returns can be None, too: only the birth date inside tells that the person is a minor.
    """

    record: UUID
    unit: str
    key: str
    person: UUID | None
    text: str
    unseal: Callable[[], dict[str, Any] | None] | None
    recorded_at: datetime
    day: date
    area: str | None
    voided: bool
    in_scope: bool

    @cached_property
    def content(self) -> dict[str, Any]:
        """Return the readable columns."""
        found: dict[str, Any] = orjson.loads(self.text)
        return found

    @cached_property
    def identity(self) -> dict[str, Any] | None:
        """Return the identity columns, None where the caller may not read them (or the form has none)."""
        return None if self.unseal is None else self.unseal()

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return everything that the caller may read."""
        return self.content | (self.identity or {})


@dataclass(frozen=True, slots=True)
class Difference:
    """A column in which row and record differ; ``hint`` names what kind of slip it looks like."""

    field: str
    theirs: Any
    ours: Any
    hint: str | None = None


@dataclass(slots=True, eq=False)
class Pair:
    """A row and the record that it is about."""

    theirs: Theirs
    ours: Ours
    basis: Basis
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something does not match: a code of the catalogue (``match.<code>``) and the parts of its text.

    ``record`` is the record of the register whose person the reason tells of.
    """

    code: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    row: int | None = None
    record: UUID | None = None


@dataclass(slots=True, eq=False)
class Item:
    """One item that a clerk has to check."""

    kind: Kind
    theirs: Theirs | None
    ours: Ours | None
    reason: Reason
    differences: list[Difference] = field(default_factory=list)
    newer: Newer | None = None

    @property
    def unit(self) -> str:
        """Return the unit whose clerk has to look at it: the record's unit, else the row's."""
        if self.ours is not None:
            return self.ours.unit
        assert self.theirs is not None
        return self.theirs.unit


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    ``columns`` are those of the list, ``as_of`` is its date, ``list_units`` are units that earlier pages named,
    ``register_units`` those that have handed in the form.
    """

    form: Form
    columns: frozenset[str]
    as_of: date | None = None
    final: bool = True
    list_units: frozenset[str] = frozenset()
    register_units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class People:
    """Human beings on both sides, by the certain links."""

    theirs: int
    ours: int
    in_both: int


@dataclass(slots=True)
class Matched:
    """The answer. ``open_rows`` were not found and wait for the last page; ``found`` are the records by row."""

    theirs: int = 0
    ours: int = 0
    in_both: int = 0
    found: dict[int, UUID] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    open_rows: list[int] = field(default_factory=list)
    people: People | None = None

    def count(self, kind: Kind) -> int:
        """Return the number of items of a kind."""
        return sum(item.kind == kind for item in self.items)

    def told_of(self) -> set[UUID]:
        """Return the records that the answer tells of: found, shown, or named as a reason.

        A row that is found tells as much as a name that is shown: whoever made the list learns who is registered.
        """
        shown = {item.ours.record for item in self.items if item.ours is not None}
        reasons = {item.reason.record for item in self.items if item.reason.record is not None}
        return shown | reasons | set(self.found.values())
