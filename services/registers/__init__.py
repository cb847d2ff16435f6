"""The register engine that all forms share: rows as clerks write them → records, history, events.

A service declares a `Register` per form; HTTP (`intake.http`) and Kafka (`chassis.submissions`) hand rows in
through the one `Intake.hand_in`.
"""

from services.registers.engine import (
    HandIn,
    Intake,
    Outcome,
    Result,
    UnitRefusedError,
    UnknownFormError,
)
from services.registers.register import Change, Milestone, Register, Subject, collect
from services.registers.row import Fault, RawRow, Row

__all__ = [
    "Change",
    "Fault",
    "HandIn",
    "Intake",
    "Milestone",
    "Outcome",
    "RawRow",
    "Register",
    "Result",
    "Row",
    "Subject",
    "UnitRefusedError",
    "UnknownFormError",
    "collect",
]
