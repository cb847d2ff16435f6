"""``/<service>/forms/{form}/fill``: a form drawn again as it is typed, filled in from a card, with what its day offers."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.chassis.http import Work, judges_cells
from services.chassis.web import ErrorSummary, FieldFault, SentForm, answer, read_form
from services.registers.pages.card import CARD, CardError, read_card, takes_card
from services.registers.pages.cells import typed_in
from services.registers.pages.drawing import new_page
from services.registers.pages.frame import Desk, request_id
from services.registers.pages.models import EntryPage
from services.registers.pages.offering import offers_of
from services.registers.register import Register
from texts import message


def add_filling(router: APIRouter, desk: Desk) -> None:
    """Add the route."""

    @router.post("/forms/{form}/fill", operation_id="page_fill_form")
    @judges_cells("*")
    async def fill(form: str, request: Request, work: Work) -> Response:
        return await filled_again(desk, desk.register(form), request, work, await read_form(request))


def scanned(sent: SentForm) -> str:
    """Return the line of a card that was scanned into a form; a blank text where none was."""
    return sent.one(CARD).strip()


async def filled_again(
    desk: Desk, register: Register, request: Request, work: Work, sent: SentForm
) -> Response:
    """Return the form as it is typed, with what a scanned card says in its cells; nothing is saved, the line is not given back."""
    form, line = register.form, scanned(sent)
    typed, read, fault = typed_in(form, sent), None, None
    if line and takes_card(form):
        try:
            read = read_card(form, line)
            typed |= read.cells
        except CardError as wrong:
            fault = wrong.text
    async with work() as session:
        offers = await offers_of(desk, session, form, typed)
    page = new_page(desk, register, typed, (), offers)
    if fault is not None:
        page |= {"errors": ErrorSummary(faults=(FieldFault(field=CARD, text=fault),))}
    told = "" if read is None else message("page.card.read", address=read.address or "–")
    again = EntryPage(**page, request_id=request_id(desk, sent), card_read=told)
    return answer(request, again, 200 if fault is None else 422)
