"""Invented histories whose truth is known: what units wrote when, and a plain reading of the rules of counting.

The expectations here look at one day and one instant of knowledge at a time and scan everything. They share nothing
with the projections, which work out whole intervals of both times.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from contracts.envelope import start_of_day
from reference.pack.areas import area_book
from tests.support.reporting import Log, named, person

START = date(2023, 3, 1)
COMMUNES = ("10513@2008", "10516@2008", "10546@2008")
_day = st.integers(0, 20).map(lambda n: START + timedelta(days=n))
_soon = st.integers(0, 15)


@dataclass(frozen=True)
class HandIn:
    """What a row said as of one hand-in; ``row`` None = withdrawn."""

    recorded: datetime
    row: dict[str, Any] | None


@dataclass
class Record:
    """A register row with its hand-ins in order. ``human`` is whom it is about, ``ref`` the service's name for them."""

    form: str
    name: str
    ref: str
    human: int
    hand_ins: list[HandIn] = field(default_factory=list)

    def known(self, at: datetime) -> dict[str, Any] | None:
        """The row as known at an instant: the last hand-in recorded by then."""
        said = [hand_in for hand_in in self.hand_ins if hand_in.recorded <= at]
        return said[-1].row if said else None

    @property
    def first_recorded(self) -> datetime:
        return min(hand_in.recorded for hand_in in self.hand_ins)


@dataclass
class World:
    """Everything that was ever written."""

    records: list[Record]

    def log(self) -> Log:
        """The events of it all, in the order of writing, with the links that follow from the identities."""
        log = Log()
        for record in self.records:
            for hand_in in record.hand_ins:
                if hand_in.row is None:
                    log.write(record.form, record.name, void=True, recorded=hand_in.recorded)
                    continue
                data = dict(hand_in.row)
                if record.ref:
                    data["person"] = person(record.ref)
                log.write(record.form, record.name, recorded=hand_in.recorded, **data)
        first: dict[tuple[str, int], datetime] = {}
        for record in self.records:
            if record.ref:
                at = (record.ref, record.human)
                first[at] = min(first.get(at, record.first_recorded), record.first_recorded)
        for (ref, human), since in first.items():
            log.link(ref, f"human {human}", known=since)
        return log

    def rows(self, form: str, at: datetime) -> list[tuple[Record, dict[str, Any]]]:
        found = [(record, record.known(at)) for record in self.records if record.form == form]
        return [(record, row) for record, row in found if row is not None]

    def listed(self, day: date, at: datetime) -> list[tuple[Record, dict[str, Any]]]:
        """Register rows in force on the day."""
        rows = self.rows("registry", at)
        return [(record, row) for record, row in rows if not _ended(record, row, rows, day)]

    def presence(self, human: int, day: date, at: datetime) -> str:
        said = []
        for record, row in self.rows("registry", at):
            if record.human == human and row.get("presence"):
                since = row.get("presence_from") or row["status_from"]
                said.append((since, 0, row["status_from"], _id(record), row["presence"]))
        for record, row in self.rows("detox", at):
            if record.human != human or row["kind"] == "voluntary_home":
                continue
            end = row.get("ended_on")
            if end is None or end > row["admitted_on"]:
                said.append((row["admitted_on"], 2, row["admitted_on"], _id(record), "detox_facility"))
            if end is not None:
                died = row["end_reason"] == "died"
                said.append(
                    (
                        end,
                        3 if died else 1,
                        row["admitted_on"],
                        _id(record),
                        "removed" if died else "community",
                    )
                )
        begun = [statement for statement in said if statement[0] <= day]
        return max(begun)[-1] if begun else "unknown"


def _id(record: Record) -> str:
    return str(named(f"{record.form} police:288 {record.name}"))


def _ended(record: Record, row: dict[str, Any], rows: list[tuple[Record, dict[str, Any]]], day: date) -> bool:
    """Whether a register row does not hold on the day."""
    start = row["status_from"]
    same = [other for found, other in rows if found.ref == record.ref]
    return (
        day < start
        or any(start < other["status_from"] <= day for other in same)
        or any(other.get("removed_on") and start < other["removed_on"] <= day for other in same)
        or bool(row.get("removed_on") and row["removed_on"] <= day)
        or bool(row.get("status_to") and row["status_to"] <= day)
    )


def humans(found: list[tuple[Record, dict[str, Any]]]) -> int:
    return len({record.human for record, _ in found})


def by_district(found: list[tuple[Record, dict[str, Any]]]) -> dict[str, int]:
    """Distinct human beings by district."""
    book = area_book()
    seen: dict[str, set[int]] = {}
    for record, row in found:
        seen.setdefault(book.by_uid[book.by_uid[row["commune"]].parent_uid or ""].code, set()).add(
            record.human
        )
    return {code: len(found_there) for code, found_there in seen.items()}


# --- strategies ---------------------------------------------------------------------------------------------------


def _optional(draw: Any, after: date) -> date | None:
    return after + timedelta(days=draw(_soon)) if draw(st.booleans()) else None


def _register_row(draw: Any, since: date) -> dict[str, Any]:
    psychosis, stated = draw(st.booleans()), draw(st.booleans())
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "status": draw(st.sampled_from(["user", "addict"])),
        "status_from": since,
        "status_to": _optional(draw, since),
        "removed_on": _optional(draw, since) if draw(st.booleans()) else None,
        "presence": draw(st.sampled_from(["community", "detained", "absent"])) if stated else None,
        "presence_from": _optional(draw, since) if stated else None,
        "psychosis": psychosis,
        "psychosis_from": _optional(draw, since) if psychosis else None,
    }


def _detox_row(draw: Any, since: date) -> dict[str, Any]:
    ended = _optional(draw, since)
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "kind": draw(st.sampled_from(["compulsory", "voluntary_facility", "voluntary_home"])),
        "admitted_on": since,
        "ended_on": ended,
        "end_reason": draw(st.sampled_from(["completed", "died"])) if ended else None,
    }


def _methadone_row(draw: Any, since: date) -> dict[str, Any]:
    ended = _optional(draw, since)
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "facility": draw(st.sampled_from(["F1", "F2"])),
        "enrolled_on": since,
        "ended_on": ended,
        "end_reason": draw(st.sampled_from(["dropped_out", "transferred", None])) if ended else None,
    }


def _slip_row(draw: Any, since: date) -> dict[str, Any]:
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "facility": "F1",
        "clinician": "c",
        "requested_on": since,
        "concluded_on": since,
        "conclusion": draw(st.sampled_from(["addicted", "not_addicted"])),
    }


def _case_row(draw: Any, since: date) -> dict[str, Any]:
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "detected_on": since,
        "offence": "trade",
        "subjects": draw(st.integers(0, 5)),
        "prosecuted_on": _optional(draw, since),
        "administrative_on": _optional(draw, since),
    }


def _place_row(draw: Any, since: date) -> dict[str, Any]:
    ended = _optional(draw, since)
    return {
        "commune": draw(st.sampled_from(COMMUNES)),
        "kind": draw(st.sampled_from(["hot_spot", "lodging"])),
        "valid_from": since,
        "valid_to": ended,
        "end_reason": draw(st.sampled_from(["eliminated", "closed"])) if ended else None,
    }


_ROWS = {
    "registry": _register_row,
    "detox": _detox_row,
    "methadone": _methadone_row,
    "determination": _slip_row,
    "drug_cases": _case_row,
    "places": _place_row,
}


@st.composite
def worlds(draw: Any) -> World:
    """A few human beings under several numbers, their rows corrected, back-dated, withdrawn and written again."""
    records = []
    used: set[tuple[str, str, date]] = set()
    for number in range(draw(st.integers(2, 14))):
        form = draw(st.sampled_from([*sorted(_ROWS), "registry", "registry", "detox"]))
        human, register_no = draw(st.integers(0, 2)), draw(st.integers(0, 1))
        since = draw(_day)
        personal = form not in ("drug_cases", "places")
        ref = f"{form} {human} {register_no}" if personal else ""
        timeline = ref or f"{form} {register_no}"
        if form in ("registry", "places") and (form, timeline, since) in used:
            continue  # the same key is the same record
        used.add((form, timeline, since))
        record = Record(form, f"{timeline} {since} {number}", ref, human if personal else 100 + number)
        for _ in range(draw(st.integers(1, 3))):
            recorded = start_of_day(since + timedelta(days=draw(st.integers(0, 30)))) + timedelta(
                hours=draw(_soon)
            )
            withdrawn = bool(record.hand_ins) and draw(st.integers(0, 3)) == 0
            row = None if withdrawn else _ROWS[form](draw, since)
            if row is not None and form == "places":
                row["place"] = str(register_no)
            record.hand_ins.append(HandIn(recorded, row))
        records.append(record)
    return World(records)
