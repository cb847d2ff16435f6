"""What the rows of a batch take over from the record that stands, or from the row of their key before them.

A column that a row leaves out keeps its value; a blank cell is not left out: it clears the value (`docs/handing-in.md`,
"Absent and blank"). A row about another case or person under the number takes nothing over. A commune that only got another code stays the same (`services.registers.communes`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from services.chassis.persistence import AsyncSession
from services.registers import store
from services.registers.another import is_another, who_of
from services.registers.checks import area_faults
from services.registers.communes import NOT_ON_DAY, keep_communes, may_be_kept
from services.registers.plan import plan_of
from services.registers.record_keys import has_whole_key, hashed_parts, key_of
from services.registers.register import Register
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.store import Head, Place

EARLIER_ROW = "earlier_row_refused"
"""The rule of a row that would keep values of a refused row above it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows that took something over, and the records that were looked up for it; None where there is none.

    Of the records at the places ``hidden`` the answer must not tell who they are about: their rows are judged, compared
    and applied without the columns of identity.
    """

    changed: list[Row] = field(default_factory=list)
    heads: dict[Place, Head | None] = field(default_factory=dict)
    hidden: frozenset[Place] = frozenset()


async def take_over(
    session: AsyncSession,
    register: Register,
    rows: Sequence[Row],
    vault: Vault,
    sight: Sight,
    apart: Collection[Place] = (),
) -> Standing:
    """Fill the columns that rows left out and keep communes that only got another code.

    A first hand-in and a row after a withdrawal have nothing to take over.
    """
    today = sight.rights.day
    named = [row for row in rows if _only_communes_are_wrong(row) and has_whole_key(row)]
    # Where the answer is a reading, it counts whom each row's record is about, whether or not something is taken over.
    asking = [row for row in named if sight.reads or row.absent or may_be_kept(row, today)]
    if not asking:
        return Standing()
    for row in named:
        row.key = row.key or key_of(row, vault, apart)
    if not sight.trial:
        # What is taken over here must still stand when it is written: another hand-in of the unit waits until then.
        await store.lock(session, register.form.name, {row.unit for row in named})
    places = list({(row.unit, row.key) for row in asking})
    found = await store.heads(session, register.form.name, places)
    heads = {place: found.get(place) for place in places}
    hidden = await sight.look(session, named, heads)
    if hashed_parts(register.form):
        # Found by who the person is: that the record is there would confirm it, so a trial does not find it.
        heads |= dict.fromkeys(hidden)
        hidden = set()
    changed = _taken_over(register, named, heads, hidden, vault, sight)
    _withhold(changed, heads, vault, sight)
    return Standing(changed, heads, frozenset(hidden))


def _only_communes_are_wrong(row: Row) -> bool:
    """Return whether nothing but the day of a commune's code is wrong: the code may be that of its successor."""
    communes = plan_of(row.form).communes
    return all(fault.rule == NOT_ON_DAY and fault.field in communes for fault in row.faults)


def _taken_over(
    register: Register,
    rows: Sequence[Row],
    heads: dict[Place, Head | None],
    hidden: set[Place],
    vault: Vault,
    sight: Sight,
) -> list[Row]:
    changed: list[Row] = []
    before: dict[Place, Row | None] = {}
    for row in rows:
        place = (row.unit, row.key)
        head = heads.get(place)
        if place not in before and head is not None:
            before[place] = _standing(register, head, vault, hidden=place in hidden)
        base = before.get(place)
        if base is not None and not row.void and not _is_of_another(row, base, head, vault, sight):
            if row.absent:
                row.inherit(base)
                row.basis = base if base.raw.keys() & row.absent else None
                # Only now the row's own day is known in any case, and with it what codes mean.
                row.faults[:] = area_faults(row)
                changed.append(row)
            keep_communes(row, base, sight.rights.day)
        if not row.faults:
            before[place] = None if row.void else row
    return changed


def _is_of_another(row: Row, base: Row, head: Head | None, vault: Vault, sight: Sight) -> bool:
    """Return whether a row is plainly about another case or person than the one that stands under its number.

    What is known of one says nothing of another: such a row is refused for its number, or replaces the record whole.
    Where whoever hands in may not be told who the record is about, the row is judged as any other.
    """
    apart = row.form.apart
    if not apart or row.absent & set(apart) or not is_another(row.form, who_of(base), who_of(row)):
        return False
    if head is None or head.identity is None:
        return True
    return sight.judges(row.unit, head.record_id, vault.unseal(head.record_id, head.identity))


def _withhold(rows: Sequence[Row], heads: dict[Place, Head | None], vault: Vault, sight: Sight) -> None:
    """Hide identity that rows took over and whoever hands them in may not read: a refusal would tell it, try after try."""
    for row in rows:
        head = heads.get(row.place)
        if head is None or head.identity is None:
            continue
        if not sight.judges(row.unit, head.record_id, vault.unseal(head.record_id, head.identity)):
            row.withhold(row.absent & {column.id for column in row.form.columns if column.identity})


def _standing(register: Register, head: Head, vault: Vault, *, hidden: bool) -> Row | None:
    """Return the record as a row; None for one that is withdrawn. ``hidden``: as if its identity could not be read."""
    if head.state.voided:
        return None
    if hidden:
        row = Row.stored(register.form, head.state.content)
        # No rule runs on a column that cannot be read, nor is it missing.
        row.invalid |= {column.id for column in register.form.columns if column.identity}
        return row
    identity = {} if head.identity is None else vault.unseal(head.record_id, head.identity)
    return Row.stored(register.form, {**head.state.content, **identity})


def refuse_followers(rows: Sequence[Row]) -> None:
    """Add a fault to rows that took over values of a row which was refused afterwards."""
    for row in rows:
        if row.basis is not None and row.basis.faults:
            column = plan_of(row.form).key[0].alternatives[0][0]
            row.faults.append(row.fault(column, EARLIER_ROW, row=row.basis.number))
