"""Rows of invented people, and asking a check in every way that must agree."""

from datetime import date, datetime, timedelta
from typing import Any

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.checks.queries import Found, tally
from services.reporting.checks.queries import listed as findings
from services.reporting.checks.rules import RULES
from services.reporting.figures import snapshot
from services.reporting.figures.scope import Scope
from tests.support.reporting import (
    CHI_LINH,
    A,
    Log,
    fold,
    instant,
    listed,
    named,
    person,
)

DAY = date(2023, 12, 14)
PROVINCE = "30@2008"


async def found(
    platform: Platform,
    rule: str,
    day: date = DAY,
    *,
    first: date | None = None,
    known: date | datetime | None = None,
    uid: str = PROVINCE,
    days: int | None = None,
) -> set[str]:
    """The subjects that a rule finds, after checking that count, list, pages and rows by commune agree."""
    at = None if known is None else instant(known)
    scope = Scope(uid, day, first, at, "commune")
    async with snapshot.reading(platform.uow) as (connection, _):
        counted = await tally(connection, RULES[rule], scope, days)
        everything = await findings(connection, RULES[rule], scope, days)
        paged: list[Found] = []
        while page := await findings(
            connection, RULES[rule], scope, days, after=paged[-1].subject if paged else "", limit=1
        ):
            paged += page
    assert counted.rows is not None
    assert counted.count == len(everything) == len({finding.subject for finding in everything})
    assert paged == everything
    assert sum(counted.rows.values()) >= counted.count
    return {finding.subject for finding in everything}


def people(*names: str) -> set[str]:
    return {str(named(f"ref {name}")) for name in names}


def on_methadone(log: Log, who: str, since: date, site: str = "F1", **more: Any) -> None:
    given = {"person": person(who), **A, "facility": site, "enrolled_on": since, **more}
    log.write("methadone", f"{who} {since} {site}", unit=site, **given)


def in_detox(log: Log, who: str, since: date, kind: str = "compulsory", **more: Any) -> None:
    given = {"person": person(who), **A, "kind": kind, "admitted_on": since, **more}
    log.write("detox", f"{who} {since}", unit="centre", **given)


def slip(log: Log, who: str, day: date, conclusion: str, **more: Any) -> None:
    given = {"facility": "F1", "clinician": "c", "requested_on": day, "concluded_on": day, **A, **more}
    log.write("determination", f"{who} {day}", unit="F1", person=person(who), conclusion=conclusion, **given)


def case(log: Log, name: str, day: date, **more: Any) -> None:
    given = {"detected_on": day, "offence": "trade", "subjects": 1, **A, **more}
    log.write("drug_cases", name, **given)


def same(log: Log, *names: str, known: date = date(2023, 1, 1)) -> None:
    """These references are one human being, named by the first."""
    for number, name in enumerate(names):
        log.link(name, names[0], known=known + timedelta(days=number))


CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "committee": Principal("committee:30", "30", "official", "b"),
    "police": Principal("police:30", "30", "official", "c"),
    "police clerk": Principal("police:30", "30", "clerk", "d"),
    "health": Principal("health:30", "30", "official", "e"),
    "district": Principal("police:288", "288", "official", "f"),
    "analyst": Principal("committee:30", "30", "analyst", "g"),
    "operator": Principal("committee:30", "30", "operator", "h"),
}


async def written(platform: Platform) -> None:
    log = Log()
    for who in ("an", "binh", "chi"):
        on_methadone(log, who, date(2023, 3, 1), commune=CHI_LINH if who == "chi" else "10513@2008")
    on_methadone(log, "an at F2", date(2023, 4, 1), "F2", commune=CHI_LINH)
    same(log, "an", "an at F2")
    listed(log, "binh", "addict", date(2023, 1, 1), presence="community")
    in_detox(log, "binh", date(2023, 6, 1))
    await fold(platform, log.messages)
