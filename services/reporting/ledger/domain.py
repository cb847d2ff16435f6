"""What the ledger says of one register of one unit in one period. Pure: days and counts in, a state out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

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

    ``late_days``: from the last day for it to the last record's first recording, or, where nothing has come, to the day
    asked; 0 where nothing is late.
    """

    expected: Expected
    state: State
    records: int
    late_records: int
    last_arrival: date | None
    late_days: int


def entry_of(expected: Expected, arrivals: Arrivals, period_last: date, today: date) -> Entry:
    """Return the line of a register as it stands at the end of ``today``.

    Without anything received it is *awaited* until the last day for it (the period's own last day where no rule sets
    one) has passed, and *missing* from then on. With records it is *late* if one of them came after the last day.

    Example: due on 18 November, records of the 10th and the 20th: late by 2 days.
    """
    due, last = expected.due, arrivals.last
    late_records = arrivals.after(due)
    over = today > (due or period_last)
    if last is None:
        late_days = (today - due).days if over and due is not None else 0
    else:
        late_days = (last - due).days if late_records and due is not None else 0
    state = _state(arrivals, late_records, over)
    return Entry(expected, state, arrivals.records, late_records, last, late_days)


def _state(arrivals: Arrivals, late_records: int, over: bool) -> State:
    if arrivals.records == 0:
        return "missing" if over else "awaited"
    return "late" if late_records else "received"


def counted(entries: Iterable[Entry]) -> dict[str, int]:
    """Return how many registers are expected, and how many are in each state."""
    states = Counter(entry.state for entry in entries)
    return {"expected": states.total(), **{state: states[state] for state in STATES}}
