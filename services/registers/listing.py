"""Reading back the records of a form for somebody who asks over HTTP: who may, which ones, and what is written down of it."""

from collections.abc import Callable
from uuid import UUID

from fastapi import Request

from contracts.forms import Form
from services.chassis.http import (
    Problem,
    approval_of,
    count_identities,
    guards_met,
    opened_by_approval,
    use_opened,
    write_looks,
)
from services.chassis.persistence import UnitOfWork
from services.chassis.runtime import get_logger
from services.chassis.security import READ, Principal, nobody, reads_rows
from services.registers import reading
from services.registers.engine import Intake
from services.registers.rights import Rights

log = get_logger(__name__)


async def records_as(
    request: Request,
    caller: Principal,
    work: UnitOfWork,
    intake: Intake,
    form: Form,
    unit: str | None,
    *,
    after: UUID | None,
    limit: int,
) -> reading.Listed:
    """Return a page of the form's records of the unit, without one of all units that the caller reads.

    Raises:
        Problem: 403 for a reader to whom they are closed, or who reads more people in an hour than the limit allows.
    """
    met = tuple(guards_met(request, caller))
    async with work() as session:
        rights = await intake.rights(session, caller)
        unit = None if unit is None else rights.unit_of(unit)[0]
        opened = await opened_by_approval(request, session, caller, form.name, unit)
        if opened is not None:
            reach = [opened.matter.unit]
        else:
            # An approval that does not open these records is refused, and not answered with the few read without it.
            reads = rights.reads if approval_of(request) else rights.reads_any
            _check_reader(rights, form.name, unit, met, reads)
            # Units are narrowed before the query, so that records out of the caller's reach are never loaded.
            known = [unit] if unit is not None else await reading.units_of(session, form.name)
            reach = [code for code in known if reads(form.name, code, *met)]
        listed = await reading.page(
            session,
            form,
            reach,
            after=after,
            limit=limit,
            vault=intake.vault,
            sees=lambda code, minor: _seen(
                rights, form.name, code, met, minor=minor, opened=opened is not None
            ),
            day=rights.day,
        )
        if opened is not None:
            await use_opened(request, session, caller, opened, len(listed.records))
        elif beyond := _beyond_daily_work(caller, listed):
            await count_identities(request, session, caller, beyond)
        await write_looks(request, session, caller, form.name, listed.looked)
    # The audit of reads stores the number of identities of each request; it is set here.
    request.state.identities = listed.identities
    if listed.identities:
        log.info(
            "identity read",
            form=form.name,
            subject=caller.subject,
            unit=caller.unit,
            of_unit=unit,
            records=listed.identities,
            after=str(after) if after else None,
        )
    return listed


def _check_reader(
    rights: Rights, form: str, unit: str | None, met: tuple[str, ...], reads: Callable[..., bool]
) -> None:
    """Refuse a caller to whom the unit's records of the form are closed, whether or not there are any."""
    role, day = rights.actor.role, rights.day
    if not (reads_rows(role, day, *met) if unit is None else reads(form, unit, *met)):
        raise Problem.refused(nobody(READ, form, day), "unit_scope")


def _seen(
    rights: Rights, form: str, unit: str, met: tuple[str, ...], *, minor: bool, opened: bool
) -> frozenset[str]:
    """Return what a page shows of the unit's people; ``opened``: an approval has opened them."""
    if not opened:
        return rights.sees(form, unit, *met, minor=minor)
    # No approval reveals who a person under 18 is.
    identity = rights.sees(form, unit, *met, minor=True) if minor else frozenset({"identity"})
    return identity | {"values"}


def _beyond_daily_work(caller: Principal, listed: reading.Listed) -> int:
    """Return how many identities of the page are not those that a clerk of the unit works with every day."""
    own = listed.looked[caller.unit] if caller.role == "clerk" else 0
    return listed.identities - own
