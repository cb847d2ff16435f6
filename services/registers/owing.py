"""What a unit owes of its own registers: periods that are over, whether anything has come of them, what the unit has stated.

The whole ledger is reporting's, folded from events. This is the part of one service, from its own database, at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from contracts.forms import FORMS
from reference import (
    DaysOff,
    Period,
    calendars,
    forms_expected,
    periods_of_year,
    reminder_rule,
    with_days_off,
)
from services.chassis.periods import due_of
from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import Unit
from services.registers.engine import Intake
from services.registers.rights import Rights
from services.registers.stating import has_rows_in

State = Literal["late", "missing", "contradicted", "expected", "unstated", "done"]
STATES: tuple[State, ...] = ("late", "missing", "contradicted", "expected", "unstated", "done")
"""In the order in which they are to be dealt with.

*late*: nothing has come, and the last day is over; *missing*: nothing has come, and no rule sets a last day; *contradicted*:
stated as nil, but there are records; *expected*: nothing has come, the last day is ahead; *unstated*: there are records, and
nobody has stated that they are all; *done*: stated.
"""
_ALL_FORMS = frozenset(FORMS)
_KINDS = ("month", "quarter", "half", "nine_months", "year")


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement that stands: what it says, when it was received, and whose account made it."""

    says: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One register of the unit for one period. ``late_days``: since the last day, 0 where it is not over."""

    form: str
    period: Period
    due: date | None
    state: State
    late_days: int = 0
    stated: Stated | None = None


def state_of(*, rows: bool, stated: Stated | None, due: date | None, today: date) -> State:
    """Return what is to be done about a register of a period that is over. Pure."""
    if stated is not None:
        return "contradicted" if stated.says == "nil" and rows else "done"
    if rows:
        return "unstated"
    if due is None:
        return "missing"
    return "late" if today > due else "expected"


def periods_owed(
    unit: Unit, today: date, forms: Iterable[str], days_off: DaysOff
) -> list[tuple[str, Period]]:
    """Return the registers and periods that the unit answers for now: those that ended lately, of the shortest kind.

    A unit reports by its agency's own calendars, where there are any; by those of everybody otherwise. A period counts
    until as many days after its last day as units are reminded of it. Last days are those by ``days_off``.
    """
    named = [name for name, each in calendars().items() if unit.agencies & set(each.owners)]
    common = [name for name, each in calendars().items() if "*" in each.owners]
    ended = [period for name in named or common[:1] for period in _lately(name, unit, today, days_off)]
    wanted, found = frozenset(forms), dict[str, list[Period]]()
    for period in sorted(ended, key=lambda each: _KINDS.index(each.kind)):
        for form in sorted(forms_expected(unit.kinds, period, _ALL_FORMS) & wanted):
            kept = found.setdefault(form, [])
            if not kept or kept[0].kind == period.kind:
                kept.append(period)
    return [(form, period) for form, periods in found.items() for period in periods]


def _lately(calendar: str, unit: Unit, today: date, days_off: DaysOff) -> list[Period]:
    rule = reminder_rule(today)
    periods = [
        with_days_off(each, days_off)
        for year in (today.year - 1, today.year)
        for each in periods_of_year(calendar, year)
    ]
    return [
        period
        for period in periods
        if period.last < today <= (due_of(period, unit) or period.last) + rule.overdue
    ]


async def owed(
    session: AsyncSession, intake: Intake, rights: Rights, unit: str, days_off: DaysOff
) -> list[Owed]:
    """Return what the unit owes of the service's registers, what is late longest first."""
    known, today = rights.units.on(unit, rights.day), rights.day
    listed = periods_owed(known, today, intake.registers, days_off)
    statements = await stated_of(session, unit, [period for _, period in listed]) if listed else {}
    found = []
    for form, period in listed:
        due, said = due_of(period, known), statements.get((form, period.calendar, period.code))
        rows = await has_rows_in(session, intake.registers[form], unit, period)
        state = state_of(rows=rows, stated=said, due=due, today=today)
        late = (today - due).days if state == "late" and due is not None else 0
        found.append(Owed(form, period, due, state, late, said))
    return sorted(
        found, key=lambda each: (STATES.index(each.state), -each.late_days, each.form, each.period.last)
    )


async def stated_of(
    session: AsyncSession, unit: str, periods: Sequence[Period]
) -> dict[tuple[str, str, str], Stated]:
    """Return the unit's statements that stand of these periods, by form, calendar and period."""
    cursor = await (await raw(session)).execute(
        "SELECT form, calendar, period, says, stated_at, stated_by FROM statement"
        " WHERE unit = %s AND NOT withdrawn AND calendar = ANY(%s) AND period = ANY(%s)",
        (unit, [each.calendar for each in periods], [each.code for each in periods]),
    )
    return {
        (form, calendar, period): Stated(*rest) for form, calendar, period, *rest in await cursor.fetchall()
    }
