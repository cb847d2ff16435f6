"""Cells that people type into forms of the room, read as the cells of a hand-in are."""

from datetime import date

from contracts.forms import FORMS
from services.chassis.problems import Fault
from services.registers import CellError, parse, spelt_out

_DAY = FORMS["declared"].by_id["declared_on"]


def typed_day(name: str, text: str) -> date | Fault:
    """Return the day that was typed in the field, as ``05/11/2023``, ``05112023`` or ``2023-11-05``; or what is wrong with it."""
    try:
        found: date = parse(_DAY, spelt_out(_DAY, text).strip())
    except CellError as error:
        return Fault.of(name, text, error.rule, **error.parts)
    return found
