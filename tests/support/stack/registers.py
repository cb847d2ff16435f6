"""A small invented province for the fault tests: slices of register rows over all sixteen forms, and their truth.

Slice n is the same for every run of one seed, whatever was done with slices before it. Each slice holds new people
and incidents, and corrections and withdrawals of rows of earlier slices. The true totals are counted from what the
generator knows (which human being a row is about), never from anything the services say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from reference import area_book, province
from tests.support.stack.truth import Batch, Entry, Human, Values, true_figures

YEAR = 2023
SPARED = frozenset({"10549", "10552", "10555", "10558", "10561"})
"""Communes in which nothing happens here: tests that count have them for themselves."""
_FIRST, _LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
_BATCH = 25

_FAMILY = ("Mẫu", "Thử", "Giả", "Nháp", "Ví")
_MIDDLE = ("Văn", "Đức", "Hữu", "Thị", "Ngọc", "Quang", "Xuân")
_GIVEN = ("Hòa", "Tùng", "Khóa", "Dũng", "Bình", "Sơn", "Thúy", "Lan", "Mai", "Phúc", "Đạt", "Yến")
_SITES = ("CS-M1", "CS-M2", "CS-M3")
_DETERMINERS = ("CS-D1", "CS-D2")
_CAMP = "CS-CN"


_KEYS = {
    "registry": ("record_no", "status_from"),
    "determination": ("slip_no",),
    "methadone": ("patient_no", "enrolled_on"),
    "doses": ("patient_no", "dosed_on"),
    "detox": ("episode_no",),
    "post_detox": ("decision_no",),
    "fires": ("incident_no",),
    "drug_cases": ("case_no",),
    "arrests": ("case_no", "full_name", "birth_date", "national_id"),
    "conflicts": ("conflict_no",),
    "facilities": ("facility_code", "valid_from"),
    "clinicians": ("clinician_no", "valid_from"),
    "places": ("place_no", "valid_from"),
    "area_classes": ("commune_code", "scheme", "valid_from"),
    "targets": ("figure", "area_code", "period_from", "period_to"),
    "declared": ("agency", "figure", "area_code", "as_of", "period_from", "period_to"),
}


@dataclass(slots=True)
class Registers:
    """Grows slice by slice. ``scale`` multiplies the number of rows of a slice (about 135 at 1)."""

    seed: int
    scale: int = 1
    slices: list[list[Batch]] = field(default_factory=list)
    _humans: list[Human] = field(default_factory=list)
    _taken: set[tuple[str, date, str]] = field(default_factory=set)
    _state: dict[tuple[str, ...], Entry] = field(default_factory=dict)
    _states: list[dict[tuple[str, ...], Entry]] = field(default_factory=list)
    _communes: list[str] = field(default_factory=list)

    def slice(self, number: int) -> list[Batch]:
        """The batches of one slice, in the order in which they are to be handed in."""
        while len(self.slices) <= number:
            self.slices.append(self._next_slice(len(self.slices)))
            self._states.append(dict(self._state))
        return self.slices[number]

    def truth(self, slices: int) -> dict[str, int]:
        """True values of some figures over the year (stocks: at its end), after so many slices."""
        self.slice(slices - 1)
        return true_figures(list(self._states[slices - 1].values()))

    def _next_slice(self, number: int) -> list[Batch]:
        rng = Random(f"{self.seed}:{number}")
        if not self._communes:
            book = area_book()
            top = book.resolve(province().code, _FIRST)
            assert top is not None
            self._communes = [area.code for area in book.communes(top.uid, _FIRST) if area.code not in SPARED]
        earlier = list(self._state.values())
        entries: list[Entry] = list(self._directory(rng, number))
        for _ in range(self.scale):
            entries += self._people(rng, number, len(entries))
            entries += self._incidents(rng, number, len(entries))
        entries += _afterthoughts(rng, earlier, 8 * self.scale)
        for entry in entries:
            key = (entry.form, *(entry.values.get(name, "") for name in ("unit_code", *_KEYS[entry.form])))
            if entry.voids:
                self._state.pop(key, None)
            else:
                self._state[key] = entry
        return list(_batches(entries))

    def _directory(self, rng: Random, number: int) -> Iterator[Entry]:
        """Facilities, clinicians, targets, classes, places, declarations: the frame in which the rest stands."""
        if number == 0:
            for code in (*_SITES, *_DETERMINERS, _CAMP):
                does = {"M": "methadone;dispensing", "D": "determination", "C": "detox"}[code[3]]
                commune = rng.choice(self._communes)
                yield _row("facilities", facility_code=code, valid_from=date(2019, 1, 1), commune_code=commune,
                           name=f"Cơ sở mẫu {code}", level="district", does=does)  # fmt: skip
            for index, code in enumerate(_DETERMINERS):
                yield _row("clinicians", clinician_no=f"BS-{index}", valid_from=date(2019, 1, 1), full_name="Mẫu Văn Thử",
                           facility_code=code, basis="certificate")  # fmt: skip
            yield _row("targets", figure="detox.compulsory_admitted", area_code=province().code, period_from=_FIRST,
                       period_to=_LAST, value=500)  # fmt: skip
        yield _row("facilities", facility_code=f"CS-X{number}", valid_from=_day(rng), name="Trạm mẫu", level="commune",
                   commune_code=rng.choice(self._communes), does="determination")  # fmt: skip
        for index in range(2):
            scheme = ("public_order_risk", "drug_hot")[index]
            kind: dict[str, Any] = {"class": rng.choice(("high", "at_risk", "low")) if index == 0 else "hot"}
            yield _row("area_classes", commune_code=self._communes[(number * 2 + index) % len(self._communes)],
                       scheme=scheme, valid_from=_day(rng), **kind)  # fmt: skip
        yield _row("declared", agency="health", figure="methadone.active", area_code=province().code,
                   as_of=_FIRST + timedelta(days=number), value=rng.randint(1, 900))  # fmt: skip

    def _people(self, rng: Random, number: int, start: int) -> Iterator[Entry]:
        for index in range(10):
            known = self._humans and rng.random() < 0.35
            human = rng.choice(self._humans) if known else self._human(rng)
            tag = f"{number}-{start + index}"
            yield from _timeline(rng, human, tag)
            if rng.random() < 0.7:
                yield _determination(rng, human, tag)
            if rng.random() < 0.7:
                yield from _treatment(rng, human, tag)
            if rng.random() < 0.4:
                yield _detox(rng, human, tag)
            if rng.random() < 0.3:
                start_on = _day(rng)
                yield _row("post_detox", decision_no=f"QD-{tag}", from_on=start_on, until_on=date(YEAR + 1, 12, 30),
                           **_identity(rng, human), human=human)  # fmt: skip
            if rng.random() < 0.5:
                yield _row("arrests", case_no=f"VA-{tag}", arrested_on=_day(rng), **_identity(rng, human),
                           outcome=rng.choice(("prosecuted", "administrative", "pending")),
                           unit_code=f"police:{human.commune}", human=human)  # fmt: skip

    def _incidents(self, rng: Random, number: int, start: int) -> Iterator[Entry]:
        for index in range(10):
            tag = f"{number}-{start + index}"
            alarm = datetime.combine(_day(rng), datetime.min.time()) + timedelta(minutes=rng.randint(0, 1200))
            yield _row("fires", incident_no=f"PC-{tag}", commune_code=rng.choice(self._communes), alarm_at=alarm,
                       arrived_at=alarm + timedelta(minutes=9), place=rng.choice(("dwelling", "market", "warehouse")),
                       cause=rng.choice(("electrical", "open_flame", "unknown")), deaths=rng.choice((0, 0, 0, 1)),
                       injured=rng.randint(0, 3), rescued=rng.randint(0, 2), damage_vnd=rng.randint(1, 900) * 1_000_000,
                       responders="fire_police;public",
                       counts_as_case=rng.choice(("yes", "yes", "yes", "no")))  # fmt: skip
            found = _day(rng)
            yield _row("drug_cases", case_no=f"MT-{tag}", commune_code=rng.choice(self._communes), detected_on=found,
                       offence=rng.choice(("trade", "possession", "organising_use", "harbouring_use")),
                       channel=rng.choice(("none", "none", "air", "post")), disguised_drug=rng.choice(("yes", "no")),
                       venue=rng.choice(("none", "conditional_business", "lodging")), subjects=rng.randint(1, 5),
                       substance=rng.choice(("heroin", "ketamin")), seized_grams=f"{rng.randint(1, 90)},5")  # fmt: skip
            yield _row("conflicts", conflict_no=f"MTH-{tag}", commune_code=rng.choice(self._communes),
                       detected_on=_day(rng), level=rng.randint(1, 3), parties=rng.randint(2, 9), status="in_progress",
                       cause=rng.choice(("land", "daily_life", "love")), prolonged=rng.choice(("yes", "no")))  # fmt: skip
            if index < 4:
                yield _row("places", place_no=f"CD-{tag}", valid_from=_day(rng), commune_code=rng.choice(self._communes),
                           kind=rng.choice(("lodging", "hot_spot", "conditional_business")),
                           at_risk=rng.choice(("yes", "no")))  # fmt: skip

    def _human(self, rng: Random) -> Human:
        while True:
            name = f"{rng.choice(_FAMILY)} {rng.choice(_MIDDLE)} {rng.choice(_GIVEN)}"
            birth = date(1965, 1, 1) + timedelta(days=rng.randint(0, 365 * 42))
            sex = rng.choice(("male", "male", "male", "female"))
            if (name, birth, sex) not in self._taken and (birth.month, birth.day) not in _STAND_INS:
                break
        self._taken.add((name, birth, sex))
        running = len(self._humans) + 1
        century = (0 if birth.year < 2000 else 2) + (sex == "female")
        human = Human(
            name=name,
            birth=birth,
            sex=sex,
            cccd=f"030{century}{birth.year % 100:02d}{700000 + running:06d}",
            cmnd=f"14{running:07d}",
            commune=rng.choice(self._communes),
            by_number=rng.random() < 0.2,
        )
        self._humans.append(human)
        return human


def _batches(entries: list[Entry]) -> Iterator[Batch]:
    """Runs of one form, forms in the order of first appearance (what others refer to comes first)."""
    for form in dict.fromkeys(entry.form for entry in entries):
        rows = [entry for entry in entries if entry.form == form]
        for start in range(0, len(rows), _BATCH):
            yield Batch(form, tuple(rows[start : start + _BATCH]))


def _row(form: str, human: Human | None = None, **values: Any) -> Entry:
    """A row as a clerk writes it, entered some days after the last thing it tells."""
    texts = {name: _text(value) for name, value in values.items() if value is not None}
    if "recorded_on" not in texts:
        days = [value.date() + timedelta(days=1) if isinstance(value, datetime) else value
                for name, value in values.items() if isinstance(value, date) and name not in _PLANS]  # fmt: skip
        noted = max(days, default=_LAST) + timedelta(days=len("".join(texts.values())) % 11)
        texts["recorded_on"] = noted.isoformat()
    return Entry(form, texts, human)


# Days that offices write where only the year is known: rows without a number are not joined by them.
_STAND_INS = frozenset({(1, 1), (7, 1), (6, 15)})
_PLANS = frozenset({"until_on", "period_from", "period_to", "birth_date"})


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)


def _day(rng: Random, first: date = _FIRST, last: date = _LAST) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def _identity(rng: Random, human: Human) -> dict[str, Any]:
    number = human.cccd if human.by_number else rng.choice((human.cccd, human.cccd, human.cmnd, None))
    return {
        "full_name": human.name if rng.random() < 0.8 else human.name.upper(),
        "birth_date": str(human.birth.year) if human.by_number else human.birth,
        "sex": human.sex,
        "national_id": number,
        "commune_code": human.commune,
    }


def _timeline(rng: Random, human: Human, tag: str) -> Iterator[Entry]:
    unit, day = f"police:{human.commune}", _day(rng, _FIRST, date(YEAR, 5, 1))
    common: dict[str, Any] = {"record_no": f"HS-{tag}", "unit_code": unit, "human": human}
    yield _row("registry", **common, **_identity(rng, human), status="suspected_user", status_from=day)
    if rng.random() < 0.7:
        day = _day(rng, day + timedelta(days=5), date(YEAR, 7, 1))
        yield _row("registry", **common, **_identity(rng, human), status="user", status_from=day,
                   decision_no=f"{tag}/QĐ", decision_date=day, presence="community")  # fmt: skip
        day = _day(rng, day + timedelta(days=5), date(YEAR, 9, 1))
        yield _row("registry", **common, **_identity(rng, human), status="addict", status_from=day,
                   presence=rng.choice(("community", "absent", "detained")),
                   psychosis=rng.choice(("yes", "no")))  # fmt: skip


def _determination(rng: Random, human: Human, tag: str) -> Entry:
    asked, index = _day(rng, _FIRST, date(YEAR, 12, 1)), rng.randint(0, 1)
    addicted = rng.random() < 0.6
    return _row("determination", slip_no=f"PX-{tag}", **_identity(rng, human), facility_code=_DETERMINERS[index],
                clinician_no=f"BS-{index}", requested_on=asked, observation_from=asked,
                observation_to=asked + timedelta(days=3), concluded_on=asked + timedelta(days=4),
                conclusion="addicted" if addicted else "not_addicted", criteria_met=4 if addicted else 1,
                substances=rng.choice(("heroin", "heroin;ketamin", "methamphetamine")), human=human)  # fmt: skip


def _treatment(rng: Random, human: Human, tag: str) -> Iterator[Entry]:
    site, start = rng.choice(_SITES), _day(rng, _FIRST, date(YEAR, 11, 1))
    ended = {"ended_on": start + timedelta(days=40), "end_reason": rng.choice(("dropped_out", "completed"))}
    yield _row("methadone", patient_no=f"BN-{tag}", **_identity(rng, human), enrolled_on=start, facility_code=site,
               unit_code=site, human=human, **(ended if rng.random() < 0.3 else {}))  # fmt: skip
    for offset in range(rng.randint(3, 8)):
        yield _row("doses", patient_no=f"BN-{tag}", dosed_on=start + timedelta(days=offset), facility_code=site,
                   unit_code=site, mg=rng.randint(20, 120), kind=rng.choice(("observed", "take_home")))  # fmt: skip


def _detox(rng: Random, human: Human, tag: str) -> Entry:
    admitted = _day(rng, _FIRST, date(YEAR, 10, 1))
    kind = rng.choice(("compulsory", "voluntary_facility", "voluntary_home"))
    decided = {"decision_no": f"TA-{tag}", "decided_on": admitted} if kind == "compulsory" else {}
    stages = {"stage_a_on": admitted + timedelta(days=5), "stage_b_on": admitted + timedelta(days=20)}
    return _row("detox", episode_no=f"CN-{tag}", **_identity(rng, human), kind=kind, admitted_on=admitted,
                facility_code=None if kind == "voluntary_home" else _CAMP, **decided, **stages, human=human)  # fmt: skip


_AFTERWARDS = "/01/2024"


def _afterthought_day(recorded_on: str) -> int:
    """The day in January 2024 on which the row was corrected, 0 where it was not."""
    day, noted, _ = recorded_on.partition(_AFTERWARDS)
    return int(day) if noted else 0


_CHANGES: dict[str, Callable[[Random, Values], Values]] = {
    "fires": lambda rng, row: {
        "deaths": str(rng.randint(0, 2)),
        "damage_vnd": f"{rng.randint(1, 99)}.000.000",
    },
    "drug_cases": lambda rng, row: {"prosecuted_on": row["detected_on"], "accused": str(rng.randint(1, 4))},
    "conflicts": lambda rng, row: {
        "status": "resolved_stable",
        "status_on": row["detected_on"],
        "outcome": "mediated",
    },
    "determination": lambda rng, row: {"conclusion": "not_addicted", "criteria_met": "1"},
    "methadone": lambda rng, row: {"ended_on": "30/12/2023", "end_reason": "moved_away"},
    "detox": lambda rng, row: {"ended_on": "31/12/2023", "end_reason": "completed"},
    "doses": lambda rng, row: {"kind": "observed", "mg": "55,5"},
    "places": lambda rng, row: {"valid_to": "31/12/2023", "end_reason": "eliminated"},
    "arrests": lambda rng, row: {"outcome": "released"},
    "registry": lambda rng, row: {"presence": "absent"},
}


def _afterthoughts(rng: Random, earlier: list[Entry], count: int) -> Iterator[Entry]:
    """Corrections and withdrawals of rows of earlier slices, written down in January 2024."""
    pool = [entry for entry in earlier if entry.form in _CHANGES]
    for entry in rng.sample(pool, min(count, len(pool))):
        # No earlier than an afterthought that stands: an older page would not win over it.
        day = max(rng.randint(15, 28), _afterthought_day(entry.values["recorded_on"]))
        noted = {"recorded_on": f"{day:02d}{_AFTERWARDS}"}
        voided = rng.random() < 0.25
        change = {"void": "yes"} if voided else _CHANGES[entry.form](rng, entry.values)
        yield Entry(entry.form, {**entry.values, **change, **noted}, entry.human)
