"""Watched venues and hot spots, classes of communes, fires."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.province import HOT, Commune, draw
from demo.world import Row, World, between, days
from reference import FIRE_PLACE

_VENUES = {
    "conditional_business": (431, 67),
    "disguised_business": (38, 20),
    "lodging": (236, 23),
    "other": (38, 0),
}
"""By kind: watched on 14 December 2023 (743 together), of which at risk."""
_CLOSED = 44
_HIGH, _AT_RISK, _UNCLASSIFIED = 12, 29, 6
_FIRES = 64


def write_places(world: World) -> None:
    """Enter venues, then hot spots: four eliminated in 2023, two in 2022, eleven open."""
    rng = world.rng("places")
    for kind, (count, at_risk) in _VENUES.items():
        for turn in range(count):
            commune = world.province.anywhere(rng)
            since = between(rng, date(2018, 1, 1), date(2023, 12, 10))
            number, risky = _number(world, commune), turn < at_risk
            changed = since + days(rng.randint(60, 400))
            if rng.random() < 0.06 and changed < date(2023, 12, 10):  # the state before was another
                _place(world, commune, number, kind, since, not risky, changed)
                since = changed
            _place(world, commune, number, kind, since, risky)
    for turn in range(_CLOSED):
        commune = world.province.anywhere(rng)
        since = between(rng, date(2018, 1, 1), date(2022, 12, 31))
        until = between(rng, since + days(10), date(2023, 12, 14))
        reason = "error" if turn < 3 else rng.choice(("closed", "closed", "moved"))
        _place(
            world,
            commune,
            _number(world, commune),
            rng.choice(tuple(_VENUES)),
            since,
            rng.random() < 0.2,
            until,
            reason,
        )
    _hot_spots(world, rng)


def _hot_spots(world: World, rng: Random) -> None:
    province = world.province
    open_in = [*province.only_hot_spot, *(draw(rng, province.with_addicts) for _ in range(9))]
    for commune in open_in:
        _place(
            world,
            commune,
            _number(world, commune),
            "hot_spot",
            between(rng, date(2021, 1, 1), date(2023, 11, 1)),
            False,
        )
    for year, count in ((2023, 4), (2022, 2)):
        for _ in range(count):
            commune = draw(rng, province.with_addicts)
            since = between(rng, date(year - 2, 1, 1), date(year - 1, 12, 1))
            until = between(rng, date(year, 2, 1), date(year, 12, 10))
            _place(world, commune, _number(world, commune), "hot_spot", since, False, until, "eliminated")


def _number(world: World, commune: Commune) -> str:
    return f"CS-{commune.code}-{world.number(f'place:{commune.district}'):03d}"


def _place(
    world: World,
    commune: Commune,
    number: str,
    kind: str,
    since: date,
    at_risk: bool,
    until: date | None = None,
    reason: str | None = None,
) -> None:
    row: Row = {
        "place_no": number,
        "valid_from": since,
        "commune_code": commune.code,
        "kind": kind,
        "at_risk": at_risk or None,
        "valid_to": until,
        "end_reason": reason,
        "unit_code": f"police:{commune.district}",
    }
    world.write_in_stages("places", row, ("valid_to", "end_reason"), share=0.5)


def write_area_classes(world: World) -> None:
    """Enter 12 high, 29 at risk, 188 low and six communes without a class; the three hot ones and two former."""
    rng, province = world.rng("area_classes"), world.province
    by_size = sorted(province.communes, key=lambda one: (one.code in HOT, one.weight), reverse=True)
    small = by_size[_HIGH + _AT_RISK :]
    unclassified = rng.sample(small, _UNCLASSIFIED)
    for turn, commune in enumerate(by_size):
        if commune in unclassified[:4]:
            continue
        now = "high" if turn < _HIGH else "at_risk" if turn < _HIGH + _AT_RISK else "low"
        since = date(2023, 1, 1)
        if commune in unclassified:  # classed until the review of mid-year, not since
            _class(world, commune, "public_order_risk", since, now, date(2023, 7, 1))
        elif turn % 20 == 0:
            _class(
                world,
                commune,
                "public_order_risk",
                since,
                "at_risk" if now != "at_risk" else "low",
                date(2023, 7, 1),
            )
            _class(world, commune, "public_order_risk", date(2023, 7, 1), now)
        else:
            _class(world, commune, "public_order_risk", since, now)
    for code in HOT:
        _class(world, province.by_code[code], "drug_hot", date(2022, 1, 1), "hot")
    for commune in [one for one in by_size if one.code not in HOT][:2]:
        _class(world, commune, "drug_hot", date(2021, 1, 1), "hot", date(2023, 3, 31))


def _class(
    world: World, commune: Commune, scheme: str, since: date, name: str, until: date | None = None
) -> None:
    row: Row = {
        "commune_code": commune.code,
        "scheme": scheme,
        "valid_from": since,
        "class": name,
        "valid_to": until,
        "unit_code": "police:30",
    }
    world.write_in_stages("area_classes", row, ("valid_to",), share=1.0)


def write_fires(world: World) -> None:
    """Enter invented fires: the report has no provincial total of them."""
    rng = world.rng("fires")
    for turn in range(_FIRES):
        commune = world.province.anywhere(rng)
        year = 2023 if turn < 40 else 2022
        alarm = datetime.combine(
            between(rng, date(year, 1, 2), date(year, 12, 26)), time(rng.randint(0, 23), rng.randint(0, 59))
        )
        arrived = alarm + timedelta(minutes=rng.randint(6, 35))
        controlled = arrived + timedelta(minutes=rng.randint(10, 120))
        minor = rng.random() < 0.25
        row: Row = {
            "incident_no": f"PC07-{world.number(f'fire:{year}'):03d}/{year}",
            "commune_code": commune.code,
            "alarm_at": alarm,
            "arrived_at": arrived,
            "controlled_at": controlled,
            "out_at": controlled + timedelta(minutes=rng.randint(5, 200)),
            "place": rng.choice(tuple(FIRE_PLACE)),
            "cause": rng.choices(
                ("electrical", "open_flame", "technical", "rule_breach", "under_investigation", "unknown"),
                (45, 20, 10, 8, 10, 7),
            )[0],
            "injured": 1 if rng.random() < 0.06 else None,
            "rescued": rng.randint(1, 5) if rng.random() < 0.1 else None,
            "damage_vnd": None if minor else rng.randint(1, 900) * 500_000,
            "responders": rng.choice(
                (("fire_police",), ("fire_police", "civil_defence"), ("interfamily", "public"))
            ),
            "counts_as_case": False if minor else None,
            "unit_code": "police:30",
        }
        world.write("fires", row)
