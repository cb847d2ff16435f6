"""Writing down that an answer told who people are: counted for the caller, as looks for their units, in the log."""

from collections.abc import Mapping

from fastapi import Request

from services.chassis.audit import Reading, note_looks
from services.chassis.http import count_identities, write_looks
from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.registers.engine import HandIn, Result

log = get_logger(__name__)


async def note_reading(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    form: str,
    looked: Mapping[str, int],
    purpose: str,
) -> None:
    """Count the people whose identity the answer depends on, and write down whose they are; 403 where they are too many.

    ``purpose`` says in the log what kind of request it was; the stated purpose is with the looks.
    """
    if not looked:
        return
    people = sum(looked.values())
    request.state.identities = getattr(request.state, "identities", 0) + people  # for the audit of reads
    await count_identities(request, session, caller, people)
    await write_looks(request, session, caller, form, looked)
    log.info(
        "identity read",
        form=form,
        subject=caller.subject,
        unit=caller.unit,
        of_unit=",".join(sorted(looked)),
        records=people,
        purpose=purpose,
    )


async def note_confirmed(
    session: AsyncSession, platform: Platform, caller: Principal, batch: HandIn, result: Result
) -> None:
    """Write down whom rows for other units named rightly without changing anything; outside HTTP no purpose is stated."""
    if result.confirmed:
        reading = Reading(batch.form, "", batch.correlation_id, platform.clock())
        ids = [platform.new_id() for _ in result.confirmed]
        await note_looks(session, caller, result.confirmed, reading, ids)
