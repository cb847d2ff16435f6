"""What the ledger says of one register of one unit in one period. Pure: days and counts in, a state out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reference import Period
from services.reporting.ledger.domain.statements import Declared, Statement, declared

State = Literal["received", "late", "missing", "awaited"]
STATES: tuple[State, ...] = ("received", "late", "missing", "awaited")


@dataclass(frozen=True, slots=True)
class Expected:
    """A register that a unit hands in for the period; ``due``: its last day, None where no rule sets one."""

    form: str
    unit: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many records of the period were first recorded on which day (Asia/Ho_Chi_Minh).

    A correction is no arrival: it makes nobody late.
    """

    by_day: Mapping[date, int]

    @property
    def records(self) -> int:
        """Return the number of records."""
        return sum(self.by_day.values())

    @property
    def last(self) -> date | None:
        """Return the day on which the last record was first recorded."""
        return max(self.by_day, default=None)

    def after(self, due: date | None) -> int:
        """Return how many records came after the last day for it."""
        return 0 if due is None else sum(number for day, number in self.by_day.items() if day > due)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    ``late_days``: from the last day for it to the last record's first recording (or, without records, to the statement),
    or, where nothing has come, to the day asked; 0 where nothing is late. ``declared`` is what the unit states of the whole
    period; ``rows_after`` counts the records that speak against its statements.
    """

    expected: Expected
    state: State
    records: int
    late_records: int
    last_arrival: date | None
    late_days: int
    declared: Declared | None = None
    rows_after: int = 0


def entry_of(
    expected: Expected,
    arrivals: Arrivals,
    period: Period,
    today: date,
    statements: Sequence[Statement] = (),
) -> Entry:
    """Return the line of a register as it stands at the end of ``today``.

    Without anything received it is *awaited* until the last day for it (the period's own last day where no rule sets
    one) has passed, and *missing* from then on. A statement that nothing happened is a hand-in. With records it is *late*
    if one of them came after the last day.

    Example: due on 18 November, records of the 10th and the 20th: late by 2 days.
    """
    due = expected.due
    stated = declared(statements, period.first, period.last)
    came = arrivals.last or (None if stated is None else stated.on)
    over = today > (due or period.last)
    late_days = 0
    if due is not None and (over if came is None else came > due):
        late_days = ((came or today) - due).days
    return Entry(
        expected,
        _state(came, due, over),
        arrivals.records,
        arrivals.after(due),
        arrivals.last,
        late_days,
        stated,
        sum(one.rows_after for one in statements),
    )


def _state(came: date | None, due: date | None, over: bool) -> State:
    if came is None:
        return "missing" if over else "awaited"
    return "late" if due is not None and came > due else "received"


def counted(entries: Iterable[Entry]) -> dict[str, int]:
    """Return how many registers are expected, how many are in each state, and how many are declared, and so as nil."""
    listed = list(entries)
    states = Counter(entry.state for entry in listed)
    said = [entry.declared.says for entry in listed if entry.declared is not None]
    return {
        "expected": len(listed),
        **{state: states[state] for state in STATES},
        "declared": len(said),
        "nil": said.count("nil"),
    }
