"""The result of a data query before it is written in a format: observations, each with area, time and record time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from services.reporting.dissemination.windows import Window

Value = int | float | Decimal | None
Action = Literal["information", "replace", "delete"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One value. ``dimension``/``row`` name the row of a breakdown (None: the total of the area), ``across``/``column`` the column
    of a table of two dimensions that are not places: a cell of an area's row is about that area, as its row is.

    ``area`` is the uid of the area that the value is about. ``value`` None = there is none, or, where ``suppressed``,
    it is withheld. ``valid_from``/``valid_to``: when (record time) the value stood, only where history was asked.
    """

    figure: str
    unit: str
    area: str
    dimension: str | None
    row: str | None
    window: Window
    is_flow: bool
    value: Value
    numerator: Value = None
    denominator: Value = None
    suppressed: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    action: Action = "information"
    across: str | None = None
    column: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Return what identifies the observation among those known at the same instant."""
        return (
            self.figure,
            self.area,
            self.dimension or "",
            self.row or "",
            self.across or "",
            self.column or "",
            self.window.calendar,
            self.window.code,
        )

    @property
    def categories(self) -> tuple[tuple[str, str], ...]:
        """Return the dimensions with their values: none for a total, one for a breakdown, two for a cell of a table."""
        named = ((self.dimension, self.row), (self.across, self.column))
        return tuple((dimension, row or "") for dimension, row in named if dimension is not None)

    @property
    def time_period(self) -> str:
        """Return SDMX's TIME_PERIOD: the code of the period, or the day of a stock that was asked for a day."""
        return self.window.code.replace("-H", "-S")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A page of observations. ``following`` is the cursor of the next page, None on the last.

    ``known_at``: the instant asked, else the latest record time that the values rest on. It and ``watermark`` are
    empty for values that were all released at their own times.
    """

    prepared: datetime
    known_at: datetime | None
    watermark: str
    observations: tuple[Observation, ...]
    following: str | None = None


def number(value: Value) -> Any:
    """Return the value as JSON has it; decimals that are whole become whole numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
