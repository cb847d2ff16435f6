"""What records say of a person as days on which something happened, and when each of them was believed. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.registry.index.domain.knowledge import Interval, joined, known_when

Said = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that happened to a person: the column of a form that dates it, and what else the record says of it.

    ``day`` is an ISO date, None where the reader learns that it is so and not since when.

    Example: ``Milestone("determination", "concluded_on", "2023-02-20", (("conclusion", "addicted"),))``.
    """

    form: str
    column: str
    day: str | None
    said: Said = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """One version of a record: from which instant its unit stated it, and the milestones in it, none where it is withdrawn."""

    sequence: int
    recorded_at: datetime
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Belief:
    """A milestone, and the instants of record time from which and until which it was stated; None: it still is."""

    milestone: Milestone
    known_from: datetime
    known_until: datetime | None

    def at(self, instant: datetime) -> bool:
        """Return whether it was stated at the instant."""
        return Interval(self.known_from, self.known_until).covers(instant)


@dataclass(frozen=True, slots=True)
class Entry:
    """A belief and whose it is; ``unit`` and ``record`` are None of another agency's record, of which the reader learns by the table."""

    belief: Belief
    unit: str | None
    record: UUID | None


def beliefs(versions: Iterable[Stated]) -> list[Belief]:
    """Return when each milestone of one record was believed.

    `contracts.record_time` says when which version counts. What one version after the other states is one belief; what
    comes back after it was gone is a second one.

    Example: versions of 1 March (A), 5 March (A, B) and 9 March (B): A from 1 to 9 March, B from 5 March on.
    """
    known: dict[Milestone, list[Interval]] = defaultdict(list)
    for version, interval in known_when(sorted(versions, key=lambda each: each.sequence)):
        for milestone in version.milestones:
            known[milestone].append(interval)
    found = [
        Belief(milestone, each.known_from, each.known_until)
        for milestone, intervals in known.items()
        for each in joined(intervals)
    ]
    return sorted(found, key=lambda each: each.known_from)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries by the day on which they happened, those without a day last; of one day as they became known."""

    def place(entry: Entry) -> tuple[str, datetime, str, str]:
        milestone = entry.belief.milestone
        return milestone.day or "9999", entry.belief.known_from, milestone.form, milestone.column

    return sorted(entries, key=place)


def of_register_row(content: Mapping[str, Any]) -> tuple[Milestone, ...]:
    """Return the milestones in a row of the register of users and addicts, for who reads the row itself."""
    since = content.get("status_from")
    found = [
        ("status_from", since, ("status", "commune_code")),
        ("decision_date", content.get("decision_date"), ("decision_no",)),
        ("presence_from", content.get("presence_from") or since, ("presence",)),
        ("psychosis_from", content.get("psychosis_from") or since, ("psychosis",)),
        ("status_to", content.get("status_to"), ("status",)),
        ("removed_on", content.get("removed_on"), ("removal_reason",)),
    ]
    carried = {"presence_from": "presence", "psychosis_from": "psychosis"}
    return tuple(
        Milestone("registry", column, str(day), _said(content, names))
        for column, day, names in found
        if day and (column not in carried or content.get(carried[column]))
    )


def of_shared(form: str, shared: Mapping[str, Any]) -> tuple[Milestone, ...]:
    """Return the milestones in what a record tells other agencies (``sharing.csv``); a part of it may be left out."""
    return tuple(_SHARED[form](shared)) if form in _SHARED else ()


def _said(values: Mapping[str, Any], names: Sequence[str]) -> Said:
    return tuple((name, values[name]) for name in names if values.get(name) not in (None, ""))


def _methadone(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    if enrolled := shared.get("enrolled"):
        yield Milestone("methadone", "enrolled_on", enrolled)
    reason = (("end_reason", shared["reason_class"]),) if shared.get("reason_class") else ()
    if left := shared.get("left"):
        yield Milestone("methadone", "ended_on", left, reason)
    if transferred := shared.get("transferred"):
        yield Milestone("methadone", "ended_on", transferred, (("end_reason", "transferred"),))


def _determination(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    if shared:
        said = _said(shared, ("conclusion", "criteria_met"))
        yield Milestone("determination", "concluded_on", shared.get("day"), said)


def _detox(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    if admitted := shared.get("admitted"):
        yield Milestone("detox", "admitted_on", admitted)
    if stage := shared.get("stage"):
        # Of stages the last one is told, without its day.
        yield Milestone("detox", f"stage_{stage}_on", None)
    if ended := shared.get("ended"):
        reason = (("end_reason", shared["reason"]),) if shared.get("reason") else ()
        yield Milestone("detox", "ended_on", ended, reason)


def _post_detox(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    if duty := shared.get("post_detox_duty"):
        yield Milestone("post_detox", "from_on", duty.get("from"))
        yield Milestone("post_detox", "until_on", duty.get("until"))


def _registered(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    # Of a row that is not listed it is not told why: a planned end is no removal.
    if shared.get("listed"):
        yield Milestone("registry", "status_from", None, _said(shared, ("status",)))
    if decided := shared.get("decision_day"):
        yield Milestone("registry", "decision_date", decided)


def _arrest(shared: Mapping[str, Any]) -> Iterable[Milestone]:
    if arrested := shared.get("arrested"):
        yield Milestone("arrests", "arrested_on", arrested, _said(shared, ("outcome",)))


_SHARED = {
    "methadone": _methadone,
    "determination": _determination,
    "detox": _detox,
    "post_detox": _post_detox,
    "registry": _registered,
    "arrests": _arrest,
}
