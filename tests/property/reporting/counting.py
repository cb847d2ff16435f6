"""What each figure counts, in plain Python: the rules of counting, read once more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tests.property.reporting.history import Known, Record


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


def _fires(measure: str | None) -> Any:
    def items(known: Known, asked: Asked) -> Iterator[Item]:
        assert asked.first is not None
        for record, row in known.rows["fires"]:
            day = (row["alarm_at"] + timedelta(hours=7)).date()
            if asked.first <= day <= asked.day and row["counts_as_case"]:
                dims = {"place": row["place"], "cause": row["cause"]}
                amount = 1 if measure is None else row[measure] or 0
                yield Item(record.key, record, row["commune"], None, dims, day, amount)

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
    "fires.cases": _fires(None),
    "fires.deaths": _fires("deaths"),
    "fires.damage_vnd": _fires("damage_vnd"),
    "venues.watched": _places(lambda row: row["kind"] != "hot_spot"),
    "hot_spots.open": _places(lambda row: row["kind"] == "hot_spot"),
    "hot_spots.eliminated": _eliminated,
    "methadone.sites": _sites,
    "methadone.doses": _doses,
}


def drug_problem(known: Known, asked: Asked) -> Iterator[Item]:
    """Whatever makes a drug problem: addicts and users, open hot spots, cases of the calendar year so far."""
    year = replace(asked, first=date(asked.day.year, 1, 1))
    for code in ("registry.addicts_with_file", "registry.users", "hot_spots.open", "drug_cases.detected"):
        yield from FIGURES[code](known, year)
