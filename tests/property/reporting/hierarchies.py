"""Areas through time as the lists have them: a plain walk over the two changes, one area at a time.

Reads `areas.csv` and `lineage.csv` by itself and shares nothing with `reference.pack.areas`.
"""

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import provinces

DATA = Path(provinces.__file__).parent / "hai-duong"
CHANGES = (date(2024, 12, 1), date(2025, 7, 1))


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


AREAS = {row["area_uid"]: row for row in _read("areas.csv")}
STEPS = _read("lineage.csv")
COMMUNES = sorted(uid for uid, row in AREAS.items() if row["level"] == "commune")


def exists(uid: str, day: date) -> bool:
    since, until = AREAS[uid]["valid_from"], AREAS[uid]["valid_to"]
    return (not since or date.fromisoformat(since) <= day) and (not until or day < date.fromisoformat(until))


def up(uid: str) -> list[str]:
    chain = [uid]
    while AREAS[chain[-1]]["parent_uid"]:
        chain.append(AREAS[chain[-1]]["parent_uid"])
    return chain


def level(uid: str) -> str:
    return AREAS[uid]["level"]


@dataclass(frozen=True)
class Spot:
    """The smallest sure area, and the commune that could not be followed (None where it could)."""

    uid: str
    lost: str | None


def spot(uid: str, day: date) -> Spot:
    """Where a commune lies on the day."""
    return _earlier(uid, day) if _begins_after(uid, day) else _later(uid, day)


def _begins_after(uid: str, day: date) -> bool:
    since = AREAS[uid]["valid_from"]
    return bool(since) and day < date.fromisoformat(since)


def _later(uid: str, day: date) -> Spot:
    current = uid
    for change in CHANGES:
        if change > day or AREAS[current]["valid_to"] != change.isoformat():
            continue
        to = [
            row for row in STEPS if row["from_uid"] == current and row["effective_on"] == change.isoformat()
        ]
        if len(to) == 1 and to[0]["kind"] == "whole":
            current = to[0]["to_uid"]
            continue
        shaped = [row for row in STEPS if row["from_uid"] == current and row["basis"] == "by_shape"]
        if shaped and date.fromisoformat(shaped[0]["effective_on"]) <= day:
            current = shaped[0]["to_uid"]
            continue
        above = next((one for one in up(current) if exists(one, day)), "31@2025")
        return Spot(above, current)
    return Spot(current, None)


def _earlier(uid: str, day: date) -> Spot:
    made_of = {uid}
    for change in reversed(CHANGES):
        if change <= day:
            continue
        found = set()
        for one in made_of:
            if AREAS[one]["valid_from"] != change.isoformat():
                found.add(one)
                continue
            steps = [row for row in STEPS if row["to_uid"] == one]
            # What is known by its shape alone had ended before: then others held its land, and they have rows too.
            steps = [row for row in steps if row["basis"] != "by_shape" or exists(row["from_uid"], day)]
            if not any(row["kind"] == "whole" or row["main"] for row in steps):
                return Spot("30@2008", uid)  # lands of another province are in it
            found |= {row["from_uid"] for row in steps}
        made_of = found
    if len(made_of) == 1:
        return Spot(made_of.pop(), None)
    districts = {up(one)[1] for one in made_of}
    return Spot(districts.pop() if len(districts) == 1 else "30@2008", uid)


def region(uid: str) -> str:
    """The district of 2023 that surely holds the commune."""
    chain = up(spot(uid, date(2023, 6, 1)).uid)
    found = [one for one in chain if level(one) == "district"]
    return AREAS[found[0]]["code"] if found else f"unattributed:{uid}"


def parts(uid: str) -> set[str]:
    """Everything later that got a piece of a divided commune."""
    return {row["to_uid"] for row in STEPS if row["from_uid"] == uid and row["kind"] == "part"}


@dataclass
class Human:
    """Somebody with dated addresses: (day, commune, recorded, form). The first is the register row that counts."""

    name: str
    addresses: list[tuple[date, str, date, str]] = field(default_factory=list)

    def followed(self, stated: str, geography: date, day: date, known: date) -> str:
        """The commune that the register row's own commune stands for: one of its parts where an address says so."""
        lost = spot(stated, geography).lost
        if lost is None or _begins_after(stated, geography) or not (heirs := parts(lost)):
            return stated
        ended = date.fromisoformat(AREAS[lost]["valid_to"])
        until = date.max if day < ended else day
        said = [one for one in self.addresses if one[1] in heirs and one[0] <= until and one[2] <= known]
        return max(said)[1] if said else stated


def row(human: Human, by: str, asked: str, geography: date, day: date, known: date) -> str | None:
    """The row in which the human being counts for an area asked; None outside it."""
    stated = human.addresses[0][1]
    here = spot(human.followed(stated, geography, day, known), geography)
    chain = up(here.uid)
    if asked not in chain:
        return None
    if by == "region":
        return region(stated)
    below = chain[: chain.index(asked)] if chain[0] != asked or level(asked) != "commune" else [asked]
    wanted = [one for one in below if level(one) == "commune"] if by == "commune" else below[-1:]
    if wanted:
        return AREAS[wanted[0]]["code"]
    return f"unattributed:{here.lost}"


def count(rows: list[str | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in rows:
        if name is not None:
            found[name] = found.get(name, 0) + 1
    return found


def data(form: str, commune: str, day: date) -> dict[str, Any]:
    """What a row of the form says about an address."""
    given: dict[str, Any] = {"commune": commune}
    if form == "registry":
        return given | {"status": "addict", "status_from": day}
    if form == "determination":
        slip = {"facility": "F1", "clinician": "c", "requested_on": day, "concluded_on": day}
        return given | slip | {"conclusion": "addicted"}
    if form == "methadone":
        return given | {"facility": "F1", "enrolled_on": day}
    return given | {"kind": "compulsory", "admitted_on": day}
