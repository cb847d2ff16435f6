"""Events of `reporting`: what an agency declared."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import AreaUid, Code, Number, Voided


class Declaration(Snapshot):
    """A number that an agency declares for an area: on a day (``as_of``) or over a period (both days inclusive)."""

    form: Literal["declared"] = "declared"
    agency: Literal["health", "police", "labour", "committee"]
    figure: Code
    area: AreaUid
    as_of: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    value: Number
    declared_on: date | None = None
    source: Annotated[str, Field(max_length=500)] | None = None


class DeclarationEvent(Envelope):
    type: Literal["reporting.figure.declared.v1", "reporting.figure.corrected.v1"]
    data: Declaration


class DeclarationVoided(Envelope):
    type: Literal["reporting.figure.voided.v1"]
    data: Voided


DeclarationsTopic = Annotated[DeclarationEvent | DeclarationVoided, Field(discriminator="type")]
