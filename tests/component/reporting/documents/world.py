"""A small province that the tests know by heart: who and what is in it, and what its reports must therefore say."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from services.chassis.security.auth import Principal
from services.reporting.ledger.expectations import offices
from tests.support.reporting import Log, person

HAI_DUONG, CHI_LINH = "10513@2008", "10546@2008"
NOW = datetime(2024, 1, 14, 2, tzinfo=UTC)
CALLERS = {
    "committee": Principal("committee:30", "30", "official", "b"),
    "admin": Principal("committee:30", "30", "admin", "a"),
    "district": Principal("police:288", "288", "clerk", "c"),
    "health": Principal("health:30", "30", "official", "d"),
    "analyst": Principal("committee:30", "30", "analyst", "e"),
}
CONFLICTS = {"land": 5, "daily_life": 3, "love": 1}
DAMAGE = 1_500_000_000


def listed(log: Log, who: str, status: str, since: date, commune: str, **more: Any) -> None:
    given = {"person": person(who), "commune": commune, "status": status, "status_from": since, **more}
    log.write("registry", f"{who} {since}", **given)


def province(*, former_declared: bool = True) -> Log:
    """7 addicts (one of them on two lists), 3 users, 4 on methadone, 9 conflicts, 2 fires, 12 cases (10 before)."""
    log = Log()
    for n in range(5):
        listed(log, f"a{n}", "addict", date(2023, 2, 1), HAI_DUONG, presence="community")
    for n in range(5, 7):
        listed(log, f"a{n}", "addict", date(2023, 3, 1), CHI_LINH, presence="detained")
    # The same human being on the list of another commune, by another record.
    log.write(
        "registry",
        "a0 again",
        unit="police:290",
        person=person("a0 again", key="a0"),
        commune=CHI_LINH,
        status="addict",
        status_from=date(2023, 4, 1),
    )
    log.link("a0 again", "a0", known=date(2023, 4, 1))
    log.link("a0", "a0", known=date(2023, 4, 1))
    for n in range(3):
        listed(log, f"u{n}", "user", date(2023, 5, 1), HAI_DUONG)
    _treatment(log)
    _incidents(log)
    declare(log, 2023)
    if former_declared:
        declare(log, 2022)
    return log


def declare(log: Log, year: int, *, units: Collection[str] = ()) -> None:
    """All police units (or these) say that they have handed in the year's registers of users, cases and places."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    for unit in units or [code for code in offices(last) if code.startswith("police:")]:
        for form in ("registry", "drug_cases", "places"):
            log.state(form, unit, first, last, "complete", recorded=date(2024, 1, 5))


def _treatment(log: Log) -> None:
    log.write(
        "facilities",
        "MT-1",
        unit="health:30",
        facility="MT-1",
        name="Cơ sở Methadone 1",
        level="province",
        commune=HAI_DUONG,
        does=["methadone", "determination"],
        valid_from=date(2019, 1, 1),
    )
    for n in range(4):
        log.write(
            "methadone",
            f"m{n}",
            unit="MT-1",
            person=person(f"m{n}"),
            commune=HAI_DUONG if n else CHI_LINH,
            facility="MT-1",
            enrolled_on=date(2023, 6, 1),
        )


def _incidents(log: Log) -> None:
    for n in range(22):
        year, commune = (2022, CHI_LINH) if n < 10 else (2023, HAI_DUONG if n % 2 else CHI_LINH)
        log.write(
            "drug_cases",
            f"c{n}",
            commune=commune,
            detected_on=date(year, 5, 1 + n),
            offence="trade" if n % 3 else "organising_use",
            subjects=2,
        )
    number = 0
    for cause, count in CONFLICTS.items():
        for _ in range(count):
            number += 1
            log.write(
                "conflicts",
                f"k{number}",
                commune=HAI_DUONG,
                detected_on=date(2023, 7, number),
                level=1 + number % 3,
                cause=cause,
                parties=3,
                status="in_progress" if number < 3 else "resolved_stable",
            )
    for number, damage in enumerate((DAMAGE, 0)):
        log.write(
            "fires",
            f"f{number}",
            commune=CHI_LINH,
            occurred=date(2023, 8, 1 + number),
            alarm_at=datetime(2023, 8, 1 + number, 3, tzinfo=UTC),
            place="dwelling",
            cause="electrical",
            damage_vnd=damage,
        )
