"""The members of a figure: the single rows that `evaluate` counts, each with its record."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from services.reporting.facts import Connection, fetch
from services.reporting.figures.definitions import DEFINITIONS, Definition
from services.reporting.figures.evaluate import listing
from services.reporting.figures.scope import Number, Scope


class Member(NamedTuple):
    """A spell or fact that a figure counts.

    ``who`` is the human being (None where the figure counts no persons); members with the same ``who`` count once. ``row``
    is the row of the breakdown, None where none was asked. [``since``, ``until``) is the interval of a state; for an event
    ``since`` is its day and ``until`` is None. ``amount`` is 1, except for figures that add up amounts.
    """

    record_id: UUID
    kind: str
    code: str
    person_ref: UUID | None
    who: UUID | None
    area: str | None
    row: str | None
    facility: str | None
    unit: str
    since: date
    until: date | None
    known_from: datetime
    amount: Number | None


def has_members(code: str) -> bool:
    """Return whether a figure counts rows; ratios, targets and figures about communes do not."""
    return code in DEFINITIONS


async def members(connection: Connection, code: str, scope: Scope) -> list[Member]:
    """Return every row that a figure counts.

    Raises:
        KeyError: the figure counts no rows (see ``has_members``).
    """
    return await rows_of(connection, DEFINITIONS[code], scope)


async def rows_of(connection: Connection, definition: Definition, scope: Scope) -> list[Member]:
    """Return every row that a definition counts; the definition need not be that of a figure."""
    return [Member(*row) for row in await fetch(connection, listing(definition, scope))]


def total(code: str, found: list[Member]) -> Number:
    """Return the figure's value from its members."""
    count = DEFINITIONS[code].count
    if count == "person":
        return len({member.who for member in found})
    if count == "facility":
        return len({member.facility for member in found})
    if count == "sum":
        return sum((member.amount or 0 for member in found), Decimal())
    # One record may make facts of several kinds, and each of them counts.
    return len({(member.record_id, member.kind) for member in found})
