"""Who asks for what is due: the units whose records the caller reads, and what is due there on a day."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fastapi import Request

from services.chassis.http import Problem, platform_of
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.security import READ, Principal, nobody
from services.registers.days_off import days_off_at
from services.registers.duties.model import Duty, DutyBook, Lacking, Reckoned, State
from services.registers.duties.reading import duties_kept
from services.registers.engine import Intake
from services.registers.rights import Rights

PLACE = (
    r"^[0-2]:[0-9]{4}-[0-9]{2}-[0-9]{2}:[0-9]{4}-[0-9]{2}-[0-9]{2}:[a-z_.]{1,64}"
    r":[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)
"""How a place is written in an address."""
Place = tuple[str, ...]
"""Where a list goes on: the place of a duty as texts, which are in the same order."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which duties: of a unit (None: the caller's own) on a day (None: today), of a state, a form and a rule."""

    unit: str | None = None
    day: date | None = None
    state: State | None = None
    form: str | None = None
    rule: str | None = None

    def wants(self, duty: Duty) -> bool:
        """Return whether a duty of the unit and day is of the form and rule asked for."""
        return self.form in (None, duty.fact.form) and self.rule in (None, duty.rule)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at a unit on a day, overdue first. ``counts`` are by state, of all that was asked for but its state."""

    unit: str
    day: date
    duties: Sequence[Duty]
    counts: Mapping[State, int]
    lacking: frozenset[Lacking]


async def due_as(
    session: AsyncSession, rights: Rights, book: DutyBook, asked: Question, now: datetime
) -> Due:
    """Return what is due at the unit, as far as the caller reads its records; last days go by the days off confirmed by ``now``.

    Raises:
        Problem: 403 for whoever reads no values of the unit's records, whether or not there are any.
    """
    unit = rights.unit_of(asked.unit or rights.actor.unit.code)[0]
    forms = tuple(form for form in book.forms if "values" in rights.sees(form, unit))
    if not forms:
        raise Problem.refused(nobody(READ, book.forms[0], rights.day), "unit_scope")
    day = asked.day or rights.day
    found = await duties_kept(session, replace(book, forms=forms), unit, day, await days_off_at(session, now))
    return _due(unit, day, found, asked)


async def due_for(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, book: DutyBook, asked: Question
) -> Due:
    """Return what is due at the unit that a caller asks for; Problem as of `due_as`."""
    async with work() as session:
        rights = await intake.rights(session, caller)
        return await due_as(session, rights, book, asked, platform_of(request).clock())


def page_of(duties: Sequence[Duty], after: str | None, limit: int) -> tuple[Sequence[Duty], str | None]:
    """Return so many duties of a list in its order after a place (`PLACE`), and the place of the next page; None on the last."""
    behind = None if not after else tuple(after.split(":"))
    # A page goes on behind a duty, not behind a number of lines: what is settled meanwhile makes no other duty fall
    # out. As texts the parts keep their order: one digit, then days that begin with the year.
    first = 0 if behind is None else bisect_right(duties, behind, key=place_of)
    shown = duties[first : first + limit]
    return shown, ":".join(place_of(shown[-1])) if len(duties) > first + limit else None


def place_of(duty: Duty) -> Place:
    """Return the place of a duty in every list of its day."""
    rank, until, since, rule, record = duty.place
    return str(rank), until.isoformat(), since.isoformat(), rule, record


def _due(unit: str, day: date, found: Reckoned, asked: Question) -> Due:
    if asked.form is None and asked.rule is None:
        told, counts = found.duties, found.counts  # most ask so, and a unit may have very many
    else:
        told = [duty for duty in found.duties if asked.wants(duty)]
        counts = Counter(duty.state for duty in told)
    if asked.state is not None:
        told = [duty for duty in told if duty.state == asked.state]
    return Due(unit, day, told, counts, frozenset(found.lacking))
