"""What duties are made of: what a record says, what began by it, and what is due by when."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from contracts.forms import FORMS
from reference import DutyRule
from services.chassis.persistence import AsyncSession
from services.registers.duties.keeping import Kept
from services.registers.record_keys import key_text
from services.registers.retyping import day_stored

_KEPT = 50_000  # duties, of some 2 kB each
State = Literal["overdue", "soon", "open"]
STATES: tuple[State, ...] = ("overdue", "soon", "open")
"""In the order in which they are to be dealt with.

*overdue*: the last day is over (on the last day itself it is not); *soon*: the last day is near; *open*: it is further ahead, or there
is no limit.
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """A record as it stands, without who it is about. ``person`` is one human being within the unit; None in forms without.

    ``recorded_on`` is the day on which the unit wrote the record down: a day that was ahead then was a plan.
    """

    record: UUID
    form: str
    unit: str
    person: UUID | None
    recorded_on: date
    values: Mapping[str, Any]

    def day(self, name: str) -> date | None:
        """Return the day of a column; None where it is blank."""
        said = self.values.get(name)
        return None if said is None else day_stored(said)

    def day_by(self, name: str, day: date) -> date | None:
        """Return the day of a column as it stood on a day: None where it came later.

        A day that was ahead when the record was written is a plan, and stands before it comes, too.
        """
        said = self.day(name)
        return said if said is None or said <= day or said > self.recorded_on else None

    def happened(self, name: str, day: date) -> bool:
        """Return whether the day of a column is filled in and has come by a day."""
        said = self.day(name)
        return said is not None and said <= day

    def needed_day(self, name: str) -> date:
        """Return the day of a column that every row fills in."""
        return day_stored(self.values[name])


@dataclass(frozen=True, slots=True)
class Begun:
    """Something that a record shows to be due, before its limit is looked up.

    ``start`` is the day from which the limit counts; ``since`` the one from which it is due (None: the start); ``rules_of`` the
    day whose rule set holds (None: the start). ``then`` is the rule that takes over when the last day of ``rule`` and of ``then`` are both over.
    """

    fact: Fact
    rule: str
    start: date
    variant: str = ""
    since: date | None = None
    rules_of: date | None = None
    then: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """What is to be done about a record: by which limit, since when, and the last day for it (None: no limit).

    ``late_days``: since the last day, 0 where it is not over.
    """

    fact: Fact
    limit: DutyRule
    since: date
    until: date | None
    state: State
    late_days: int

    @property
    def rule(self) -> str:
        """Return the rule by which it is due."""
        return self.limit.rule

    @property
    def number(self) -> str:
        """Return the number of the record, as people read it."""
        return key_text(FORMS[self.fact.form], self.fact.values)

    @property
    def place(self) -> tuple[int, date, date, str, str]:
        """Return the place in a list: overdue first, then the earliest last day, then what is due longest."""
        return STATES.index(self.state), self.until or date.max, self.since, self.rule, str(self.fact.record)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A rule set that has no value for something that is due: nothing is guessed, and no duty is made of it."""

    rule: str
    variant: str
    day: date


@dataclass(slots=True)
class Reckoned:
    """The duties of a day, overdue first, how many are in each state, and the rules that lack a value."""

    duties: list[Duty] = field(default_factory=list)
    lacking: set[Lacking] = field(default_factory=set)
    counts: Counter[State] = field(default_factory=Counter)


Find = Callable[[Sequence[Fact], date], Iterable[Begun]]
"""``find(facts, day)`` gives what the records of one unit show to be due on the day. Pure."""

Extend = Callable[[AsyncSession, Sequence[Fact]], Awaitable[Sequence[Fact]]]
"""``extend(session, facts)`` adds to the facts what other records say, such as who works at a facility."""


Goals = Callable[[Sequence[Fact], date], Mapping[str, tuple[int, int]]]
"""``goals(facts, day)`` gives of each goal how many of the unit's records reach it, and how many there are. Pure."""


@dataclass(frozen=True, slots=True)
class DutyBook:
    """What a service declares about its duties: the forms they follow from, and how.

    ``extend`` may be None, and looks at records of the forms ``beside`` at all units. ``kept`` is what was reckoned lately.
    ``over`` says in SQL of which records (of `record`) no duty can follow on ``%(day)s``: they are not even loaded. ``goals`` are what is to hold of all records of a kind; None where the service knows of none.
    """

    rules: tuple[str, ...]
    forms: tuple[str, ...]
    find: Find
    extend: Extend | None = None
    goals: Goals | None = None
    beside: tuple[str, ...] = ()
    over: str = "false"
    kept: Kept[Reckoned] = field(default_factory=lambda: Kept(_KEPT), compare=False)
