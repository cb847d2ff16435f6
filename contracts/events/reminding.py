"""Events of `reporting` that remind units of their registers: due soon, overdue, complete."""

from datetime import date
from typing import Literal

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import Code, Count


class HandInReminder(Snapshot):
    """Where one register of one unit stands for one period; the unit is the event's own.

    ``days``: until ``due`` (due soon), since it (overdue), or between it and the statement (complete: 0 where that came
    in time). ``state`` is the ledger's. There is one event of each type for a unit, register and period; nobody is named
    in it.
    """

    form: Code
    calendar: Code
    period: Code
    first: date
    last: date
    due: date
    days: Count
    state: Literal["received", "late", "missing", "awaited"]


class HandInReminded(Envelope):
    """``subject`` names unit, register, calendar and period; ``sequence`` counts what was told of them."""

    type: Literal[
        "reporting.hand_in.due_soon.v1", "reporting.hand_in.overdue.v1", "reporting.hand_in.completed.v1"
    ]
    data: HandInReminder


RemindersTopic = HandInReminded
