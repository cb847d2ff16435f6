"""A form as it is drawn: its inputs with what was typed, what is wrong, and what its day offers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.registers.offers import Offers
from services.registers.pages import fields
from services.registers.pages.card import takes_card
from services.registers.pages.cells import input_name
from services.registers.pages.frame import Desk
from services.registers.pages.models import EntryField
from services.registers.pages.offering import day_of
from services.registers.register import Register
from services.registers.row import CellFault
from texts import message


def new_page(
    desk: Desk, register: Register, typed: Mapping[str, str], faults: Sequence[CellFault], offers: Offers
) -> dict[str, Any]:
    """Return what the page of a new record shows, but for what became of it and its drafts."""
    form, today = register.form, desk.intake.today
    book = fields.book_fields(form, typed, faults, today)
    drawn = fields.record_fields(form, typed, faults, offers, day_of(form, typed, today))
    refilled = fields.redated(form)
    return {
        **desk.head(message("page.desk.new"), desk.of_form(register)),
        "action": desk.form_address(form.name, "new"),
        "draft_action": desk.form_address(form.name, "draft"),
        "fields": tuple(_asking(each, frozenset(map(input_name, form.dated_by))) for each in drawn),
        "book": book,
        "book_open": any(each.value or each.fault for each in book),
        "errors": fields.errors_of(form, faults),
        "fill_action": desk.form_address(form.name, "fill"),
        "refilled": ",".join(f"#{name}-choices" for name in refilled),
        "takes_card": takes_card(form),
    }


def _asking(drawn: EntryField, days: frozenset[str]) -> EntryField:
    return replace(drawn, asks_again=drawn.name in days)
