"""What cells add up: one series per figure, derived from the figure's own definition.

A series is a set of *contributions*: stays (a state from a day until a day) or events (on a day). A condition on the
day asked is turned into a day here. Example: an entry of the register counts as "user with a decision" on days from the
decision on, so its stay begins on the day of the decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reference import CONFLICT_STATUS
from services.reporting.figures.definitions import DEFINITIONS, Definition

Kind = Literal["stay", "event", "leaving", "arriving"]


@dataclass(frozen=True, slots=True)
class Series:
    """How the contributions of a figure are derived from rows, and how a question counts them.

    ``kind``: *stay* counts the contributions that contain the day asked; *event* adds up those on the days of the period;
    *leaving* are events that no longer count from their ``until`` on; *arriving* are events that count only from then on.
    ``personal``: overlapping or repeated contributions of one human being count once. ``where``, ``since``, ``until`` and
    ``amount`` are SQL expressions over the row ``s``.
    """

    number: int
    code: str
    definition: Definition
    kind: Kind
    where: str
    since: str
    until: str
    amount: str

    @property
    def personal(self) -> bool:
        """Return whether distinct human beings are counted."""
        return self.definition.count == "person"

    @property
    def events_weight(self) -> int:
        """Return how often a contribution itself counts in a period that holds its day."""
        return 0 if self.kind == "arriving" else 1

    @property
    def pairs_weight(self) -> int:
        """Return how often a pair of days counts in a period that holds both: -1 takes off what counts twice or has ended."""
        if self.kind == "event":
            # Records and amounts count as often as they occur; only a human being counts once.
            return -1 if self.personal else 0
        return {"stay": 0, "leaving": -1, "arriving": 1}[self.kind]

    @property
    def by_facility(self) -> bool:
        """Return whether the area is that of the facility on the day of the event."""
        return self.definition.area == "facility"


_DETECTED = "s.occurred_on"
_PROSECUTED = "(s.attrs->>'prosecuted_on')::date"
_FINED = "(s.attrs->>'administrative_on')::date"
_STATUS_ON = "coalesce((s.attrs->>'status_on')::date, s.occurred_on)"
# Figures whose condition names the day asked: what counts, from when (or as which kind), until when.
_FROM_A_DAY: Mapping[str, tuple[str, str]] = {
    "registry.psychosis": ("true", "(s.attrs->>'psychosis_from')::date"),
    "registry.users_with_decision": ("s.code = 'user'", "(s.attrs->>'decided_on')::date"),
}
_UNTIL_A_DAY: Mapping[str, tuple[Kind, str, str]] = {
    "drug_cases.without_outcome": ("leaving", "true", f"least({_PROSECUTED}, {_FINED})"),
    "conflicts.status.in_progress": (
        "leaving",
        "true",
        f"CASE WHEN s.code <> 'in_progress' THEN {_STATUS_ON} END",
    ),
    **{
        f"conflicts.status.{status}": ("arriving", f"s.code = '{status}'", _STATUS_ON)
        for status in CONFLICT_STATUS
        if status != "in_progress"
    },
}


def _series(number: int, code: str, definition: Definition) -> Series | None:
    where = definition.where
    if definition.count == "facility":
        return None  # facilities are few rows however long the history, so they are counted from the rows
    if definition.source == "spell":
        since = "s.valid_from"
        if code in _FROM_A_DAY:
            where, begins = _FROM_A_DAY[code]
            where, since = f"{where} AND {begins} IS NOT NULL", f"greatest(s.valid_from, {begins})"
        made = Series(number, code, definition, "stay", where, since, "s.valid_to", "1")
    elif code in _UNTIL_A_DAY:
        kind, where, until = _UNTIL_A_DAY[code]
        made = Series(number, code, definition, kind, where, _DETECTED, until, "1")
    else:
        amount = definition.measure if definition.count == "sum" else "1"
        made = Series(number, code, definition, "event", where, _DETECTED, "NULL::date", amount)
    # A condition on the day asked that has no translation into days: such a figure is counted from the rows.
    asks_the_day = any("%(" in part for part in (made.where, made.since, made.until, made.amount))
    return None if asks_the_day else made


SERIES: dict[str, Series] = {
    code: made
    # A new figure changes the numbers behind it. They are in the fingerprint of the cells, which are then filled anew.
    for number, (code, definition) in enumerate(sorted(DEFINITIONS.items()), start=1)
    if (made := _series(number, code, definition)) is not None
}
