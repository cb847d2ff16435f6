"""Withdrawing a record by its address, for a reason, and entering it again as it was: each is a row that is handed in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request

from contracts.forms import Form
from reference import WITHDRAWAL
from services.chassis.http import Fault, Problem, guards_met
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.security import Principal
from services.registers import store
from services.registers.engine import HandIn, Intake
from services.registers.hand_in_request import hand_in_as, refusal
from services.registers.outcomes import OutcomeName
from services.registers.plan import UNIT, VOID, plan_of
from services.registers.reading import with_codes
from services.registers.record_http import record_as
from services.registers.retyping import as_typed
from services.registers.row import RawRow
from services.registers.secrets import Vault
from services.registers.store import Stored
from services.registers.withdrawal_notes import LONGEST

_OTHER = "other"
"""The reason that says nothing by itself."""


async def withdraw_as(
    request: Request,
    caller: Principal,
    work: UnitOfWork,
    intake: Intake,
    record: UUID,
    reason: str,
    note: str = "",
) -> OutcomeName:
    """Withdraw a record for the reason; return what became of it: of one that is withdrawn already, ``unchanged``.

    Raises:
        Problem: 422 for a reason that is none of `WITHDRAWAL`, for `other` without a ``note`` in words, for too long a note; 404
            for a record that there is not or that the caller does not read; 403 for whoever may not hand it in.
    """
    if reason not in WITHDRAWAL:
        raise Problem.invalid([Fault.of("reason", None, "withdrawal_reason", codes=", ".join(WITHDRAWAL))])
    note = note.strip()
    if reason == _OTHER and not note:
        raise Problem.invalid([Fault.of("note", None, "withdrawal_note")])
    if len(note) > LONGEST:
        raise Problem.invalid([Fault.of("note", None, "too_long", limit=LONGEST)])
    return await _hand_in(request, caller, work, intake, record, reason, note)


async def restore_as(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, record: UUID
) -> OutcomeName:
    """Enter a withdrawn record again as it was; return what became of it. Problems as of `withdraw_as`."""
    return await _hand_in(request, caller, work, intake, record, "")


async def _hand_in(
    request: Request,
    caller: Principal,
    work: UnitOfWork,
    intake: Intake,
    record: UUID,
    reason: str,
    note: str = "",
) -> OutcomeName:
    view = await record_as(request, caller, work, intake, record)
    form = intake.registers[view.form].form
    async with work() as session:
        stored = await store.at_address(session, record)
        assert stored is not None, "it was read a moment ago"
        said = await _last_said(session, form, intake.vault, stored)
    cells = {**key_cells(form, said), UNIT: view.unit}
    if reason:
        cells[VOID] = "yes"
    else:
        cells |= {
            name: as_typed(form.by_id[name], value) for name, value in said.items() if name in form.by_id
        }
    met = tuple(guards_met(request, caller))
    batch = HandIn(view.form, [RawRow(1, cells)], met=met, reason=reason, note=note)
    result = await hand_in_as(request, caller, work, intake, batch)
    if result.faults:
        raise refusal(result.faults)
    return result.outcomes[0].outcome


async def _last_said(session: AsyncSession, form: Form, vault: Vault, stored: Stored) -> dict[str, Any]:
    """Return what the record said last, identity included; of a withdrawn one, before it was withdrawn."""
    before = (await store.histories(session, [stored.head.record_id])).get(stored.head.record_id, [])
    versions = [stored.head.version, *sorted(before, key=lambda each: -each.state.sequence)]
    last = next((each for each in versions if not each.state.voided), stored.head.version)
    identity = {} if last.identity is None else vault.unseal(last.record_id, last.identity)
    return {**with_codes(form, last.state.content), **identity}


def key_columns(form: Form, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that name this record, and those whose filling in would name another one."""
    found: list[str] = []
    for part in plan_of(form).key:
        for names in part.alternatives:
            found += [name for name in names if name not in found]
            if all(values.get(name) is not None for name in names):
                break
    return tuple(found)


def key_cells(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells that name this record, as somebody would type them."""
    return {
        name: as_typed(form.by_id[name], values[name])
        for name in key_columns(form, values)
        if values.get(name) is not None
    }
