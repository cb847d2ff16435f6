"""Checks of cases, places and units, and what holds of every check."""

from datetime import date
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.reporting.checks.queries import tally
from services.reporting.checks.rules import RULES
from services.reporting.figures import snapshot
from services.reporting.figures.scope import Scope
from tests.component.reporting.checks.support import (
    DAY,
    PROVINCE,
    case,
    found,
    in_detox,
    on_methadone,
    people,
    same,
)
from tests.support.reporting import (
    CHI_LINH,
    HAI_DUONG,
    A,
    Log,
    fold,
    instant,
    listed,
    named,
    person,
)


async def test_both_sides_of_post_detox_management_are_compared(platform: Platform) -> None:
    log = Log()
    for who in ("an", "binh"):
        log.write(
            "post_detox", who, person=person(who), **A, from_on=date(2023, 6, 1), until_on=date(2024, 6, 1)
        )
    listed(log, "binh", "post_detox", date(2023, 6, 1))
    listed(log, "chi", "post_detox", date(2023, 6, 1))
    await fold(platform, log.messages)
    assert await found(platform, "post_detox.not_in_register") == people("an")
    assert await found(platform, "post_detox.not_in_treatment") == people("chi")
    assert await found(platform, "post_detox.not_in_treatment", date(2024, 6, 1)) == people("binh", "chi")


async def test_cases_without_an_outcome_are_found_when_they_are_old(platform: Platform) -> None:
    log = Log()
    case(log, "open", date(2023, 9, 1))
    case(log, "tried", date(2023, 9, 1), prosecuted_on=date(2023, 12, 1))
    case(log, "fined later", date(2023, 9, 1), administrative_on=date(2023, 12, 20))
    case(log, "fresh", date(2023, 12, 1))
    await fold(platform, log.messages)

    def records(*names: str) -> set[str]:
        return {str(named(f"drug_cases police:288 {name}")) for name in names}

    rule = "drug_cases.without_outcome"
    assert await found(platform, rule) == records("open", "fined later")
    assert await found(platform, rule, date(2023, 10, 31)) == records("open", "tried", "fined later")
    assert await found(platform, rule, date(2023, 10, 30)) == set()
    assert await found(platform, rule, days=0) == records("open", "fined later", "fresh")


async def test_communes_without_a_class_are_named_in_the_hierarchy_of_the_day(platform: Platform) -> None:
    log = Log()
    for uid in (HAI_DUONG, CHI_LINH):
        log.write(
            "area_classes",
            uid,
            commune=uid,
            scheme="public_order_risk",
            area_class="low",
            valid_from=date(2023, 1, 1),
        )
    log.write(
        "area_classes",
        "hot",
        commune="10516@2008",
        scheme="drug_hot",
        area_class="hot",
        valid_from=date(2023, 1, 1),
    )
    await fold(platform, log.messages)
    missing = await found(platform, "areas.not_classified")
    assert len(missing) == 235 - 2
    assert not missing & {HAI_DUONG, CHI_LINH}
    assert len(await found(platform, "areas.not_classified", uid="288@2008")) == 25 - 1
    assert len(await found(platform, "areas.not_classified", date(2024, 12, 31))) == 207 - 2
    assert len(await found(platform, "areas.not_classified", known=date(2022, 12, 31))) == 235


async def test_communes_whose_police_sent_nothing_in_the_period_are_named(platform: Platform) -> None:
    log = Log()
    log.write(
        "registry",
        "an",
        unit="police:10513",
        person=person("an"),
        **A,
        status="user",
        status_from=date(2023, 5, 1),
    )
    late = instant(date(2024, 3, 1))
    log.write(
        "registry",
        "binh",
        unit="police:10546",
        person=person("binh"),
        commune=CHI_LINH,
        status="user",
        status_from=date(2023, 6, 1),
        recorded=late,
    )
    await fold(platform, log.messages)
    year: dict[str, Any] = {"first": date(2023, 1, 1), "day": date(2023, 12, 31)}
    assert len(await found(platform, "units.no_register", **year)) == 233
    missing = await found(platform, "units.no_register", **year, known=date(2023, 12, 31))
    assert len(missing) == 234
    assert CHI_LINH in missing
    assert (
        len(await found(platform, "units.no_register", first=date(2022, 1, 1), day=date(2022, 12, 31))) == 235
    )


async def test_records_at_facilities_that_nobody_listed_are_found(platform: Platform) -> None:
    log = Log()
    log.write(
        "facilities",
        "F1",
        facility="F1",
        name="One",
        commune=HAI_DUONG,
        does=["methadone"],
        valid_from=date(2023, 1, 1),
    )
    on_methadone(log, "an", date(2023, 3, 1), "F1")
    on_methadone(log, "binh", date(2022, 3, 1), "F1")
    on_methadone(log, "chi", date(2023, 3, 1), "F9")
    in_detox(log, "dung", date(2023, 3, 1))
    await fold(platform, log.messages)
    assert await found(platform, "treatment.unknown_facility") == {
        str(named("methadone F1 binh 2022-03-01 F1")),
        str(named("methadone F9 chi 2023-03-01 F9")),
    }


async def test_doses_at_sites_that_nobody_listed_on_their_day_are_found(platform: Platform) -> None:
    # Given a site that is listed since 2023, a dose of a day before and one of a day after, and one at no listed site
    log = Log()
    site: dict[str, Any] = {"facility": "F1", "name": "One", "commune": HAI_DUONG, "does": ["methadone"]}
    log.write("facilities", "F1", valid_from=date(2023, 1, 1), **site)
    for name, facility, day in (
        ("in time", "F1", date(2023, 3, 1)),
        ("too early", "F1", date(2022, 3, 1)),
        ("nowhere", "F9", date(2023, 3, 1)),
        ("after the day", "F9", date(2023, 12, 15)),
    ):
        log.write("doses", name, unit=facility, facility=facility, kind="observed", dosed_on=day)
    await fold(platform, log.messages)
    # Then each dose of up to the day that no listed site gave is found, and no other
    assert await found(platform, "doses.unknown_facility") == {
        str(named("doses F1 too early")),
        str(named("doses F9 nowhere")),
    }


async def test_a_voided_row_and_a_correction_move_a_finding_only_from_when_they_were_recorded(
    platform: Platform,
) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1))
    listed(log, "an", "addict", date(2023, 1, 1))
    log.write("registry", "an 2023-01-01", void=True, recorded=date(2024, 2, 1))
    await fold(platform, log.messages)
    assert await found(platform, "methadone.not_listed", known=date(2024, 1, 31)) == set()
    assert await found(platform, "methadone.not_listed", known=date(2024, 2, 1)) == people("an")


async def test_a_person_found_in_two_communes_counts_once_in_the_province(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1), "F1")
    on_methadone(log, "an at F2", date(2023, 4, 1), "F2", commune=CHI_LINH)
    same(log, "an", "an at F2")
    await fold(platform, log.messages)
    scope = Scope(PROVINCE, DAY, None, None, "area")
    async with snapshot.reading(platform.uow) as (connection, _):
        counted = await tally(connection, RULES["methadone.not_listed"], scope)
    assert counted.count == 1
    assert {area: number for area, number in (counted.rows or {}).items() if number} == {"288": 1, "290": 1}


@pytest.mark.parametrize("code", [code for code in RULES if code != "declared.contradiction"])
async def test_every_rule_finds_nothing_of_persons_and_records_in_an_empty_log(
    empty: Platform, code: str
) -> None:
    subjects = await found(empty, code, first=date(2023, 1, 1))
    assert len(subjects) == (235 if RULES[code].subject == "commune" else 0)
