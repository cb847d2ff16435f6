"""The plain reading of one question: who counts, in which row, in the hierarchy asked.

Areas come from ``hierarchies`` (the lists themselves); nothing is shared with statements, cells or territories.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from tests.property.reporting.counting import FIGURES, Asked, Item, drug_problem
from tests.property.reporting.hierarchies import AREAS, COMMUNES, exists, level, parts, region, spot, up
from tests.property.reporting.history import PERSONAL, History, Known

UNKNOWN = "unknown"
spot, region, parts = lru_cache(None)(spot), lru_cache(None)(region), lru_cache(None)(parts)  # fmt: skip
DISTINCT = ("registry.", "methadone.", "detox.", "determination.", "arrests.")


class AmbiguousError(Exception):
    """Two addresses in different parts of one commune begin on one day: no rule says which counts."""


def truth(known: Known, asked: Asked) -> tuple[float, dict[str, float]]:
    """The value and the rows that are not nothing."""
    addresses = addresses_of(known)
    distinct = asked.code.startswith(DISTINCT) and asked.code != "methadone.doses"
    total: dict[Any, float] = {}
    rows: dict[str, dict[Any, float]] = defaultdict(dict)
    for number, one in enumerate(FIGURES[asked.code](known, asked)):
        name = _named(known, asked, one, addresses)
        if name is None:
            continue
        counted = one.who if distinct else number
        total[counted] = rows[name][counted] = one.amount
    shown = {name: sum(found.values()) for name, found in rows.items()}
    return sum(total.values()), {name: amount for name, amount in shown.items() if amount} if asked.by else {}


def table(known: Known, asked: Asked, across: str) -> dict[tuple[str, str], float]:
    """The cells that are not nothing, by row (``asked.by``) and column (``across``)."""
    addresses = addresses_of(known)
    distinct = asked.code.startswith(DISTINCT) and asked.code != "methadone.doses"
    cells: dict[tuple[str, str], dict[Any, float]] = defaultdict(dict)
    for number, one in enumerate(FIGURES[asked.code](known, asked)):
        row, column = (_named(known, replace(asked, by=name), one, addresses) for name in (asked.by, across))
        if row is not None and column is not None:
            cells[row, column][one.who if distinct else number] = one.amount
    shown = {place: sum(found.values()) for place, found in cells.items()}
    return {place: amount for place, amount in shown.items() if amount}


def _named(known: Known, asked: Asked, one: Item, addresses: dict[str, list[tuple[date, str]]]) -> str | None:
    """The row of an item in the breakdown asked; None outside the area asked."""
    place = _place(known, asked, one, addresses)
    if place is None or asked.by in (None, "area", "commune", "region"):
        return place
    return one.dims.get(asked.by) or UNKNOWN


def addresses_of(known: Known) -> dict[str, list[tuple[date, str]]]:
    """Who said when to live where."""
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for who, since, commune in known.addresses():
        found[who].append((since, commune))
    return found


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


def areas_of(history: History, geography: date) -> Iterable[str]:
    """The province of a hierarchy and every area of it in which something may be."""
    stated = {
        row["commune"] for record in history.records for _, row in record.said if row and "commune" in row
    }
    province = _province(geography)
    return [
        province,
        *sorted({uid for commune in stated for uid in up(spot(commune, geography).uid)} - {province}),
    ]


_GRAVITY = ("low", "at_risk", "high")


def communes_having(known: Known, asked: Asked) -> tuple[set[str], set[str]]:
    """Codes of the communes of the hierarchy that have the property of a figure, and what cannot be placed in one."""
    if asked.code.endswith("_drug_problem"):
        whole = replace(asked, area=_province(asked.geography), by="commune")
        found = [_place(known, whole, one, addresses_of(known)) for one in drug_problem(known, asked)]
        names = {name for name in found if name is not None}
        lost = {name.partition(":")[2] for name in names if ":" in name}
        return {name for name in names if ":" not in name}, lost
    scheme = "drug_hot" if asked.code == "areas.drug_hot" else "public_order_risk"
    graded: dict[str, tuple[Any, ...]] = {}
    lost = set()
    for _, row in known.classes(scheme, asked.day):
        here, grade = spot(row["commune"], asked.geography), row["area_class"]
        if here.lost:
            lost.add(here.lost)
            continue
        rank = (row["valid_from"], _GRAVITY.index(grade) if grade in _GRAVITY else 0, grade)
        graded[here.uid] = max(graded.get(here.uid, rank), rank)
    wanted = asked.code.rpartition(".")[2]
    having = {
        AREAS[uid]["code"]
        for uid, rank in graded.items()
        if wanted in ("drug_hot", "unclassified") or rank[2] == wanted
    }
    return having, lost


def communes_true(known: Known, asked: Asked) -> tuple[int, dict[str, int], set[str]]:
    """Value, rows that are not nothing, and what cannot be placed, of a figure that counts communes."""
    having, lost = communes_having(known, asked)
    rest = asked.code in ("areas.without_drug_problem", "areas.risk.unclassified")
    communes = [uid for uid in COMMUNES if exists(uid, asked.geography) and asked.area in up(uid)]
    counted = [uid for uid in communes if (AREAS[uid]["code"] in having) != rest]
    rows: dict[str, int] = defaultdict(int)
    for uid in counted:
        rows[_row(uid, uid, asked) or ""] += 1
    inside = {uid for uid in lost if asked.area in up(spot(uid, asked.geography).uid)}
    return len(counted), dict(rows) if asked.by else {}, inside


def _province(geography: date) -> str:
    return "30@2008" if geography < date(2025, 7, 1) else "31@2025"
