"""A slow second count of the published figures, straight from the rows in force, by the rules of counting.

It shares nothing with the generator or with the reporting service: persons are grouped by comparing records,
days are looked at one at a time.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from typing import Any

from reference.pack.areas import area_book
from tests.unit.demo.handed_in import HandedIn, Row, key_of

Ref = tuple[str, ...]
_PERSON_KEY = {"registry": "record_no", "methadone": "patient_no"}
_PERSON_FORMS = ("registry", "determination", "methadone", "detox", "post_detox", "arrests")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class People:
    """Which records are one human being. ``contradictions`` counts same-named groups that numbers keep apart."""

    def __init__(self, handed_in: HandedIn) -> None:
        self._parent: dict[Ref, Ref] = {}
        self.contradictions = 0
        self.joined_by_name = 0
        by_number: dict[str, list[Ref]] = defaultdict(list)
        by_name: dict[Hashable, list[tuple[Ref, str | None]]] = defaultdict(list)
        for form in _PERSON_FORMS:
            for row in handed_in.rows(form):
                ref = ref_of(form, row)
                self._parent.setdefault(ref, ref)
                number = row["national_id"]
                if number:
                    by_number[number].append(ref)
                if isinstance(row["birth_date"], date):
                    by_name[plain_name(row["full_name"]), row["birth_date"], row["sex"]].append((ref, number))
        for refs in by_number.values():
            for ref in refs[1:]:
                self._join(refs[0], ref)
        for group in by_name.values():
            self._join_named(group)

    def of(self, form: str, row: Row) -> Ref:
        """The human being whom the row is about."""
        return self._top(ref_of(form, row))

    def _join_named(self, group: list[tuple[Ref, str | None]]) -> None:
        numbers = {number for _, number in group if number}
        if any(len({one for one in numbers if len(one) == length}) > 1 for length in (9, 12)):
            assert all(number and len(number) == 12 for _, number in group), (
                f"nobody can say who is who: {group}"
            )
            self.contradictions += 1
            return
        for ref, _ in group[1:]:
            if self._top(ref) != self._top(group[0][0]):
                self.joined_by_name += 1
                self._join(group[0][0], ref)

    def _top(self, ref: Ref) -> Ref:
        while self._parent[ref] != ref:
            ref = self._parent[ref]
        return ref

    def _join(self, one: Ref, other: Ref) -> None:
        self._parent[self._top(other)] = self._top(one)


def ref_of(form: str, row: Row) -> Ref:
    """One number of one unit is one person, whatever else its rows say."""
    if form in _PERSON_KEY:
        return (form, row["unit_code"], row[_PERSON_KEY[form]])
    return (form, *key_of(form, row))


def plain_name(name: str) -> str:
    """A name without case, spacing and the place of its tone marks."""
    syllables = []
    for syllable in unicodedata.normalize("NFD", name.casefold()).split():
        tones = "".join(mark for mark in syllable if mark in _TONES)
        syllables.append("".join(mark for mark in syllable if mark not in _TONES) + tones)
    return " ".join(syllables)


class Count:
    """Counts figures of the province."""

    def __init__(self, handed_in: HandedIn) -> None:
        self.handed_in = handed_in
        self.people = People(handed_in)
        self._timelines: dict[Ref, list[Row]] = defaultdict(list)
        for row in handed_in.rows("registry"):
            self._timelines[ref_of("registry", row)].append(row)
        for rows in self._timelines.values():
            rows.sort(key=lambda row: row["status_from"])

    def stock(self, code: str, day: date) -> int:
        """The figure at the end of the day."""
        family, _, rest = code.partition(".")
        stocks: dict[str, Callable[[str, date], int]] = {
            "registry": self._registry,
            "areas": self._areas,
            "venues": self._venues,
            "determination": lambda _rest, when: self._facilities("determination", when),
            "methadone": self._methadone,
        }
        return stocks[family](rest, day)

    def flow(self, code: str, first: date, last: date) -> int:
        """The figure of the period, both days included."""
        family, _, rest = code.partition(".")
        flows: dict[str, Callable[[str, date, date], int]] = {
            "determination": self._determination,
            "detox": self._detox,
            "drug_cases": self._drug_cases,
            "conflicts": self._conflicts,
            "hot_spots": self._hot_spots,
        }
        return flows[family](rest, first, last)

    def listed(self, day: date) -> Iterator[Row]:
        """The registry rows whose status holds on the day."""
        for rows in self._timelines.values():
            for row, following in zip(rows, [*rows[1:], None], strict=True):
                ends = [row["status_to"], row["removed_on"], following and following["status_from"]]
                if row["status_from"] <= day and all(end is None or day < end for end in ends):
                    yield row

    def presence(self, day: date) -> dict[Ref, str]:
        """Where each human being is on the day, of whom anything says so."""
        latest: dict[Ref, tuple[date, int, str]] = {}

        def say(person: Ref, since: date | None, rank: int, where: str) -> None:
            if since is not None and since <= day:
                latest[person] = max(latest.get(person, (since, rank, where)), (since, rank, where))

        for row in self.handed_in.rows("registry"):
            if row["presence"]:
                since = row["presence_from"] or row["status_from"]
                say(self.people.of("registry", row), since, 0, row["presence"])
        for row in self.handed_in.rows("detox"):
            if row["kind"] != "voluntary_home":
                person = self.people.of("detox", row)
                say(person, row["admitted_on"], 1, "detox_facility")
                say(person, row["ended_on"], 1, "removed" if row["end_reason"] == "died" else "community")
        return {person: where for person, (_, _, where) in latest.items()}

    def _registry(self, rest: str, day: date) -> int:
        rows = list(self.listed(day))
        if rest == "psychosis":
            rows = [
                row
                for row in rows
                if row["psychosis"] and (row["psychosis_from"] or row["status_from"]) <= day
            ]
            return self._persons("registry", rows)
        status = {"users": "user", "post_detox": "post_detox"}.get(rest, "addict")
        rows = [row for row in rows if row["status"] == status]
        if rest == "addicts_in_community":
            where = self.presence(day)
            rows = [row for row in rows if where.get(self.people.of("registry", row)) == "community"]
        return self._persons("registry", rows)

    def _persons(self, form: str, rows: Iterable[Row]) -> int:
        return len({self.people.of(form, row) for row in rows})

    def _areas(self, rest: str, day: date) -> int:
        province = area_book().resolve("30", day)
        assert province is not None
        communes = {area.code for area in area_book().communes(province.uid, day)}
        if rest in ("with_drug_problem", "without_drug_problem"):
            affected = {
                row["commune_code"] for row in self.listed(day) if row["status"] in ("addict", "user")
            }
            affected |= {row["commune_code"] for row in self._places(day) if row["kind"] == "hot_spot"}
            affected |= {row["commune_code"] for row in self._detected(date(day.year, 1, 1), day)}
            return len(communes & affected if rest == "with_drug_problem" else communes - affected)
        scheme, wanted = (
            ("drug_hot", "hot") if rest == "drug_hot" else ("public_order_risk", rest.split(".")[-1])
        )
        classes = [
            row for row in self.handed_in.rows("area_classes") if row["scheme"] == scheme and _valid(row, day)
        ]
        assert len(classes) == len({row["commune_code"] for row in classes})
        return len({row["commune_code"] for row in classes if row["class"] == wanted})

    def _places(self, day: date) -> list[Row]:
        return [row for row in self.handed_in.rows("places") if _valid(row, day)]

    def _venues(self, rest: str, day: date) -> int:
        venues = [row for row in self._places(day) if row["kind"] != "hot_spot"]
        if rest != "watched":
            venues = [row for row in venues if row["at_risk"] and row["kind"] == rest.split(".")[-1]]
        return len({(row["unit_code"], row["place_no"]) for row in venues})

    def _facilities(self, does: str, day: date) -> int:
        rows = self.handed_in.rows("facilities")
        return len({row["facility_code"] for row in rows if does in row["does"] and _valid(row, day)})

    def _methadone(self, rest: str, day: date) -> int:
        if rest == "sites":
            return self._facilities("methadone", day)
        rows = self.handed_in.rows("methadone")
        return self._persons(
            "methadone",
            [
                row
                for row in rows
                if row["enrolled_on"] <= day and (row["ended_on"] is None or day < row["ended_on"])
            ],
        )

    def _determination(self, rest: str, first: date, last: date) -> int:
        rows = [row for row in self.handed_in.rows("determination") if first <= row["concluded_on"] <= last]
        if rest == "slips":
            return len(rows)
        return self._persons(
            "determination", [row for row in rows if rest in ("concluded", row["conclusion"])]
        )

    def _detox(self, rest: str, first: date, last: date) -> int:
        if rest == "compulsory_target":
            named = ("detox.compulsory_admitted", "30", first, last)
            fields = ("figure", "area_code", "period_from", "period_to")
            (row,) = [
                row for row in self.handed_in.rows("targets") if tuple(row[name] for name in fields) == named
            ]
            return int(row["value"])
        rows = self.handed_in.rows("detox")
        kind = rest.removesuffix("_admitted")
        return self._persons(
            "detox", [row for row in rows if row["kind"] == kind and first <= row["admitted_on"] <= last]
        )

    def _detected(self, first: date, last: date) -> list[Row]:
        return [row for row in self.handed_in.rows("drug_cases") if first <= row["detected_on"] <= last]

    def _drug_cases(self, rest: str, first: date, last: date) -> int:
        cases = self._detected(first, last)
        by_air = [row for row in cases if row["channel"] in ("air", "post")]
        use = [row for row in cases if row["offence"] in ("organising_use", "harbouring_use")]
        counts: dict[str, Any] = {
            "detected": len(cases),
            "by_air_or_post": len(by_air),
            "seized_grams_by_air_or_post": sum(row["seized_grams"] for row in by_air),
            "disguised_drug": sum(row["disguised_drug"] for row in cases),
            "organising_or_harbouring": len(use),
            "organising_or_harbouring_at_conditional_business": sum(
                row["venue"] == "conditional_business" for row in use
            ),
        }
        return int(counts[rest])

    def _conflicts(self, rest: str, first: date, last: date) -> int:
        rows = [row for row in self.handed_in.rows("conflicts") if first <= row["detected_on"] <= last]
        what, _, value = rest.partition(".")
        if what == "parties":
            return sum(row["parties"] for row in rows)
        tests: dict[str, Callable[[Row], bool]] = {
            "detected": lambda row: True,
            "level": lambda row: row["level"] == int(value),
            "cause": lambda row: (
                row["cause"] not in ("land", "daily_life")
                if value == "not_land_or_daily_life"
                else row["cause"] == value
            ),
            "status": lambda row: status_on(row, last) == value,
            "prolonged": lambda row: row["prolonged"],
        }
        return sum(tests[what](row) for row in rows)

    def _hot_spots(self, rest: str, first: date, last: date) -> int:
        assert rest == "eliminated"
        return sum(
            row["kind"] == "hot_spot"
            and row["end_reason"] == "eliminated"
            and first <= row["valid_to"] <= last
            for row in self.handed_in.rows("places")
        )


def status_on(conflict: Row, day: date) -> str:
    """The conflict's status at the end of the day: in progress until the row's own status begins."""
    return (
        str(conflict["status"])
        if (conflict["status_on"] or conflict["detected_on"]) <= day
        else "in_progress"
    )


def _valid(row: Row, day: date) -> bool:
    return row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])
