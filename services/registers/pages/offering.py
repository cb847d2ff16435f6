"""What a form's page offers on the day that is typed into it, and names taken for the codes that they mean."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from fastapi import Request

from contracts.envelope import VIETNAM
from contracts.forms import Form
from services.chassis.http import Caller, Work
from services.chassis.persistence import AsyncSession
from services.registers import cells
from services.registers.cell_error import CellError
from services.registers.engine import HandIn, Result
from services.registers.hand_in_request import hand_in_as
from services.registers.offers import Offers, taken_by_name
from services.registers.pages.frame import Desk


def day_of(form: Form, typed: Mapping[str, str], today: date) -> date:
    """Return the record's own day as it is typed so far; today where it is not, or is no day."""
    name = next((name for name in form.dated_by if typed.get(name, "").strip()), None)
    if name is None:
        return today
    try:
        said = cells.parse(form.by_id[name], typed[name].strip())
    except CellError:
        return today
    if isinstance(said, datetime):
        return said.astimezone(VIETNAM).date()
    return said if isinstance(said, date) else today


async def offers_of(desk: Desk, session: AsyncSession, form: Form, typed: Mapping[str, str]) -> Offers:
    """Return what the service lists for the form's columns on the day that is typed."""
    return {} if desk.offering is None else await desk.offering(session, form, _day(desk, form, typed))


async def hand_in_typed(
    desk: Desk, request: Request, caller: Caller, work: Work, batch: HandIn, typed: Mapping[str, str]
) -> Result:
    """Hand in the one row of a page, with codes in the place of names; nothing is written where a name is not clear.

    ``typed`` is all that the page says, of which the row may have a part.
    """
    form = desk.intake.registers[batch.form].form
    (row,) = batch.rows
    async with work() as session:
        offers = await offers_of(desk, session, form, typed)
    named, unclear = taken_by_name(row.values, offers, _day(desk, form, typed))
    given = replace(batch, rows=[replace(row, values=named)], dry_run=bool(unclear))
    result = await hand_in_as(request, caller, work, desk.intake, given)
    told = {fault.field for fault in unclear}
    # What the engine says of a name that it took for a code would only be said twice.
    faults = [*unclear, *(fault for fault in result.faults if fault.field not in told)]
    return replace(result, faults=faults)


def _day(desk: Desk, form: Form, typed: Mapping[str, str]) -> date:
    return day_of(form, typed, desk.intake.today)
