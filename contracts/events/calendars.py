"""Events of `reporting` about calendars: days that became days off or days worked while the system runs."""

from datetime import date
from typing import Literal

from contracts.envelope import Envelope, Snapshot


class DaysOffChange(Snapshot):
    """Days from ``first`` to ``last``, both in it: days off, days worked, or what the nation's file says of them again."""

    kind: Literal["off", "worked", "listed"]
    first: date
    last: date


class DaysOffChanged(Envelope):
    """Two administrators changed days off. ``sequence`` counts the changes: of a day the last one counts. Nobody is named."""

    type: Literal["reporting.days_off.changed.v1"]
    data: DaysOffChange


CalendarsTopic = DaysOffChanged
