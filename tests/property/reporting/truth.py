"""A province's history whose truth is known, and a plain reading of the rules of counting for one question at a time.

Everything is scanned for every question: one instant of knowledge, one day or period, one hierarchy. Areas come from
``hierarchies`` (the lists themselves); nothing is shared with projections, statements, cells or territories.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from contracts.envelope import start_of_day
from services.chassis.intake.person import age_band, leap_day
from tests.component.reporting.support import Log, named, person
from tests.property.reporting.hierarchies import AREAS, COMMUNES, exists, level, parts, region, spot, up

UNKNOWN = "unknown"
spot, region, parts = lru_cache(None)(spot), lru_cache(None)(region), lru_cache(None)(parts)  # fmt: skip
# Days on which something changes: the two reforms, cut-offs of the calendars, the move of detox, a leap day.
TURNS = [date.fromisoformat(day) for day in (
    "2024-02-28", "2024-02-29", "2024-11-30", "2024-12-01", "2024-12-14", "2024-12-15", "2025-02-28", "2025-03-01",
    "2025-03-14", "2025-03-15", "2025-06-30", "2025-07-01", "2025-12-14", "2025-12-15",
)]  # fmt: skip
DIVIDED = [
    uid
    for uid in COMMUNES
    if spot(uid, date(2025, 7, 1)).lost and parts(spot(uid, date(2025, 7, 1)).lost or "")
]


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


class Item(NamedTuple):
    """Something that a figure counts."""

    who: Any
    record: Record
    area: str | None
    facility: str | None
    dims: dict[str, Any]
    day: date
    amount: float = 1


@dataclass(frozen=True)
class Asked:
    """A question as the plain reading takes it. ``first`` None = as of ``day``. ``area``: uid."""

    code: str
    area: str
    day: date
    first: date | None
    known: datetime | None
    by: str | None
    geography: date
    by_facility: bool = False


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
                given = dict(row)
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


# --- what each figure counts --------------------------------------------------------------------------------------


def _age(known: Known, record: Record, day: date) -> str:
    assert record.human is not None
    born = known.history.births[record.human]
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    bands = (("0-13", 14), ("14-15", 16), ("16-17", 18), ("18-29", 30))
    return next((name for name, below in bands if years < below), "30+")


def _one(known: Known, record: Record, row: dict[str, Any], age_on: date, **dims: Any) -> Item:
    sex = "male" if (record.human or 0) % 2 else "female"
    about = {"sex": sex, "age_band": _age(known, record, age_on), "facility": row.get("facility"), **dims}
    return Item(known.who(record), record, row["commune"], row.get("facility"), about, age_on)


def _status(want: Callable[[dict[str, Any], date], bool], present: str | None = None) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        presence = known.presence(asked.day)
        for record, row in known.listed(asked.day):
            there = presence.get(known.who(record))
            if want(row, asked.day) and present in (None, there):
                yield _one(known, record, row, asked.day, status=row["status"], presence=there)

    return items


def _with_slip(known: Known, asked: Asked) -> Iterator[Item]:
    found = {
        known.who(record)
        for record, row in known.rows["determination"]
        if row["conclusion"] == "addicted" and row["concluded_on"] <= asked.day
    }
    yield from (
        one for one in _status(lambda row, _: row["status"] == "addict")(known, asked) if one.who in found
    )


def _episodes(form: str, since: str, kinds: tuple[str, ...] | None = None) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        for record, row in known.rows[form]:
            on = row[since] <= asked.day and (row["ended_on"] is None or asked.day < row["ended_on"])
            if on and (kinds is None or row["kind"] in kinds):
                yield _one(known, record, row, asked.day, kind=row.get("kind"))

    return items


def _happened(form: str, on: str, want: Callable[[dict[str, Any]], bool] = lambda _: True) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        assert asked.first is not None
        for record, row in known.rows[form]:
            if row[on] and asked.first <= row[on] <= asked.day and want(row):
                more = {
                    "outcome": row.get("conclusion") or row.get("outcome"),
                    "end_reason": row.get("end_reason"),
                }
                yield _one(known, record, row, row[on], **more)

    return items


def _slips(known: Known, asked: Asked) -> Iterator[Item]:
    for one in _happened("determination", "concluded_on")(known, asked):
        yield one._replace(who=one.record.key)


def _cases(on: str, measure: str | None = None, open_only: bool = False) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        assert asked.first is not None
        for record, row in known.rows["drug_cases"]:
            if not row[on] or not asked.first <= row[on] <= asked.day:
                continue
            done = [
                name
                for name in ("prosecuted", "administrative")
                if (d := row[f"{name}_on"]) and d <= asked.day
            ]
            if open_only and done:
                continue
            dims = {
                "offence": row["offence"],
                "outcome": done[0] if done else None,
                "venue": row.get("venue"),
            }
            amount = 1 if measure is None else row[measure] or 0
            yield Item(record.key, record, row["commune"], None, dims, row[on], amount)

    return items


def _conflicts(status: str | None) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        assert asked.first is not None
        for record, row in known.rows["conflicts"]:
            if not asked.first <= row["detected_on"] <= asked.day:
                continue
            there = (
                row["status"] if row["status_on"] is None or row["status_on"] <= asked.day else "in_progress"
            )
            if status in (None, there):
                dims = {"level": str(row["level"]), "status": there, "cause": row["cause"]}
                yield Item(record.key, record, row["commune"], None, dims, row["detected_on"])

    return items


def _places(want: Callable[[dict[str, Any]], bool]) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        for record, row in known.watched(asked.day):
            if want(row):
                yield Item(record.key, record, row["commune"], None, {"kind": row["kind"]}, asked.day)

    return items


def _eliminated(known: Known, asked: Asked) -> Iterator[Item]:
    assert asked.first is not None
    for record, row in known.rows["places"]:
        ended = row["valid_to"] and asked.first <= row["valid_to"] <= asked.day
        if ended and row["kind"] == "hot_spot" and row["end_reason"] == "eliminated":
            yield Item(record.key, record, row["commune"], None, {}, row["valid_to"])


def _sites(known: Known, asked: Asked) -> Iterator[Item]:
    for record, row in known.listed_facilities(asked.day):
        if "methadone" in row["does"]:
            dims = {"level": row["level"], "facility": row["facility"]}
            yield Item(row["facility"], record, row["commune"], None, dims, asked.day)


def _doses(known: Known, asked: Asked) -> Iterator[Item]:
    assert asked.first is not None
    for record, row in known.rows["doses"]:
        if asked.first <= row["dosed_on"] <= asked.day:
            dims = {"facility": row["facility"], "kind": row["kind"]}
            yield Item(record.key, record, None, row["facility"], dims, row["dosed_on"])


FIGURES: dict[str, Callable[[Known, Asked], Iterator[Item]]] = {
    "registry.addicts_with_file": _status(lambda row, _: row["status"] == "addict"),
    "registry.users": _status(lambda row, _: row["status"] == "user"),
    "registry.addicts_in_community": _status(lambda row, _: row["status"] == "addict", "community"),
    "registry.psychosis": _status(
        lambda row, day: row["psychosis"] and (row["psychosis_from"] or row["status_from"]) <= day
    ),
    "registry.users_with_decision": _status(
        lambda row, day: row["status"] == "user" and row["has_decision"] and row["decision_date"] <= day
    ),
    "registry.addicts_with_slip": _with_slip,
    "methadone.active": _episodes("methadone", "enrolled_on"),
    "detox.in_facility": _episodes("detox", "admitted_on", ("compulsory", "voluntary_facility")),
    "methadone.entered": _happened("methadone", "enrolled_on"),
    "methadone.left": _happened("methadone", "ended_on"),
    "detox.compulsory_admitted": _happened("detox", "admitted_on", lambda row: row["kind"] == "compulsory"),
    "determination.concluded": _happened("determination", "concluded_on"),
    "determination.addicted": _happened(
        "determination", "concluded_on", lambda row: row["conclusion"] == "addicted"
    ),
    "determination.slips": _slips,
    "arrests.persons": _happened("arrests", "arrested_on"),
    "drug_cases.detected": _cases("detected_on"),
    "drug_cases.prosecuted": _cases("prosecuted_on"),
    "drug_cases.subjects": _cases("detected_on", "subjects"),
    "drug_cases.accused": _cases("prosecuted_on", "accused"),
    "drug_cases.without_outcome": _cases("detected_on", open_only=True),
    "conflicts.detected": _conflicts(None),
    "conflicts.status.in_progress": _conflicts("in_progress"),
    "conflicts.status.resolved_stable": _conflicts("resolved_stable"),
    "venues.watched": _places(lambda row: row["kind"] != "hot_spot"),
    "hot_spots.open": _places(lambda row: row["kind"] == "hot_spot"),
    "hot_spots.eliminated": _eliminated,
    "methadone.sites": _sites,
    "methadone.doses": _doses,
}
DISTINCT = ("registry.", "methadone.", "detox.", "determination.", "arrests.")


class AmbiguousError(Exception):
    """Two addresses in different parts of one commune begin on one day: no rule says which counts."""


def truth(known: Known, asked: Asked) -> tuple[float, dict[str, float]]:
    """The value and the rows that are not nothing."""
    addresses: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for who, since, commune in known.addresses():
        addresses[who].append((since, commune))
    distinct = asked.code.startswith(DISTINCT) and asked.code != "methadone.doses"
    total: dict[Any, float] = {}
    rows: dict[str, dict[Any, float]] = defaultdict(dict)
    for number, one in enumerate(FIGURES[asked.code](known, asked)):
        place = _place(known, asked, one, addresses)
        if place is None:
            continue
        name = place if asked.by in (None, "area", "commune", "region") else one.dims.get(asked.by) or UNKNOWN
        counted = one.who if distinct else number
        total[counted] = rows[name][counted] = one.amount
    shown = {name: sum(found.values()) for name, found in rows.items()}
    return sum(total.values()), {name: amount for name, amount in shown.items() if amount} if asked.by else {}


def _place(known: Known, asked: Asked, one: Item, addresses: dict[str, list[tuple[date, str]]]) -> str | None:
    """The row by area in which an item is; None outside the area asked."""
    personal = one.record.form in PERSONAL
    if one.record.form == "doses" or (asked.by_facility and personal):
        commune = known.facility(one.facility, one.day)
        if commune is None:
            return UNKNOWN if AREAS[asked.area]["parent_uid"] == "" else None
        return _row(commune, commune, asked)
    assert one.area is not None
    living = _followed(one.area, asked, addresses[one.who]) if personal else one.area
    return _row(one.area, living, asked)


def _followed(stated: str, asked: Asked, said: list[tuple[date, str]]) -> str:
    lost = spot(stated, asked.geography).lost
    since = AREAS[stated]["valid_from"]
    later = bool(since) and asked.geography < date.fromisoformat(since)
    heirs = parts(lost) if lost and not later else set()
    if not heirs or not lost:
        return stated
    until = date.max if asked.day < date.fromisoformat(AREAS[lost]["valid_to"]) else asked.day
    found = sorted(one for one in said if one[1] in heirs and one[0] <= until)
    if not found:
        return stated
    if len({commune for since, commune in found if since == found[-1][0]}) > 1:
        raise AmbiguousError
    return found[-1][1]


def _row(stated: str, living: str, asked: Asked) -> str | None:
    here = spot(living, asked.geography)
    chain = up(here.uid)
    if asked.area not in chain:
        return None
    if asked.by == "region":
        return region(stated)
    below = chain[: chain.index(asked.area)] or ([asked.area] if level(asked.area) == "commune" else [])
    wanted = [uid for uid in below if level(uid) == "commune"] if asked.by == "commune" else below[-1:]
    return AREAS[wanted[0]]["code"] if wanted else f"unattributed:{here.lost or stated}"


# --- drawing one --------------------------------------------------------------------------------------------------


class Writer:
    """Writes a random history: the same seed, the same history."""

    def __init__(self, seed: int, count: int) -> None:
        self.draw = Random(seed)
        near = self.draw.sample(DIVIDED, 3)
        heirs = sorted({heir for uid in near for heir in parts(spot(uid, date(2025, 7, 1)).lost or "")})
        self.communes = [
            *near,
            *heirs,
            *self.draw.sample(COMMUNES, 6),
            "10522@2008",
            "11911@2025",
            "10525@2025",
        ]
        self.births = {human: self._birth() for human in range(5)}
        self.records: list[Record] = []
        self._keys: set[tuple[Any, ...]] = set()
        for number in range(count):
            self._record(number)
        self.history = History(self.records, self._links(), self.births)

    def day(self) -> date:
        turn = self.draw.choice(TURNS)
        return turn + timedelta(days=self.draw.choice((0, 0, 0, -1, 1, self.draw.randint(-150, 150))))

    def _birth(self) -> date:
        if self.draw.random() < 0.4:
            return date(self.draw.choice((1996, 2008, 2012)), 2, 29)
        years = self.draw.choice((14, 16, 18, 30))
        day = self.day()
        return date(day.year - years, day.month, min(day.day, 28))

    def _later(self, day: date, chance: float = 0.5, least: int = 1) -> date | None:
        after = timedelta(days=self.draw.choice((least, 14, 31, self.draw.randint(least, 300))))
        return day + after if self.draw.random() < chance else None

    def _commune(self, day: date) -> str:
        return self.draw.choice([uid for uid in self.communes if exists(uid, day)] or COMMUNES[:1])

    def _record(self, number: int) -> None:
        draw = self.draw
        form = draw.choice(["registry", "registry", "registry", *sorted(OWN)])
        human = draw.randrange(5) if form in PERSONAL else None
        book = draw.randrange(2)
        ref = "" if human is None else f"{form} {human} {book}"
        day = self.day()
        key = (form, ref or book, day)
        if form in ("registry", "places", "facilities") and key in self._keys:
            return
        self._keys.add(key)
        record = Record(form, f"{form} {number}", human, ref)
        at = start_of_day(day) + timedelta(days=draw.choice((0, 0, 3, 60)))
        for turn in range(draw.choice((1, 1, 2, 3))):
            withdrawn = turn > 0 and draw.random() < 0.35
            row = None if withdrawn else self._row(form, day, book)
            record.said.append(HandIn(at, row))
            at += timedelta(
                days=draw.choice((1, 30, 200)), hours=draw.randrange(24), microseconds=draw.randrange(2)
            )
            if form not in ("registry", "places", "facilities", "methadone", "doses"):
                day = self.day() if draw.random() < 0.3 else day
        self.records.append(record)

    def _row(self, form: str, day: date, book: int) -> dict[str, Any]:
        row: dict[str, Any] = getattr(self, f"_{form}")(day, book)
        return row if form == "doses" else row | {"commune": self._commune(day)}

    def _registry(self, day: date, book: int) -> dict[str, Any]:
        draw = self.draw
        psychosis, decided, stated = (draw.random() < 0.5 for _ in range(3))
        return {
            "status": draw.choice(["user", "addict", "addict", "post_detox"]),
            "status_from": day,
            "status_to": self._later(day, 0.3),
            "removed_on": self._later(day, 0.15),
            "presence": draw.choice(["community", "community", "absent"]) if stated else None,
            "presence_from": self._later(day, 0.3) if stated else None,
            "psychosis": psychosis,
            "psychosis_from": self._later(day) if psychosis else None,
            "has_decision": decided,
            "decision_date": (self._later(day) or day) if decided else None,
        }

    def _determination(self, day: date, book: int) -> dict[str, Any]:
        about = {"facility": self._site(), "clinician": "c", "requested_on": day, "concluded_on": day}
        return about | {"conclusion": self.draw.choice(["addicted", "not_addicted"])}

    def _methadone(self, day: date, book: int) -> dict[str, Any]:
        ended = self._later(day, least=0)
        reason = self.draw.choice(["dropped_out", "transferred", None]) if ended else None
        return {"facility": self._site(), "enrolled_on": day, "ended_on": ended, "end_reason": reason}

    def _detox(self, day: date, book: int) -> dict[str, Any]:
        ended = self._later(day, least=0)
        return {
            "kind": self.draw.choice(["compulsory", "voluntary_facility", "voluntary_home"]),
            "facility": self.draw.choice([self._site(), None]),
            "admitted_on": day,
            "ended_on": ended,
            "end_reason": self.draw.choice(["completed", "died"]) if ended else None,
        }

    def _arrests(self, day: date, book: int) -> dict[str, Any]:
        return {"arrested_on": day, "case": "v", "outcome": self.draw.choice(["prosecuted", None])}

    def _drug_cases(self, day: date, book: int) -> dict[str, Any]:
        return {
            "detected_on": day,
            "offence": self.draw.choice(["trade", "possession"]),
            "subjects": self.draw.randrange(4),
            "prosecuted_on": self._later(day, least=0),
            "accused": self.draw.choice([None, 0, 2]),
            "administrative_on": self._later(day, least=0),
            "venue": self.draw.choice([None, "lodging"]),
        }

    def _conflicts(self, day: date, book: int) -> dict[str, Any]:
        return {
            "detected_on": day,
            "level": self.draw.randint(1, 3),
            "cause": self.draw.choice(["land", "love"]),
            "parties": 2,
            "status": self.draw.choice(["in_progress", "resolved_stable"]),
            "status_on": self._later(day, least=0),
        }

    def _places(self, day: date, book: int) -> dict[str, Any]:
        ended = self._later(day)
        return {
            "place": str(book),
            "kind": self.draw.choice(["hot_spot", "lodging"]),
            "valid_from": day,
            "valid_to": ended,
            "end_reason": self.draw.choice(["eliminated", "closed"]) if ended else None,
        }

    def _facilities(self, day: date, book: int) -> dict[str, Any]:
        return {
            "facility": f"F{book}",
            "name": "Cơ sở",
            "level": self.draw.choice(["province", "commune", None]),
            "does": self.draw.choice([["methadone"], ["determination", "methadone"], ["detox"]]),
            "valid_from": day,
            "valid_to": self._later(day, 0.3),
        }

    def _doses(self, day: date, book: int) -> dict[str, Any]:
        return {
            "facility": self._site(),
            "dosed_on": day,
            "kind": self.draw.choice(["observed", "take_home"]),
        }

    def _site(self) -> str:
        return self.draw.choice(["F0", "F0", "F1", "F9"])

    def _links(self) -> list[Link]:
        """Each reference of a human being to one token, once; some links come late or cease again."""
        found = []
        for ref in sorted({record.ref for record in self.records if record.ref}):
            about = [record for record in self.records if record.ref == ref]
            since = min(record.said[0].at for record in about) + timedelta(days=self.draw.choice((0, 0, 40)))
            until = since + timedelta(days=self.draw.choice((1, 100))) if self.draw.random() < 0.25 else None
            if self.draw.random() < 0.85:
                found.append(Link(ref, f"human {about[0].human}", since, until))
        return found

    def instants(self) -> list[datetime]:
        """The moments at which what is known changes."""
        said = {one.at for record in self.records for one in record.said}
        joined = {at for link in self.history.links for at in (link.since, link.until) if at is not None}
        return sorted(said | joined)


def areas_of(history: History, geography: date) -> Iterable[str]:
    """The province of a hierarchy and every area of it in which something may be."""
    stated = {
        row["commune"] for record in history.records for _, row in record.said if row and "commune" in row
    }
    province = "30@2008" if geography < date(2025, 7, 1) else "31@2025"
    return [
        province,
        *sorted({uid for commune in stated for uid in up(spot(commune, geography).uid)} - {province}),
    ]
