"""Registers of every form, drawn at random: rows, later versions of them, withdrawals, persons under several numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from services.chassis.kafka.delivery import Delivered
from tests.property.reporting.hierarchies import COMMUNES, exists
from tests.support.reporting import Log, person

START, LAST = date(2022, 6, 1), date(2026, 9, 30)
_HUMANS = 8
_FACILITIES = ("F1", "F2", "F3")


@dataclass
class Row:
    """A record: its form, key, unit and what it said at first. ``human`` None = about nobody."""

    form: str
    key: str
    day: date
    human: int | None
    data: dict[str, Any]
    unit: str = "police:288"
    recorded: date = field(default=date.min)


def _later(draw: Random, day: date, chance: float = 0.5) -> date | None:
    return day + timedelta(days=draw.randint(1, 400)) if draw.random() < chance else None


def _register(draw: Random, day: date) -> dict[str, Any]:
    decided = draw.random() < 0.5
    return {
        "status": draw.choice(["user", "addict", "addict", "suspected_user", "post_detox"]),
        "status_from": day,
        "status_to": _later(draw, day, 0.3),
        "presence": draw.choice(["community", "absent", "detained", None]),
        "psychosis": draw.random() < 0.3,
        "decision_no": "QĐ" if decided else None,
        "decision_date": day + timedelta(days=2) if decided else None,
    }


def _slip(draw: Random, day: date) -> dict[str, Any]:
    return {
        "facility": draw.choice(_FACILITIES),
        "clinician": "c",
        "requested_on": day,
        "concluded_on": day,
        "conclusion": draw.choice(["addicted", "not_addicted"]),
        "substances": draw.sample(["heroin", "ma_da", "khac"], draw.randint(0, 2)),
    }


def _methadone(draw: Random, day: date) -> dict[str, Any]:
    ended = _later(draw, day)
    reason = draw.choice(["dropped_out", "completed", None]) if ended else None
    return {
        "facility": draw.choice(_FACILITIES),
        "enrolled_on": day,
        "ended_on": ended,
        "end_reason": reason,
    }


def _detox(draw: Random, day: date) -> dict[str, Any]:
    ended = _later(draw, day)
    return {
        "facility": draw.choice(_FACILITIES),
        "kind": draw.choice(["compulsory", "voluntary_facility", "voluntary_home"]),
        "admitted_on": day,
        "ended_on": ended,
        "end_reason": draw.choice(["completed", "escaped"]) if ended else None,
    }


def _arrest(draw: Random, day: date) -> dict[str, Any]:
    return {"arrested_on": day, "case": "v", "outcome": draw.choice(["prosecuted", "released", None])}


def _fire(draw: Random, day: date) -> dict[str, Any]:
    return {
        "alarm_at": f"{day.isoformat()}T10:00:00+07:00",
        "place": draw.choice(["dwelling", "market"]),
        "cause": draw.choice(["electrical", None]),
        "deaths": draw.randint(0, 2),
        "injured": 0,
        "rescued": draw.randint(0, 3),
        "damage_vnd": draw.choice([None, 5_000_000]),
        "counts_as_case": draw.random() < 0.9,
    }


def _case(draw: Random, day: date) -> dict[str, Any]:
    return {
        "detected_on": day,
        "offence": draw.choice(["trade", "organising_use"]),
        "subjects": draw.randint(1, 4),
        "prosecuted_on": _later(draw, day),
        "accused": draw.randint(0, 3),
        "administrative_on": _later(draw, day, 0.3),
        "substance": draw.choice(["heroin", None]),
        "seized_grams": draw.choice(["1.5", None]),
        "venue": draw.choice(["conditional_business", "none"]),
    }


def _conflict(draw: Random, day: date) -> dict[str, Any]:
    return {
        "detected_on": day,
        "level": draw.randint(1, 3),
        "cause": draw.choice(["land", "daily_life", "love"]),
        "parties": draw.randint(2, 9),
        "status": draw.choice(["in_progress", "resolved_stable"]),
        "status_on": _later(draw, day),
        "prolonged": draw.random() < 0.3,
    }


def _place(draw: Random, day: date) -> dict[str, Any]:
    ended = _later(draw, day)
    return {
        "place": f"p{draw.randint(0, 9)}",
        "kind": draw.choice(["hot_spot", "lodging", "conditional_business"]),
        "at_risk": draw.random() < 0.5,
        "valid_from": day,
        "valid_to": ended,
        "end_reason": draw.choice(["eliminated", "closed"]) if ended else None,
    }


def _class(draw: Random, day: date) -> dict[str, Any]:
    scheme = draw.choice(["public_order_risk", "drug_hot"])
    grade = "hot" if scheme == "drug_hot" else draw.choice(["high", "at_risk", "low"])
    return {"scheme": scheme, "area_class": grade, "valid_from": day, "valid_to": _later(draw, day, 0.2)}


def _facility(draw: Random, day: date) -> dict[str, Any]:
    return {
        "facility": draw.choice(_FACILITIES),
        "name": "Cơ sở",
        "level": draw.choice(["province", "district", "commune"]),
        "does": draw.sample(["determination", "methadone", "detox"], 2),
        "valid_from": day,
        "valid_to": _later(draw, day, 0.2),
    }


PERSONAL: dict[str, Callable[[Random, date], dict[str, Any]]] = {
    "registry": _register,
    "determination": _slip,
    "methadone": _methadone,
    "detox": _detox,
    "arrests": _arrest,
}
OTHERS: dict[str, Callable[[Random, date], dict[str, Any]]] = {
    "fires": _fire,
    "drug_cases": _case,
    "conflicts": _conflict,
    "places": _place,
    "area_classes": _class,
    "facilities": _facility,
}
_FORMS = {**PERSONAL, **OTHERS}


class Registers:
    """A province's registers. Every row is recorded on or after its day and before ``cut`` unless told otherwise."""

    def __init__(self, seed: int, count: int, cut: date) -> None:
        self.draw, self.cut = Random(seed), cut
        self.log = Log()
        self.rows: list[Row] = []
        self._keys = 0
        for _ in range(count):
            self.add()

    def _commune(self, day: date) -> str:
        return self.draw.choice([uid for uid in COMMUNES if exists(uid, day)])

    def add(self, *, recorded: date | None = None, day: date | None = None, form: str | None = None) -> Row:
        """Another record; its own day, unless given, is before the cut."""
        draw = self.draw
        name = form or draw.choice(sorted(_FORMS))
        when = day or START + timedelta(days=draw.randint(0, (self.cut - START).days - 30))
        self._keys += 1
        human = draw.randrange(_HUMANS) if name in PERSONAL else None
        row = Row(name, f"{name} {self._keys}", when, human, _FORMS[name](draw, when))
        row.data["commune"] = self._commune(when)
        row.recorded = recorded or min(when + timedelta(days=draw.randint(0, 20)), self.cut)
        self.rows.append(row)
        self._write(row)
        return row

    def change(self, row: Row, recorded: date) -> None:
        """The row again with other contents on the same day and key: a correction."""
        said = _FORMS[row.form](self.draw, row.day)
        if row.form in ("places", "facilities", "area_classes"):  # what names the timeline stays
            said |= {name: row.data[name] for name in ("place", "facility", "scheme") if name in row.data}
            said |= {"area_class": row.data["area_class"]} if row.form == "area_classes" else {}
        said["commune"] = row.data["commune"] if row.form == "area_classes" else self._commune(row.day)
        row.data, row.recorded = said, recorded
        self._write(row)

    def withdraw(self, row: Row, recorded: date) -> None:
        self.log.write(row.form, row.key, void=True, recorded=recorded, unit=row.unit, occurred=row.day)

    def link(self, one: Row, other: Row, known: date, until: date | None = None) -> None:
        """Both rows' persons are one human being from a moment of knowledge on."""
        for row in (one, other):
            self.log.link(self.ref(row), f"{one.key} {other.key}", known=known, until=until)

    def ref(self, row: Row) -> str:
        return f"{row.form} {row.human}"

    def _write(self, row: Row) -> None:
        data = dict(row.data)
        if row.human is not None:
            data["person"] = person(self.ref(row), sex="male" if row.human % 2 else "female")
        self.log.write(row.form, row.key, recorded=row.recorded, unit=row.unit, occurred=row.day, **data)

    @property
    def messages(self) -> list[Delivered]:
        return self.log.messages
