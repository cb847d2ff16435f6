"""What a unit is reminded of: registers that are due soon, overdue, or complete at last. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reference import Period, ReminderRule
from services.reporting.ledger.domain.entries import Entry, State

Kind = Literal["due_soon", "overdue", "completed"]
Place = tuple[str, str, str, str]
"""Unit, form, calendar and period: there is one reminder of each kind for each."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder. ``days``: until ``due``, since it, or (completed) between it and the statement."""

    unit: str
    form: str
    period: Period
    kind: Kind
    due: date
    days: int
    state: State

    @property
    def place(self) -> Place:
        """Return what it is about."""
        return self.unit, self.form, self.period.calendar, self.period.code


def reminders(
    entries: Iterable[Entry],
    period: Period,
    today: date,
    rule: ReminderRule,
    told: Collection[tuple[Place, Kind]],
) -> list[Reminder]:
    """Return what is to be told today of a period's registers, and was not yet.

    A register is done when its unit has declared it complete, or nil: what has come without that may be a part. Nobody is
    reminded of what the calendar sets no last day for. What was told, and is declared later, is told as complete whenever
    that is.
    """
    found = []
    for entry in entries:
        due, said = entry.expected.due, entry.declared
        if due is None:
            continue
        kind: Kind = "completed" if said is not None else "overdue" if today > due else "due_soon"
        until = said.on if said is not None else today
        days = max(0, (until - due).days) if kind != "due_soon" else (due - today).days
        made = Reminder(entry.expected.unit, entry.expected.form, period, kind, due, days, entry.state)
        reminded = any((made.place, earlier) in told for earlier in ("due_soon", "overdue"))
        wanted = rule.near(due, today) or (kind == "completed" and reminded)
        if wanted and (made.place, kind) not in told:
            found.append(made)
    return found
