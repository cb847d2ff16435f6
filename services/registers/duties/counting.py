"""How much is due at each unit, in numbers: for whoever reads the units' records, or counts them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.http import Problem
from services.chassis.persistence import AsyncSession
from services.chassis.security import READ, nobody, reads_rows
from services.registers.days_off import days_off_at
from services.registers.duties.model import DutyBook, State
from services.registers.duties.reading import duties_of_units
from services.registers.reading import units_of
from services.registers.rights import Rights

_COUNTED = frozenset({"values", "counts"})


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """What is due at a unit: by rule how many are in each state; of each goal how many reach it, and of how many."""

    unit: str
    rules: Mapping[str, Counter[State]]
    goals: Mapping[str, tuple[int, int]]

    @property
    def states(self) -> Counter[State]:
        """Return how many are in each state, of all rules."""
        return sum(self.rules.values(), Counter[State]())


def counts_units(rights: Rights) -> bool:
    """Return whether the caller's role counts records of units at all."""
    return reads_rows(rights.actor.role, rights.day, "purpose", "step_up")


async def counts_as(session: AsyncSession, rights: Rights, book: DutyBook, now: datetime) -> list[UnitCounts]:
    """Return how much is due today at each unit whose records the caller reads or counts, by the unit's code.

    Raises:
        Problem: 403 for whose role knows of no rows.
    """
    if not counts_units(rights):
        raise Problem.refused(nobody(READ, book.forms[0], rights.day), "unit_scope")
    days_off, found = await days_off_at(session, now), list[UnitCounts]()
    for forms, units in (await _counted(session, rights, book)).items():
        own = replace(book, forms=forms)
        async for unit, facts, reckoned in duties_of_units(session, own, units, rights.day, days_off):
            rules: dict[str, Counter[State]] = defaultdict(Counter)
            for duty in reckoned.duties:
                rules[duty.rule][duty.state] += 1
            found.append(UnitCounts(unit, rules, {} if book.goals is None else book.goals(facts, rights.day)))
    return sorted(found, key=lambda each: each.unit)


async def _counted(
    session: AsyncSession, rights: Rights, book: DutyBook
) -> Mapping[tuple[str, ...], list[str]]:
    """Return the units by the forms of theirs that may be counted."""
    forms: dict[str, list[str]] = defaultdict(list)
    for form in book.forms:
        for unit in await units_of(session, form):
            if _COUNTED & rights.sees(form, unit):
                forms[unit].append(form)
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for unit, names in forms.items():
        found[tuple(names)].append(unit)
    return found
