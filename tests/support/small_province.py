"""A small province with small counts in every register, and twins of it in which one person or case is elsewhere.

Each register knows two persons in one commune and three in another; in the twin it is three and two (where two registers
are counted together: one and two in each). Who is in the first commune differs from the others in all else too (site,
outcome, age), so that the same counts change places in every breakdown.
All these counts are hidden from outsiders, and what is released is the same in both: whatever an outsider is told must be
the same, too.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from tests.support.reporting import Log, person

FEW, OTHER = "10513@2008", "10546@2008"
"""The two communes, in two districts."""
MANY, MORE, SOME = "10606@2008", "10675@2008", "10750@2008"
"""Communes of other districts: two with counts that are released, and one with four, hidden with the few in both twins."""
FEW_CODE, FEW_DISTRICT = "10513", "288"
AGENCIES = ("police", "health", "labour")
"""Whose registers a twin can differ in."""
DAY = date(2023, 12, 31)
"""By the end of it everything has happened but `news`."""
_ON = date(2023, 10, 9)


class Place(NamedTuple):
    """One of the persons or cases of a register: a name, where it is, and what it is like there."""

    name: str
    commune: str
    kind: int


def history(moved: Collection[str] = ()) -> Log:
    """The events of the province; in a twin those of the agencies in ``moved`` have one of their few elsewhere."""
    log = Log()
    _registry(log, "police" in moved)
    _incidents(log, "police" in moved)
    _health(log, "health" in moved)
    _labour(log, "labour" in moved)
    return log


def news(log: Log, moved: Collection[str] = ()) -> None:
    """What is recorded after the year was closed: one more user, and one user who never was one."""
    where = FEW if "police" in moved else OTHER
    _listed(log, "user", Place("late", where, 2), recorded=date(2024, 3, 1))
    log.write("registry", "user many 0", void=True, recorded=date(2024, 3, 2))


def _spread(moved: bool) -> Iterator[Place]:
    """Five in the two small communes, of kinds 0 and 1, and those of the others, of kind 2."""
    first = 3 if moved else 2
    for number in range(5):
        kind = 0 if number < first else 1
        yield Place(f"few {number}", (FEW, OTHER)[kind], kind)
    for name, commune, count in (("many", MANY, 14), ("more", MORE, 9), ("some", SOME, 4)):
        for number in range(count):
            yield Place(f"{name} {number}", commune, 2)


def _two_ways(moved: bool, first: str, second: str) -> Iterator[tuple[str, Place]]:
    """The people of two registers that are also counted together: three of the five in each, so that both sums stay small."""
    of = {first: ("few 0", "few 2", "few 3"), second: ("few 1", "few 2", "few 4")}
    for place in _spread(moved):
        for register in (first, second):
            if place.kind == 2 or place.name in of[register]:
                yield register, place


def _few(moved: bool) -> int:
    """How many a register knows in the first commune."""
    return 3 if moved else 2


def _listed(log: Log, status: str, place: Place, **more: Any) -> None:
    band = ("14-15", "16-17", "30+")[place.kind]
    who = person(f"{status} {place.name}", band=band, until=None if band == "30+" else date(2025, 6, 1))
    given: dict[str, Any] = {"person": who, "commune": place.commune, "status": status, "status_from": _ON}
    log.write("registry", f"{status} {place.name}", **given | more)


def _registry(log: Log, moved: bool) -> None:
    for status in ("user", "addict", "post_detox", "suspected_addict", "suspected_user"):
        for place in _spread(moved):
            more: dict[str, Any] = {"presence": ("community", "community", "detained")[place.kind]}
            if status == "user" and place.kind < 2:
                more |= {"has_decision": True, "decision_date": _ON}
            if status == "addict" and place.kind < 2:
                more |= {"psychosis": True, "psychosis_from": _ON}
            _listed(log, status, place, **more)
    _declared(log, "police", "registry.users", _few(moved))


def _incidents(log: Log, moved: bool) -> None:
    for commune, count in ((FEW, _few(moved)), (OTHER, 5 - _few(moved)), (MANY, 14), (SOME, 4)):
        case: dict[str, Any] = {
            "commune": commune,
            "detected_on": _ON,
            "offence": "trade",
            "prosecuted_on": _ON,
        }
        log.write("drug_cases", f"case {commune}", **case, subjects=count, accused=count)
        fire: dict[str, Any] = {"alarm_at": datetime(2023, 10, 9, 3, tzinfo=UTC), "place": "dwelling"}
        fire |= {"commune": commune, "deaths": count, "injured": count, "rescued": count}
        log.write("fires", f"fire {commune}", occurred=_ON, **fire)
    for place in _spread(moved):
        log.write(
            "arrests",
            f"arrest {place.name}",
            person=person(f"arrested {place.name}"),
            commune=place.commune,
            case="A1",
            arrested_on=_ON,
            outcome=("released", "pending", "prosecuted")[place.kind],
        )
        log.write(
            "conflicts",
            f"conflict {place.name}",
            commune=place.commune,
            detected_on=_ON,
            level=1 + place.kind,
            cause=("love", "rights", "land")[place.kind],
            parties=3,
            status=("in_progress", "resolved_unstable", "resolved_stable")[place.kind],
            prolonged=place.kind == 0,
        )


def _health(log: Log, moved: bool) -> None:
    for site, commune in zip(_SITES, (FEW, OTHER, MANY), strict=True):
        log.write(
            "facilities",
            site,
            unit="health:30",
            facility=site,
            name=f"Cơ sở {site}",
            level="commune",
            commune=commune,
            does=["methadone", "determination"],
            valid_from=date(2019, 1, 1),
        )
    for place in _spread(moved):
        site = _SITES[place.kind]
        given: dict[str, Any] = {"unit": site, "facility": site, "commune": place.commune, "enrolled_on": _ON}
        log.write("methadone", f"patient {place.name}", person=person(f"patient {place.name}"), **given)
        given |= {
            "ended_on": date(2023, 11, 9),
            "end_reason": ("detained", "moved_away", "dropped_out")[place.kind],
        }
        log.write("methadone", f"former {place.name}", person=person(f"former {place.name}"), **given)
        log.write("doses", f"dose {place.name}", unit=site, facility=site, dosed_on=DAY)
    for conclusion, place in _two_ways(moved, "addicted", "not_addicted"):
        _slip(log, place, conclusion)
    _declared(log, "health", "methadone.active", _few(moved))


_SITES = ("M1", "M2", "M3")


def _slip(log: Log, place: Place, conclusion: str) -> None:
    name, site = f"{conclusion} {place.name}", _SITES[place.kind]
    log.write(
        "determination",
        name,
        unit=site,
        person=person(name),
        commune=place.commune,
        facility=site,
        clinician="BS-1",
        requested_on=_ON,
        concluded_on=_ON,
        conclusion=conclusion,
        substances=(("heroin", "cannabis", "ketamine")[place.kind],),
    )


def _labour(log: Log, moved: bool) -> None:
    # Of those in a facility by their own will there are none of the few: with the compulsory ones they would be many.
    others = [("voluntary_facility", place) for place in _spread(moved) if place.kind == 2]
    for kind, place in (*_two_ways(moved, "compulsory", "voluntary_home"), *others):
        name = f"{kind} {place.name}"
        who: dict[str, Any] = {"person": person(name), "commune": place.commune}
        log.write("detox", name, unit="centre", facility="centre", kind=kind, admitted_on=_ON, **who)
    # Listed after the year: in it, nobody knows the facility of those in detox.
    log.write(
        "facilities",
        "centre",
        unit="labour:30",
        facility="centre",
        name="Cơ sở cai nghiện",
        level="province",
        commune=FEW,
        does=["detox"],
        valid_from=date(2024, 1, 15),
    )
    _declared(log, "labour", "detox.in_facility", _few(moved) - 1)


def _declared(log: Log, agency: str, figure: str, value: int) -> None:
    """What the agency says of its few: as many as its register counts."""
    about: dict[str, Any] = {"agency": agency, "figure": figure, "area": FEW, "as_of": DAY, "value": value}
    log.write("declared", f"{agency} {figure}", unit="committee:30", declared_on=DAY, **about)
