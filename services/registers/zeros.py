"""Numbers that differ from one that is there in leading zeros alone: 7 handed in after 007 is a second record, and told."""

import re
from collections.abc import Iterator, Sequence

from contracts.forms import Form
from services.chassis.persistence import AsyncSession
from services.registers import store
from services.registers.plan import plan_of
from services.registers.record_keys import SEPARATOR
from services.registers.row import CellFault, Row

ZEROS_APART = "zeros_apart"
"""The rule of a note: the unit has a record whose number differs in leading zeros alone."""
_DIGITS = re.compile(r"(?<![0-9])[0-9]{1,4}(?![0-9])")
_WIDTHS = (2, 3, 4)
"""How many digits offices pad their numbers to."""


async def zeros_apart(session: AsyncSession, form: Form, rows: Sequence[Row]) -> list[CellFault]:
    """Return a note for each new record whose number has another spelling in its unit; by one statement for all rows.

    Forms about people are left out: that somebody is in the register must not be learnt by trying numbers.
    """
    column = form.key[0]
    if form.identity or column not in plan_of(form).numbers:
        return []
    own = {row.place for row in rows}
    asked = [
        (row, number, (row.unit, key))
        for row in rows
        for number, key in _others(row.key)
        if (row.unit, key) not in own
    ]
    known = (
        await store.own_days(session, form.name, sorted({place for _, _, place in asked})) if asked else {}
    )
    told: dict[int, CellFault] = {}
    for row, number, place in asked:
        if place in known and id(row) not in told:
            told[id(row)] = row.fault(column, ZEROS_APART, number=row.text(column), other=number)
    return [*told.values()]


def _others(key: str) -> Iterator[tuple[str, str]]:
    """Yield the other spellings of the number in a key, each with its key: of 7/2024 these are 07/2024, 007/2024, 0007/2024."""
    number, *rest = key.split(SEPARATOR)
    for found in _DIGITS.finditer(number):
        bare = found[0].lstrip("0") or "0"
        for digits in {bare, *(bare.zfill(width) for width in _WIDTHS)} - {found[0]}:
            other = f"{number[: found.start()]}{digits}{number[found.end() :]}"
            yield other, SEPARATOR.join((other, *rest))
