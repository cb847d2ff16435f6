"""Events of `reporting` for those who follow a figure: its value is another one now."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import Envelope, Snapshot
from contracts.events.common import AreaUid, Code, Number


class FigureChange(Snapshot):
    """One value of a followed figure, before and after.

    ``row`` is the row of the breakdown ``by`` (None: the total); where it is an area's, ``place`` is the area's uid, since
    codes were given to other areas in 2025. A value is None where the figure has none (a ratio without its
    denominator) or the row did not exist. ``known_at`` is the latest record time that the new value rests on.
    """

    figure: Code
    area: AreaUid
    as_of: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    by: Annotated[str, Field(max_length=40)] | None = None
    row: Annotated[str, Field(max_length=200)] | None = None
    place: AreaUid | None = None
    old: Number | None = None
    new: Number | None = None
    known_at: AwareDatetime | None = None
    watermark: Annotated[str, Field(max_length=120)]


class FigureChanged(Envelope):
    """``subject`` is the follow that asked for it; ``sequence`` counts what it was told."""

    type: Literal["reporting.figure.changed.v1"]
    data: FigureChange


FiguresTopic = FigureChanged
