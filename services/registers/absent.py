"""Columns that a row leaves out: they keep the value that they have in the record which the row is about.

A blank cell is not left out: it clears the value (`docs/handing-in.md`, "Absent and blank").
"""

from collections.abc import Iterator, Sequence

from services.chassis.persistence import AsyncSession
from services.registers import store
from services.registers.plan import plan_of
from services.registers.record_keys import key_of
from services.registers.register import Register
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.store import Head, Place

EARLIER_ROW = "earlier_row_refused"
"""The rule of a row that would keep values of a refused row above it."""


def has_whole_key(row: Row) -> bool:
    """Return whether the row has a value for every part of its key."""
    return all(any(row.has(*names) for names in part.alternatives) for part in plan_of(row.form).key)


async def fill_absent(
    session: AsyncSession,
    register: Register,
    rows: Sequence[Row],
    vault: Vault,
    *,
    dry_run: bool,
) -> list[Row]:
    """Fill the columns that rows left out, from the record that stands or from the row of its key before it in the batch.

    A first hand-in and a row after a withdrawal have nothing to take over. Return the rows that were filled.
    """
    named = [row for row in rows if not row.faults and has_whole_key(row)]
    leaving = [row for row in named if row.absent]
    if not leaving:
        return []
    for row in named:
        row.key = key_of(row, vault)
    if not dry_run:
        # What is taken over here must still stand when it is written: another hand-in of the unit waits until then.
        await store.lock(session, register.form.name, {row.unit for row in named})
    heads = await store.heads(session, register.form.name, list({(row.unit, row.key) for row in leaving}))
    return list(_filled(register, named, heads, vault))


def _filled(register: Register, rows: Sequence[Row], heads: dict[Place, Head], vault: Vault) -> Iterator[Row]:
    before: dict[Place, Row | None] = {}
    for row in rows:
        place = (row.unit, row.key)
        if place not in before and place in heads:
            before[place] = _standing(register, heads[place], vault)
        base = before.get(place)
        if row.absent and base is not None:
            row.inherit(base)
            row.basis = base if base.raw.keys() & row.absent else None
            yield row
        before[place] = None if row.void else row


def _standing(register: Register, head: Head, vault: Vault) -> Row | None:
    """Return the record as a row; None for one that is withdrawn."""
    if head.state.voided:
        return None
    identity = {} if head.identity is None else vault.unseal(head.record_id, head.identity)
    return Row.stored(register.form, {**head.state.content, **identity})


def refuse_followers(rows: Sequence[Row]) -> None:
    """Add a fault to rows that took over values of a row which was refused afterwards."""
    for row in rows:
        if row.basis is not None and row.basis.faults:
            column = plan_of(row.form).key[0].alternatives[0][0]
            row.faults.append(row.fault(column, EARLIER_ROW, row=row.basis.number))
