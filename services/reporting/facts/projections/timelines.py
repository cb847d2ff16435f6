"""Timelines: a row ends where the next row of the same group begins.

A group is: the register rows of one person reference, or the rows of one facility code, one clinician number, one place
of one unit, or one commune in one classification scheme. Which row ends which other one changes with record time, so the
ends are computed once for each interval of record time in which the same versions are in force.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.reporting.facts.projections.ages import Age
from services.reporting.facts.projections.model import OPEN_END, Spell, Version, id_text
from services.reporting.facts.projections.records import attributes

Stretch = tuple[Version, date, date]
"""A version, and the interval of valid time [start, end) of the state that it records."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a form's rows form timelines: which one a row belongs to, when rows end, and what spell each makes."""

    group: Callable[[Any, str], str]
    ends: Callable[[Sequence[Version]], list[Stretch]]
    spell: Callable[[Version, Age, date, date], Spell]


def register_ends(rows: Sequence[Version]) -> list[Stretch]:
    """Return the statuses of one person, each with its interval of valid time [start, end).

    A status ends at the next status of the person, at ``status_to``, or at a removal from the list, whichever is first.
    A removal ends every row that began before it, no matter which row records the removal. A row that begins on the day of
    the removal or later enters the person again.
    """
    # Compared by day and not by row: two rows that begin on one day must not end each other.
    starts = sorted({row.data.status_from for row in rows})
    removals = sorted({row.data.removed_on for row in rows if row.data.removed_on is not None})
    found = []
    for row in rows:
        start = row.data.status_from
        end = min(
            _after(starts, start),
            _after(removals, start),
            row.data.removed_on or OPEN_END,
            row.data.status_to or OPEN_END,
        )
        if end > start:
            found.append((row, start, end))
    return found


def validity_ends(rows: Sequence[Version]) -> list[Stretch]:
    """Return the rows of a group, each with its interval: it ends at ``valid_to`` or at the next row, whichever is first."""
    starts = sorted({row.data.valid_from for row in rows})
    found = []
    for row in rows:
        start = row.data.valid_from
        end = min(_after(starts, start), row.data.valid_to or OPEN_END)
        if end > start:
            found.append((row, start, end))
    return found


def _after(days: Sequence[date], day: date) -> date:
    # Strictly after the day: what begins on the same day does not end this row.
    at = bisect_right(days, day)
    return days[at] if at < len(days) else OPEN_END


def _status(version: Version, age: Age, start: date, end: date) -> Spell:
    row = version.data
    # The figure on users with a decision reads this date, so a date without a decision is left out.
    decided = row.decision_date if row.has_decision else None
    attrs = attributes(
        decided_on=decided,
        has_decision=row.has_decision,
        psychosis_from=(row.psychosis_from or row.status_from) if row.psychosis else None,
        removed_on=row.removed_on,
        removal_reason=row.removal_reason,
        leap_day=age.leap_day,
    )
    about = (id_text(row.person.ref), row.commune, None, version.unit, row.person.sex, age.thirtieth)
    return Spell("status", row.status, *about, attrs, start, end)


def _facility(version: Version, _age: Age, start: date, end: date) -> Spell:
    row = version.data
    attrs = attributes(level=row.level, does=sorted(set(row.does)) or None, name=row.name)
    return Spell("facility", "", None, row.commune, row.facility, version.unit, None, None, attrs, start, end)


def _clinician(version: Version, _age: Age, start: date, end: date) -> Spell:
    row = version.data
    attrs = attributes(basis=row.basis)
    return Spell(
        "clinician", row.clinician, None, None, row.facility, version.unit, None, None, attrs, start, end
    )


def _place(version: Version, _age: Age, start: date, end: date) -> Spell:
    row = version.data
    attrs = attributes(at_risk=row.at_risk, place=row.place)
    return Spell("place", row.kind, None, row.commune, None, version.unit, None, None, attrs, start, end)


def _area_class(version: Version, _age: Age, start: date, end: date) -> Spell:
    row = version.data
    kind = f"class_{row.scheme}"
    return Spell(kind, row.area_class, None, row.commune, None, version.unit, None, None, None, start, end)


TIMELINES: dict[str, Timeline] = {
    "registry": Timeline(lambda row, _unit: f"registry:{id_text(row.person.ref)}", register_ends, _status),
    "facilities": Timeline(lambda row, _unit: f"facilities:{row.facility}", validity_ends, _facility),
    "clinicians": Timeline(lambda row, _unit: f"clinicians:{row.clinician}", validity_ends, _clinician),
    "places": Timeline(lambda row, unit: f"places:{unit} {row.place}", validity_ends, _place),
    "area_classes": Timeline(
        lambda row, _unit: f"area_classes:{row.commune} {row.scheme}", validity_ends, _area_class
    ),
}


def breakpoints(known: Sequence[tuple[Version, datetime, datetime]]) -> list[datetime]:
    """Return the instants of record time at which the set of versions in force changes."""
    return sorted({instant for _, start, end in known for instant in (start, end)})
