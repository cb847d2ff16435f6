"""What each figure counts, as data. The codes and their names are in ``reference.figures``; this says how.

A definition names the rows (``source`` and ``kinds``), a condition on them, what is counted and what it may be broken
down by. Conditions and expressions are SQL over the row ``s`` with the parameters ``day`` (as of, or the last day of
the period), ``first`` (its first day) and ``known``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from reference import CONFLICT_CAUSE, CONFLICT_STATUS, age_bands

Source = Literal["spell", "fact"]
Count = Literal["person", "record", "facility", "sum"]
AreaBy = Literal["residence", "facility", "place"]


@dataclass(frozen=True, slots=True)
class Definition:
    """How one figure is computed.

    ``count``: distinct human beings, records, facilities, or the sum of ``measure``. ``area``: the row's own commune
    (a residence, which ``area_of=facility`` may replace, or a place, which nothing replaces), or always that of its
    facility. ``present``: the presence on the day is needed ("known" for a breakdown, else the one that is asked).
    ``concluded``: only persons with an `addicted` conclusion on or before the day. ``when``: the condition on the row's
    time, None = a state holds on the day, an event happened in the period.
    """

    source: Source
    kinds: tuple[str, ...]
    count: Count
    area: AreaBy
    where: str = "true"
    measure: str = "1"
    dims: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    present: str | None = None
    concluded: bool = False
    when: str | None = None


def _band(day: str) -> str:
    """Return SQL for the age band in completed years on ``day``: for a stock the day asked, for a flow the event's day."""
    youngest, *others = age_bands()
    cases = [f"WHEN {day} >= {_birthday(band.from_age)} THEN '{band.band}'" for band in reversed(others)]
    # A row without thirtieth birthday is about a person of whom only "30 or over" is known.
    eldest = others[-1].band
    return f"CASE WHEN s.age30_on IS NULL THEN '{eldest}' {' '.join(cases)} ELSE '{youngest.band}' END"


def _birthday(age: int) -> str:
    """Return SQL for the day on which the person completes ``age`` years, counted back from the thirtieth birthday.

    The thirtieth birthday is never 29 February, since no leap year is 30 years after another. For a person born on
    29 February it is 1 March; in leap years (every age that 4 divides) the birthday is a day earlier.
    """
    day = f"s.age30_on - interval '{30 - age} years'"
    return (
        day
        if age % 4
        else f"{day} - CASE WHEN s.attrs ? 'leap_day' THEN interval '1 day' ELSE interval '0' END"
    )


_PERSON_ON_DAY = {"sex": "s.sex", "age_band": _band("%(day)s::date")}
# For a flow the age on the day of the event counts, not the age on the day asked.
_PERSON_THEN = {"sex": "s.sex", "age_band": _band("s.occurred_on")}
_FACILITY = {"facility": "s.facility"}
_SUBSTANCES = {"substance": "s.attrs->'substances'"}


def _status(where: str, *, present: str | None = None, concluded: bool = False) -> Definition:
    dims = {**_PERSON_ON_DAY, "status": "s.code", "presence": "presence_on_day.presence"}
    return Definition(
        "spell", ("status",), "person", "residence", where, dims=dims, present=present, concluded=concluded
    )


def _slips(where: str, count: Count = "person") -> Definition:
    dims = {**_PERSON_THEN, **_FACILITY, "outcome": "s.code"}
    return Definition("fact", ("slip",), count, "residence", where, dims=dims, lists=_SUBSTANCES)


def _admitted(kind: str) -> Definition:
    return Definition(
        "fact",
        ("detox_admitted",),
        "person",
        "residence",
        f"s.code = '{kind}'",
        dims={**_PERSON_THEN, **_FACILITY},
    )


def _facilities(does: str) -> Definition:
    return Definition(
        "spell",
        ("facility",),
        "facility",
        "place",
        f"s.attrs->'does' ? '{does}'",
        dims={"level": "s.attrs->>'level'", "facility": "s.facility"},
    )


# What became of a case by the end of the period; prosecution is named where there was both.
_CASE_DIMS = {
    "offence": "s.code",
    "venue": "s.attrs->>'venue'",
    "substance": "s.attrs->>'substance'",
    "outcome": "CASE WHEN (s.attrs->>'prosecuted_on')::date <= %(day)s::date THEN 'prosecuted'"
    " WHEN (s.attrs->>'administrative_on')::date <= %(day)s::date THEN 'administrative' END",
}
_GRAMS = "(s.attrs->>'grams')::numeric"
_BY_AIR_OR_POST = "s.attrs->>'channel' IN ('air', 'post')"
_USE = "s.code IN ('organising_use', 'harbouring_use')"


def _cases(where: str = "true", *, kind: str = "case_detected", measure: str | None = None) -> Definition:
    count: Count = "record" if measure is None else "sum"
    return Definition("fact", (kind,), count, "place", where, measure or "1", _CASE_DIMS)


def _fires(measure: str | None = None) -> Definition:
    count: Count = "record" if measure is None else "sum"
    dims = {"place": "s.attrs->>'place'", "cause": "s.attrs->>'cause'"}
    amount = "1" if measure is None else f"(s.attrs->>'{measure}')::numeric"
    return Definition("fact", ("fire",), count, "place", "s.attrs ? 'is_case'", amount, dims)


# Before ``status_on`` a conflict is in progress; without it the status holds from detection.
_CONFLICT_STATUS = (
    "CASE WHEN s.attrs->>'status_on' IS NULL OR (s.attrs->>'status_on')::date <= %(day)s::date"
    " THEN s.code ELSE 'in_progress' END"
)
_CONFLICT_DIMS = {
    "level": "s.attrs->>'level'",
    "cause": "s.attrs->>'cause'",
    "status": _CONFLICT_STATUS,
    "outcome": "s.attrs->>'outcome'",
}


def _conflicts(where: str = "true", *, measure: str | None = None) -> Definition:
    count: Count = "record" if measure is None else "sum"
    return Definition("fact", ("conflict",), count, "place", where, measure or "1", _CONFLICT_DIMS)


def _venues(where: str) -> Definition:
    return Definition("spell", ("place",), "record", "place", where, dims={"kind": "s.code"})


DEFINITIONS: dict[str, Definition] = {
    "registry.addicts_with_file": _status("s.code = 'addict'"),
    "registry.users": _status("s.code = 'user'"),
    "registry.post_detox": _status("s.code = 'post_detox'"),
    "registry.suspected_addicts": _status("s.code = 'suspected_addict'"),
    "registry.suspected_users": _status("s.code = 'suspected_user'"),
    "registry.addicts_in_community": _status("s.code = 'addict'", present="community"),
    "registry.psychosis": _status("(s.attrs->>'psychosis_from')::date <= %(day)s::date"),
    "registry.users_with_decision": _status(
        "s.code = 'user' AND (s.attrs->>'decided_on')::date <= %(day)s::date"
    ),
    "registry.addicts_with_slip": _status("s.code = 'addict'", concluded=True),
    "determination.concluded": _slips("true"),
    "determination.addicted": _slips("s.code = 'addicted'"),
    "determination.not_addicted": _slips("s.code = 'not_addicted'"),
    "determination.slips": _slips("true", count="record"),
    "determination.facilities": _facilities("determination"),
    "methadone.sites": _facilities("methadone"),
    "methadone.active": Definition(
        "spell", ("methadone",), "person", "residence", dims={**_PERSON_ON_DAY, **_FACILITY}
    ),
    "methadone.entered": Definition(
        "fact", ("methadone_entered",), "person", "residence", dims={**_PERSON_THEN, **_FACILITY}
    ),
    "methadone.left": Definition(
        "fact",
        ("methadone_left",),
        "person",
        "residence",
        dims={**_PERSON_THEN, **_FACILITY, "end_reason": "s.reason"},
    ),
    "methadone.doses": Definition(
        "fact", ("dose",), "record", "facility", dims={**_FACILITY, "kind": "s.code"}
    ),
    "detox.compulsory_admitted": _admitted("compulsory"),
    "detox.voluntary_facility_admitted": _admitted("voluntary_facility"),
    "detox.voluntary_home_admitted": _admitted("voluntary_home"),
    "detox.in_facility": Definition(
        "spell",
        ("detox",),
        "person",
        "residence",
        "s.code IN ('compulsory', 'voluntary_facility')",
        dims={**_PERSON_ON_DAY, **_FACILITY, "kind": "s.code"},
    ),
    "drug_cases.detected": _cases(),
    "drug_cases.prosecuted": _cases(kind="case_prosecuted"),
    "drug_cases.administrative": _cases(kind="case_administrative"),
    "drug_cases.without_outcome": _cases(
        "coalesce((s.attrs->>'prosecuted_on')::date > %(day)s::date, true)"
        " AND coalesce((s.attrs->>'administrative_on')::date > %(day)s::date, true)"
    ),
    "drug_cases.disguised_drug": _cases("s.attrs ? 'disguised'"),
    "drug_cases.by_air_or_post": _cases(_BY_AIR_OR_POST),
    "drug_cases.seized_grams_by_air_or_post": _cases(_BY_AIR_OR_POST, measure=_GRAMS),
    "drug_cases.organising_or_harbouring": _cases(_USE),
    "drug_cases.organising_or_harbouring_at_conditional_business": _cases(
        f"{_USE} AND s.attrs->>'venue' = 'conditional_business'"
    ),
    "drug_cases.subjects": _cases(measure="(s.attrs->>'subjects')::numeric"),
    "drug_cases.accused": _cases(kind="case_prosecuted", measure="(s.attrs->>'accused')::numeric"),
    "drug_cases.seized_grams": _cases(measure=_GRAMS),
    "arrests.persons": Definition(
        "fact", ("arrest",), "person", "residence", dims={**_PERSON_THEN, "outcome": "nullif(s.code, '')"}
    ),
    "fires.cases": _fires(),
    "fires.deaths": _fires("deaths"),
    "fires.injured": _fires("injured"),
    "fires.rescued": _fires("rescued"),
    "fires.damage_vnd": _fires("damage_vnd"),
    "conflicts.detected": _conflicts(),
    "conflicts.parties": _conflicts(measure="(s.attrs->>'parties')::numeric"),
    **{f"conflicts.level.{n}": _conflicts(f"s.attrs->>'level' = '{n}'") for n in (1, 2, 3)},
    **{f"conflicts.cause.{cause}": _conflicts(f"s.attrs->>'cause' = '{cause}'") for cause in CONFLICT_CAUSE},
    "conflicts.cause.not_land_or_daily_life": _conflicts("s.attrs->>'cause' NOT IN ('land', 'daily_life')"),
    **{
        f"conflicts.status.{status}": _conflicts(f"{_CONFLICT_STATUS} = '{status}'")
        for status in CONFLICT_STATUS
    },
    "conflicts.prolonged": _conflicts("s.attrs ? 'prolonged'"),
    "venues.watched": _venues("s.code <> 'hot_spot'"),
    **{
        f"venues.at_risk.{kind}": _venues(f"s.code = '{kind}' AND s.attrs ? 'at_risk'")
        for kind in ("conditional_business", "disguised_business", "lodging", "other")
    },
    "hot_spots.open": _venues("s.code = 'hot_spot'"),
    "hot_spots.eliminated": Definition(
        "fact", ("place_ended",), "record", "place", "s.code = 'hot_spot' AND s.reason = 'eliminated'"
    ),
}

# Figures about communes: which communes have the property. The rest of the area's communes have not.
DRUG_PROBLEM = ("areas.with_drug_problem", "areas.without_drug_problem")
RISK = {
    "areas.risk.high": "high",
    "areas.risk.at_risk": "at_risk",
    "areas.risk.low": "low",
    "areas.risk.unclassified": None,
}
DRUG_HOT = "areas.drug_hot"
TARGETS = {"detox.compulsory_target": "detox.compulsory_admitted"}
