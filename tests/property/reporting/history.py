"""A province's history whose truth is known: what was handed in when, and what that says at one instant of knowledge.

Nothing is worked out beforehand and nothing is shared with the projections.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from services.registers.person import age_band, leap_day
from tests.support.reporting import Log, named, person


class HandIn(NamedTuple):
    """What a record said from a moment on; ``row`` None = withdrawn."""

    at: datetime
    row: dict[str, Any] | None


@dataclass
class Record:
    """A record: the human being that it is about (None = nobody), and under which reference."""

    form: str
    key: str
    human: int | None
    ref: str
    said: list[HandIn] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(named(f"{self.form} police:288 {self.key}"))


class Link(NamedTuple):
    """A reference belongs to a token, as known from a moment until another."""

    ref: str
    token: str
    since: datetime
    until: datetime | None


@dataclass
class History:
    """All that was ever written."""

    records: list[Record]
    links: list[Link]
    births: dict[int, date]

    def log(self) -> Log:
        log = Log()
        for record in self.records:
            for at, row in record.said:
                if row is None:
                    log.write(record.form, record.key, void=True, recorded=at, occurred=_own_day(record))
                    continue
                given = {name: value for name, value in row.items() if name != "day"}
                if record.human is not None:
                    given["person"] = self._person(record, row)
                log.write(record.form, record.key, recorded=at, **given)
        for link in self.links:
            log.link(link.ref, link.token, known=link.since, until=link.until)
        return log

    def _person(self, record: Record, row: dict[str, Any]) -> Any:
        assert record.human is not None
        birth, on = self.births[record.human], row[OWN[record.form]]
        band, until = age_band(birth, on)
        sex = "male" if record.human % 2 else "female"
        said = person(record.ref, sex=sex, band=band, until=until, key=f"human {record.human}")
        return said.model_copy(update={"leap_day": leap_day(birth, on)})


OWN = {
    "registry": "status_from",
    "determination": "concluded_on",
    "methadone": "enrolled_on",
    "detox": "admitted_on",
    "arrests": "arrested_on",
    "drug_cases": "detected_on",
    "conflicts": "detected_on",
    "places": "valid_from",
    "facilities": "valid_from",
    "doses": "dosed_on",
    "area_classes": "valid_from",
    "fires": "day",
}
PERSONAL = ("registry", "determination", "methadone", "detox", "arrests")


def _own_day(record: Record) -> date:
    row = next(said.row for said in record.said if said.row is not None)
    found: date = row[OWN[record.form]]
    return found


class Known:
    """The history as known at one instant."""

    def __init__(self, history: History, at: datetime | None) -> None:
        self.history = history
        self.at = at
        self.rows: dict[str, list[tuple[Record, dict[str, Any]]]] = defaultdict(list)
        for record in history.records:
            said = [one for one in record.said if at is None or one.at <= at]
            if said and said[-1].row is not None:
                self.rows[record.form].append((record, said[-1].row))
        self._names = self._human_beings()

    def _human_beings(self) -> dict[str, str]:
        """Reference → one name for everybody joined by links that hold at the instant."""
        groups: dict[str, set[str]] = {}
        for link in self.history.links:
            ends = link.until or datetime.max.replace(tzinfo=UTC)
            if link.until is None if self.at is None else link.since <= self.at < ends:
                joined = groups.get(link.ref, {link.ref}) | groups.get(link.token, {link.token})
                for member in joined:
                    groups[member] = joined
        return {name: min(members) for name, members in groups.items()}

    def who(self, record: Record) -> str:
        return self._names.get(record.ref, record.ref)

    def addresses(self) -> Iterator[tuple[str, date, str]]:
        """Every statement of an address: who, from when, the commune."""
        for form in PERSONAL:
            for record, row in self.rows[form]:
                yield self.who(record), row[OWN[form]], row["commune"]

    def listed(self, day: date) -> Iterator[tuple[Record, dict[str, Any]]]:
        rows = self.rows["registry"]
        for record, row in rows:
            start, same = row["status_from"], [other for one, other in rows if one.ref == record.ref]
            over = (
                any(start < other["status_from"] <= day for other in same)
                or any(other.get("removed_on") and start < other["removed_on"] <= day for other in same)
                or any(row.get(end) and row[end] <= day for end in ("removed_on", "status_to"))
            )
            if start <= day and not over:
                yield record, row

    def presence(self, day: date) -> dict[str, str]:
        said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for record, row in self.rows["registry"]:
            if row.get("presence"):
                since = row.get("presence_from") or row["status_from"]
                said[self.who(record)].append((since, 0, row["status_from"], record.id, row["presence"]))
        for record, row in self.rows["detox"]:
            begun, end = row["admitted_on"], row.get("ended_on")
            if row["kind"] == "voluntary_home":
                continue
            if end is None or end > begun:
                said[self.who(record)].append((begun, 2, begun, record.id, "detox_facility"))
            if end is not None:
                died = row["end_reason"] == "died"
                state = (3, "removed") if died else (1, "community")
                said[self.who(record)].append((end, state[0], begun, record.id, state[1]))
        return {
            who: max(sayings)[-1]
            for who, found in said.items()
            if (sayings := [one for one in found if one[0] <= day])
        }

    def facility(self, code: str | None, day: date) -> str | None:
        """The commune in which a facility is listed on the day."""
        rows = [
            row for _, row in self.rows["facilities"] if row["facility"] == code and row["valid_from"] <= day
        ]
        last = max(rows, key=lambda row: row["valid_from"], default=None)
        return None if last is None or (last["valid_to"] and last["valid_to"] <= day) else last["commune"]

    def listed_facilities(self, day: date) -> Iterator[tuple[Record, dict[str, Any]]]:
        for record, row in self.rows["facilities"]:
            later = [o for _, o in self.rows["facilities"] if o["facility"] == row["facility"]]
            yield from [(record, row)] if _valid(row, later, day) else []

    def classes(self, scheme: str, day: date) -> Iterator[tuple[Record, dict[str, Any]]]:
        """Rows of a scheme in force on the day."""
        rows = [(record, row) for record, row in self.rows["area_classes"] if row["scheme"] == scheme]
        for record, row in rows:
            same = [other for _, other in rows if other["commune"] == row["commune"]]
            yield from [(record, row)] if _valid(row, same, day) else []

    def watched(self, day: date) -> Iterator[tuple[Record, dict[str, Any]]]:
        for record, row in self.rows["places"]:
            later = [o for _, o in self.rows["places"] if o["place"] == row["place"]]
            yield from [(record, row)] if _valid(row, later, day) else []


def _valid(row: dict[str, Any], same: Sequence[dict[str, Any]], day: date) -> bool:
    return (
        row["valid_from"] <= day
        and not (row["valid_to"] and row["valid_to"] <= day)
        and not any(row["valid_from"] < other["valid_from"] <= day for other in same)
    )
