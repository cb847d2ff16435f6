"""Where, when and by whose knowledge a figure is computed: the scope of a statement and the values it binds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.reporting.facts import FOREVER, OPEN_END
from services.reporting.figures.definitions import Definition
from services.reporting.figures.territories import AREA_DIMENSIONS, UNKNOWN, Territory, territory

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Scope:
    """Area, time, knowledge and breakdown of one computation.

    - ``uid``: the area (xã, huyện, tỉnh), in the hierarchy of the day ``geography``, None = of ``day``.
    - ``day``: the day asked, or the last day of the period that begins on ``first`` (None for a state on a day).
    - ``known_at``: the instant of record time whose knowledge counts, None = what is known now.
    - ``by``: the dimension of the breakdown, None = the total alone; ``by_facility``: a person's row belongs to the
      area of the facility instead of the residence; ``across``: a second dimension, that of the columns of a table.
    """

    uid: str
    day: date
    first: date | None
    known_at: datetime | None
    by: str | None = None
    by_facility: bool = False
    geography: date | None = None
    across: str | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return the dimensions of the breakdown: none, that of the rows, or those of rows and columns."""
        return tuple(name for name in (self.by, self.across) if name is not None)

    @property
    def hierarchy(self) -> date:
        """Return the day whose areas count."""
        return self.geography or self.day

    def territory(self) -> Territory:
        """Return the area in its hierarchy, split where the question asks for a split by area."""
        split = next((name for name in self.dimensions if name in AREA_DIMENSIONS), None)
        return territory(self.uid, self.hierarchy, split, self.day)


@dataclass(frozen=True, slots=True)
class Result:
    """A computed figure. ``rows`` is None where no breakdown was asked; a value is None where there is none.

    Of a table of two dimensions ``rows`` and ``columns`` are its margins, each what the breakdown by that dimension alone
    would be, and ``cells`` has the number of every row and column, zeros included.

    ``unplaced`` (only for figures that count communes): uids of communes of another hierarchy that have the property and
    do not correspond to one commune of the hierarchy asked about.
    """

    value: Number | None
    rows: dict[str, Number | None] | None = None
    unplaced: tuple[str, ...] = ()
    columns: dict[str, Number | None] | None = None
    cells: dict[tuple[str, str], Number | None] | None = None


def known(alias: str, scope: Scope) -> str:
    """Return the condition that the row ``alias`` was known at the instant asked.

    Rows carry the interval of record time [known_from, known_to) in which they were believed. A row that was recorded
    on 3 May and corrected on 8 June has [3 May, 8 June): asked as known on 1 June it counts, as known now it does not.
    """
    # Rows that are still believed end at `FOREVER`, so one comparison is enough.
    if scope.known_at is None:
        return f"{alias}.known_to = %(forever)s"
    return f"{alias}.known_from <= %(known)s AND {alias}.known_to > %(known)s"


def parameters(scope: Scope) -> dict[str, Any]:
    """Return the values of time and knowledge."""
    return {"day": scope.day, "first": scope.first, "known": scope.known_at, "forever": FOREVER}


def row_parameters(definition: Definition, scope: Scope) -> dict[str, Any]:
    """Return the values of a statement about a definition's rows."""
    return (
        parameters(scope)
        | land_parameters(scope)
        | {"kinds": list(definition.kinds), "presence": definition.present}
    )


def land_parameters(scope: Scope) -> dict[str, Any]:
    """Return the values of a statement about rows of an area: its communes, and who is attributed by address."""
    land = scope.territory()
    moved = land.attributions
    return {
        "uids": list(land.row_of),
        "parts": list(land.row_of.values()),
        "divided": list({pair.split_area for pair in moved}),
        "split_areas": [pair.split_area for pair in moved],
        "successors": [pair.successor for pair in moved],
        "successor_parts": [pair.row for pair in moved],
        "successor_inside": [pair.inside for pair in moved],
        "successor_until": [OPEN_END if pair.later else scope.day for pair in moved],
        "whole": land.whole,
        "unknown": UNKNOWN,
    }
