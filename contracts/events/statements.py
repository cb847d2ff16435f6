"""Statements of units about their registers: all of a period is handed in, or nothing happened in it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import Code, Voided

Said = Literal["complete", "nil"]
STATEMENTS = "statements"
"""The ``form`` of statements among the records that are folded: they are no register of their own."""


class HandInStatement(Snapshot):
    """What a unit says of one of its registers for one period of a calendar.

    ``complete``: the unit has handed in everything of the period ("tháng này chúng tôi đã nộp đủ"). ``nil``: nothing
    happened in it ("tháng này không phát sinh"). ``first`` and ``last`` are the period's days, both in it;
    ``stated_form`` is the register's form. ``written_on`` is the day on which the unit says that it wrote it down; what is
    known when, and what is late, follows from the event's ``recordedtime``, when it was received. The event's ``unit`` is whose register it is; no person is named.
    """

    form: Literal["statements"] = "statements"
    stated_form: Code
    calendar: Code
    period: Code
    first: date
    last: date
    says: Said
    written_on: date | None = None


class RegistryStatementMade(Envelope):
    """A unit stated, or stated otherwise, what it has handed in to `registry`."""

    type: Literal["registry.statement.made.v1"]
    data: HandInStatement


class RegistryStatementWithdrawn(Envelope):
    """The statement is withdrawn, as if it had never been made."""

    type: Literal["registry.statement.withdrawn.v1"]
    data: Voided


class TreatmentStatementMade(Envelope):
    """A unit stated, or stated otherwise, what it has handed in to `treatment`."""

    type: Literal["treatment.statement.made.v1"]
    data: HandInStatement


class TreatmentStatementWithdrawn(Envelope):
    """The statement is withdrawn, as if it had never been made."""

    type: Literal["treatment.statement.withdrawn.v1"]
    data: Voided


class IncidentsStatementMade(Envelope):
    """A unit stated, or stated otherwise, what it has handed in to `incidents`."""

    type: Literal["incidents.statement.made.v1"]
    data: HandInStatement


class IncidentsStatementWithdrawn(Envelope):
    """The statement is withdrawn, as if it had never been made."""

    type: Literal["incidents.statement.withdrawn.v1"]
    data: Voided


RegistryStatementsTopic = Annotated[
    RegistryStatementMade | RegistryStatementWithdrawn, Field(discriminator="type")
]
TreatmentStatementsTopic = Annotated[
    TreatmentStatementMade | TreatmentStatementWithdrawn, Field(discriminator="type")
]
IncidentsStatementsTopic = Annotated[
    IncidentsStatementMade | IncidentsStatementWithdrawn, Field(discriminator="type")
]
