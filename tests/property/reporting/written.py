"""Random histories around the days on which something changes: the same seed, the same history."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from contracts.envelope import start_of_day
from tests.property.reporting.hierarchies import COMMUNES, exists, parts, spot
from tests.property.reporting.history import OWN, PERSONAL, HandIn, History, Link, Record

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


class Writer:
    """Writes a random history: the same seed, the same history."""

    def __init__(self, seed: int, count: int) -> None:
        self.draw = Random(seed)
        self.homes = self.draw.sample(DIVIDED, 3)
        heirs = sorted({heir for uid in self.homes for heir in self._parts(uid)})
        more = (*self.draw.sample(COMMUNES, 6), "10522@2008", "11911@2025", "10525@2025")
        self.communes = [*self.homes, *heirs, *more]
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

    def _parts(self, uid: str) -> list[str]:
        return sorted(parts(spot(uid, date(2025, 7, 1)).lost or ""))

    def _commune(self, day: date, human: int | None) -> str:
        """Mostly a person's own home, or one of its parts once it was divided."""
        pool = self.communes
        if human is not None and self.draw.random() < 0.7:
            home = self.homes[human % len(self.homes)]
            pool = [home] if exists(home, day) else self._parts(home)
        there = [uid for uid in pool if exists(uid, day)]
        return self.draw.choice(there or [uid for uid in COMMUNES if exists(uid, day)])

    def _record(self, number: int) -> None:
        draw = self.draw
        form = draw.choice(["registry", "registry", "registry", *sorted(OWN)])
        human = draw.randrange(5) if form in PERSONAL else None
        book = draw.randrange(2)
        ref = "" if human is None else f"{form} {human} {book}"
        day = self.day()
        key = (form, ref or book, day)
        if form in ("registry", "places", "facilities", "area_classes") and key in self._keys:
            return
        self._keys.add(key)
        record = Record(form, f"{form} {number}", human, ref)
        at = start_of_day(day) + timedelta(days=draw.choice((0, 0, 3, 60)))
        for turn in range(draw.choice((1, 1, 2, 3))):
            withdrawn = turn > 0 and draw.random() < 0.35
            row = None if withdrawn else self._row(form, day, book, human)
            record.said.append(HandIn(at, row))
            at += timedelta(
                days=draw.choice((1, 30, 200)), hours=draw.randrange(24), microseconds=draw.randrange(2)
            )
            if form not in (
                "registry",
                "places",
                "facilities",
                "methadone",
                "doses",
                "area_classes",
                "fires",
            ):
                day = self.day() if draw.random() < 0.3 else day
        self.records.append(record)

    def _row(self, form: str, day: date, book: int, human: int | None) -> dict[str, Any]:
        row: dict[str, Any] = getattr(self, f"_{form}")(day, book)
        return row if form == "doses" else {"commune": self._commune(day, human)} | row

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

    def _area_classes(self, day: date, book: int) -> dict[str, Any]:
        """Of one commune and scheme: a correction may change the class and its end."""
        here = [uid for uid in self.communes if exists(uid, day)] or COMMUNES[:1]
        scheme = "drug_hot" if book else "public_order_risk"
        grade = "hot" if book else self.draw.choice(["high", "at_risk", "low"])
        commune = here[day.toordinal() % len(here)]
        ended = self._later(day, 0.2)
        return {
            "commune": commune,
            "scheme": scheme,
            "area_class": grade,
            "valid_from": day,
            "valid_to": ended,
        }

    def _fires(self, day: date, book: int) -> dict[str, Any]:
        """Some at night, when the day is another one in Greenwich."""
        return {
            "day": day,
            "alarm_at": start_of_day(day).astimezone(UTC) + timedelta(hours=self.draw.choice((0, 3, 23))),
            "place": self.draw.choice(["dwelling", "market"]),
            "cause": self.draw.choice(["electrical", None]),
            "deaths": self.draw.randrange(3),
            "damage_vnd": self.draw.choice([None, 0, 5_000_000]),
            "counts_as_case": self.draw.random() < 0.8,
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
