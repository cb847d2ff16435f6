"""What would become of the rows of a preview, and handing them in exactly as they were shown."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import Request

from contracts.forms import split_entry
from services.chassis.http import guards_met
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.security import Principal
from services.registers import store
from services.registers.engine import HandIn, Intake, Result
from services.registers.hand_in_request import hand_in_as, handed_in, refusals
from services.registers.plan import UNIT
from services.registers.previews.model import Content, Preview
from services.registers.previews.store import Previews


class ShownOtherwiseError(Exception):
    """Nothing was written: the rows would not become what the person was shown."""


async def judge(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, preview: Preview
) -> None:
    """Note in the preview what would become of its rows now; nothing is written.

    Raises:
        Problem: as `hand_in_as`.
    """
    batch = _batch(request, caller, preview, dry_run=True)
    result = await hand_in_as(request, caller, work, intake, batch) if batch.rows else None
    preview.content.take_in(result)


async def confirm(
    request: Request,
    caller: Principal,
    work: UnitOfWork,
    intake: Intake,
    previews: Previews,
    preview_id: UUID,
    version: int,
    now: datetime,
) -> Preview | None:
    """Hand the rows in, in one transaction with the note that this was done; a second time nothing is written.

    None where the caller has no such preview.

    Raises:
        ShownOtherwiseError: the preview has another version, or a record has changed since; the preview is as it was.
        Problem: as `hand_in_as`.
    """
    async with work() as session:
        preview = await previews.read(session, preview_id, caller, now, lock=True)
        if preview is None or preview.confirmed_at is not None:
            return preview
        if preview.version != version:
            raise ShownOtherwiseError
        trial = _batch(request, caller, preview, dry_run=True)
        if trial.rows:
            with refusals(request, caller, trial):
                preview.content.take_in(
                    await _as_shown(request, session, caller, intake, preview.content, trial)
                )
        preview.confirmed_at = now
        await previews.put(session, preview, now)
        return preview


async def _as_shown(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    intake: Intake,
    content: Content,
    trial: HandIn,
) -> Result:
    # Before they are judged once more: what is found the same must stay so until it is written.
    await store.lock(session, trial.form, await _units(session, caller, intake, content))
    if content.differs_from(await intake.hand_in(session, trial, caller)):
        raise ShownOtherwiseError
    batch = content.batch(trial.form, trial.correlation_id, trial.met, dry_run=False)
    return await handed_in(request, session, caller, intake, batch)


async def _units(session: AsyncSession, caller: Principal, intake: Intake, content: Content) -> Sequence[str]:
    rights = await intake.rights(session, caller)
    named = {split_entry(str(row.values.get(UNIT) or caller.unit))[0] for row in content.handed_in()}
    return sorted({rights.unit_of(code)[0] for code in named})


def _batch(request: Request, caller: Principal, preview: Preview, *, dry_run: bool) -> HandIn:
    met = sorted(guards_met(request, caller))
    return preview.content.batch(preview.form, str(preview.preview_id), met, dry_run=dry_run)
