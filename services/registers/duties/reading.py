"""Loads the records of units from which duties follow, and reckons them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import orjson

from contracts.envelope import VIETNAM
from reference import DaysOff
from services.chassis.persistence import AsyncSession, raw
from services.registers.duties.model import DutyBook, Fact, Reckoned
from services.registers.duties.reckoning import reckon

_UNITS = 10  # whose records are loaded at once; between them others have their turn
_ROWS = 1_000  # taken from an answer at once, for the same reason
# IS NOT TRUE and not NOT: where a blank column makes ``over`` unknown, the record is looked at.
FACTS = (
    "SELECT record_id, form, unit, person_ref, recorded_at, content::text FROM record"
    " WHERE form = ANY(%(forms)s) AND unit = ANY(%(units)s) AND NOT voided AND ({over}) IS NOT TRUE ORDER BY unit"
)
"""The records of units that stand, of some forms, but those that are over (`DutyBook.over`)."""
# An XOR of hashes does not depend on the order, so nothing is sorted; withdrawn records count too, since a withdrawal
# ends a duty.
_MARK = (
    "SELECT count(*), bit_xor(uuid_hash_extended(record_id, sequence)) FROM"
    " (SELECT record_id, sequence FROM record WHERE form = ANY(%s) AND unit = %s"
    " UNION ALL SELECT record_id, sequence FROM record WHERE form = ANY(%s)) AS those"
)


async def duties_of_units(
    session: AsyncSession, book: DutyBook, units: Sequence[str], day: date, days_off: DaysOff
) -> AsyncIterator[tuple[str, Sequence[Fact], Reckoned]]:
    """Yield what is due on the day at each of the units that has records, with these records, unit by unit."""
    for first in range(0, len(units), _UNITS):
        found = await facts_of(session, book, units[first : first + _UNITS], day)
        # Beside the event loop, which a unit with very many records would keep from everybody else.
        for each in await asyncio.to_thread(_unit_by_unit, book, found, day, days_off):
            yield each


async def duties_kept(
    session: AsyncSession, book: DutyBook, unit: str, day: date, days_off: DaysOff
) -> Reckoned:
    """Return what is due on the day at a unit; from memory, where none of its records has changed since it was reckoned."""
    # Readers of fewer forms have a book of their own (`asking.due_as`) that shares this memory: the forms keep their
    # lists apart.
    key = (book.forms, unit, day, days_off, await _mark_of(session, book, unit))
    found = book.kept.get(key)
    if found is None:
        found = Reckoned()
        async for _, _, found in duties_of_units(session, book, [unit], day, days_off):
            book.kept.put(key, found, len(found.duties) + 1)
    return found


async def facts_of(session: AsyncSession, book: DutyBook, units: Sequence[str], day: date) -> Sequence[Fact]:
    """Return the records of the units that stand and are not over on the day, of the forms of the book, unit by unit."""
    asked = {"forms": list(book.forms), "units": list(units), "day": day}
    cursor = await (await raw(session)).execute(FACTS.format(over=book.over), asked)
    facts: list[Fact] = []
    while rows := await cursor.fetchmany(_ROWS):
        facts += await asyncio.to_thread(_facts, rows)
    return facts if book.extend is None else await book.extend(session, facts)


async def _mark_of(session: AsyncSession, book: DutyBook, unit: str) -> tuple[int, int | None]:
    """Return what differs as soon as a record that decides on the unit's duties does: each change of one has a sequence of its own."""
    cursor = await (await raw(session)).execute(_MARK, (list(book.forms), unit, list(book.beside)))
    row = await cursor.fetchone()
    assert row is not None, "an aggregate has a row"
    return row[0], row[1]


def _unit_by_unit(
    book: DutyBook, facts: Sequence[Fact], day: date, days_off: DaysOff
) -> list[tuple[str, Sequence[Fact], Reckoned]]:
    found: list[tuple[str, Sequence[Fact], Reckoned]] = []
    for unit, each in groupby(facts, key=lambda fact: fact.unit):
        own = tuple(each)
        found.append((unit, own, reckon(book.find(own, day), day, days_off)))
    return found


def _facts(rows: Sequence[tuple[Any, ...]]) -> list[Fact]:
    return [
        # The day of whoever wrote it: by UTC what was recorded before seven in the morning would be of the day before.
        Fact(record, form, unit, person, recorded_at.astimezone(VIETNAM).date(), orjson.loads(content))
        for record, form, unit, person, recorded_at, content in rows
    ]
