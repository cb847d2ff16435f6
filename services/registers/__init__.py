"""The register engine that all forms share: rows as clerks write them → records, history, events.

A service declares a `Register` per form; HTTP (`intake.http`) and Kafka (`chassis.submissions`) hand rows in
through the one `Intake.hand_in`.
"""

from services.registers import linkage_epochs, reading
from services.registers.cell_error import CellError
from services.registers.cells import allowed_codes, parse, shown
from services.registers.checks import read
from services.registers.engine import HandIn, Intake, Result, UnitRefusedError, UnknownFormError, apply_rules
from services.registers.numbering import Numbering, every_number, find_years
from services.registers.plan import plan_of
from services.registers.record_keys import SEPARATOR, folded_number, has_whole_key, key_of, key_text
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
from services.registers.rights import Rights
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from services.registers.store import contents_of_persons
from services.registers.units import UnitEntry

__all__ = [
    "SEPARATOR",
    "Aim",
    "CellError",
    "CellFault",
    "Dated",
    "HandIn",
    "Intake",
    "Milestone",
    "Numbering",
    "Prepare",
    "RawRow",
    "Register",
    "Result",
    "Rights",
    "Row",
    "Subject",
    "TokensLeftError",
    "UnitEntry",
    "UnitRefusedError",
    "UnknownFormError",
    "Vault",
    "allowed_codes",
    "apply_rules",
    "by_dates",
    "collect",
    "contents_of_persons",
    "every_number",
    "find_years",
    "folded_number",
    "has_whole_key",
    "key_of",
    "key_text",
    "linkage_epochs",
    "parse",
    "parse_json",
    "plan_of",
    "read",
    "reading",
    "rows_of",
    "rows_schema",
    "shown",
]
