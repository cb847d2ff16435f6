"""The register engine that all forms share: rows as clerks write them → records, history, events.

A service declares a `Register` per form; HTTP (`intake.http`) and Kafka (`chassis.submissions`) hand rows in
through the one `Intake.hand_in`.
"""

from services.registers import linkage_epochs, reading
from services.registers.blind_index import Terms, folded, year_of
from services.registers.cell_error import CellError
from services.registers.cells import allowed_codes, parse, shown
from services.registers.checks import read
from services.registers.duties import Begun, DutyBook, Fact
from services.registers.engine import HandIn, Intake, Result, UnitRefusedError, UnknownFormError, apply_rules
from services.registers.noting import note_reading
from services.registers.numbering import Numbering, every_number, find_years
from services.registers.offers import Offer, Offering, Offers
from services.registers.plan import plan_of
from services.registers.record_http import RecordSummary
from services.registers.record_keys import SEPARATOR, folded_number, has_whole_key, key_of, key_text
from services.registers.record_view import View, summary
from services.registers.register import (
    Aim,
    Dated,
    Milestone,
    Prepare,
    Register,
    Subject,
    by_dates,
    collect,
)
from services.registers.renewing import TokensLeftError
from services.registers.requests import parse_json, rows_of, rows_schema
from services.registers.retyping import spelt_out
from services.registers.rights import Rights
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from services.registers.sight import Sight, minors_among
from services.registers.store import at_addresses, contents_of_persons
from services.registers.units import UnitEntry

__all__ = [
    "SEPARATOR",
    "Aim",
    "Begun",
    "CellError",
    "CellFault",
    "Dated",
    "DutyBook",
    "Fact",
    "HandIn",
    "Intake",
    "Milestone",
    "Numbering",
    "Offer",
    "Offering",
    "Offers",
    "Prepare",
    "RawRow",
    "RecordSummary",
    "Register",
    "Result",
    "Rights",
    "Row",
    "Sight",
    "Subject",
    "Terms",
    "TokensLeftError",
    "UnitEntry",
    "UnitRefusedError",
    "UnknownFormError",
    "Vault",
    "View",
    "allowed_codes",
    "apply_rules",
    "at_addresses",
    "by_dates",
    "collect",
    "contents_of_persons",
    "every_number",
    "find_years",
    "folded",
    "folded_number",
    "has_whole_key",
    "key_of",
    "key_text",
    "linkage_epochs",
    "minors_among",
    "note_reading",
    "parse",
    "parse_json",
    "plan_of",
    "read",
    "reading",
    "rows_of",
    "rows_schema",
    "shown",
    "spelt_out",
    "summary",
    "year_of",
]
