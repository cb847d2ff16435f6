"""Handing rows in for somebody who asks over HTTP: one transaction, its looks, and what is refused as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fastapi import Request

from contracts.envelope import VIETNAM
from reference import purposes_on
from services.chassis.http import Fault, Problem, platform_of, write_looks
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.security import Principal
from services.registers.engine import HandIn, Intake, Result, UnitRefusedError
from services.registers.noting import note_reading
from services.registers.row import CellFault
from services.registers.sight import PurposeNeededError


async def hand_in_as(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, batch: HandIn
) -> Result:
    """Hand the rows in for the caller in one transaction, and write down whom the answer tells of.

    Raises:
        Problem: 403 where the caller may not hand in for the unit, or reads people of others and states no purpose; 422 for
            a unit that there is not.
    """
    with refusals(request, caller, batch):
        async with work() as session:
            return await handed_in(request, session, caller, intake, batch)


async def handed_in(
    request: Request, session: AsyncSession, caller: Principal, intake: Intake, batch: HandIn
) -> Result:
    """Hand the rows in within a transaction that does more, and write down whom the answer tells of.

    Raises:
        PurposeNeededError, UnitRefusedError: as `Intake.hand_in`; `refusals` makes problems of them.
    """
    result = await intake.hand_in(session, batch, caller)
    await note_reading(request, session, caller, batch.form, result.looked, "hand_in")
    if result.confirmed:
        # Seen by the unit and counted to no limit: a register may be handed in again as often as somebody likes.
        await write_looks(request, session, caller, batch.form, result.confirmed)
    return result


@contextmanager
def refusals(request: Request, caller: Principal, batch: HandIn) -> Iterator[None]:
    """Turn what refuses a batch as a whole into problems."""
    try:
        yield
    except PurposeNeededError:
        day = platform_of(request).clock().astimezone(VIETNAM).date()
        raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(day))) from None
    except UnitRefusedError as refused:
        # A wrong unit code can be put right by the caller (422); a missing right cannot (403).
        if refused.refused is not None:
            raise Problem.refused(refused.refused, "unit_scope") from None
        raise Problem.invalid([Fault.of("unit", batch.unit or caller.unit, refused.rule)]) from None


def refusal(faults: Sequence[CellFault]) -> Problem:
    """Return the problem of one row that was refused: with every fault, 403 where the caller may not hand it in at all."""
    listed = [Fault(fault.field, fault.value, fault.rule, fault.message) for fault in faults]
    # Where the caller may not write, the answer is about rights, whatever else is wrong with the row.
    refused = next((fault for fault in listed if fault.rule == "unit_scope"), None)
    return Problem.invalid(listed) if refused is None else Problem.of(403, refused, listed)
