"""Each cross-agency check by invented people: who is found, who is not, from when on, and as known when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.reporting import desk
from services.reporting.checking.queries import Found, tally
from services.reporting.checking.queries import listed as findings
from services.reporting.checking.rules import RULES
from services.reporting.figures.evaluate import Scope
from tests.component.reporting.support import (
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
    async with desk.reading(platform.uow) as (connection, _):
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


async def test_methadone_patients_who_are_on_no_list_are_found_also_through_a_link(
    platform: Platform,
) -> None:
    log = Log()
    for who in ("an", "binh", "chi"):
        on_methadone(log, who, date(2023, 3, 1))
    on_methadone(log, "dung", date(2023, 3, 1), ended_on=DAY, end_reason="completed")
    listed(log, "binh in the register", "addict", date(2023, 1, 1))
    listed(log, "chi", "user", date(2023, 1, 1))
    log.link("binh", "b", known=date(2023, 6, 1))
    log.link("binh in the register", "b", known=date(2023, 6, 1))
    await fold(platform, log.messages)
    assert await found(platform, "methadone.not_listed") == people("an")
    assert await found(platform, "methadone.without_file") == people("an", "chi")
    # Before the link nobody knew that the two references are one human being.
    before = await found(platform, "methadone.not_listed", known=date(2023, 5, 1))
    assert before == people("an", "binh")
    assert await found(platform, "methadone.not_listed", date(2023, 12, 13)) == people("an", "dung")
    assert await found(platform, "methadone.not_listed", date(2023, 2, 1)) == set()


async def test_addicts_in_the_community_in_no_treatment_are_found(platform: Platform) -> None:
    log = Log()
    for who in ("an", "binh", "chi", "dung"):
        listed(log, who, "addict", date(2023, 1, 1), presence="community")
    listed(log, "em", "addict", date(2023, 1, 1), presence="detained")
    listed(log, "giang", "user", date(2023, 1, 1), presence="community")
    on_methadone(log, "binh", date(2023, 3, 1))
    in_detox(log, "chi", date(2023, 3, 1), "voluntary_home")
    in_detox(log, "dung", date(2023, 3, 1), ended_on=date(2023, 6, 1), end_reason="completed")
    await fold(platform, log.messages)
    assert await found(platform, "registry.addict_in_community_untreated") == people("an", "dung")
    assert await found(platform, "registry.addict_in_community_untreated", date(2023, 4, 1)) == people("an")


async def test_conclusions_not_addicted_without_a_management_decision_are_found(platform: Platform) -> None:
    log = Log()
    for who in ("an", "binh", "chi", "dung"):
        slip(log, who, date(2023, 5, 1), "not_addicted")
    slip(log, "dung", date(2023, 6, 1), "not_addicted")
    slip(log, "before", date(2022, 12, 31), "not_addicted")
    slip(log, "addict", date(2023, 5, 1), "addicted")
    listed(log, "an", "user", date(2023, 5, 2), has_decision=True, decision_date=date(2023, 5, 2))
    listed(log, "binh", "user", date(2023, 5, 2))
    listed(log, "chi", "user", date(2023, 5, 2), has_decision=True, decision_date=date(2023, 12, 15))
    await fold(platform, log.messages)
    asked = {"first": date(2023, 1, 1)}
    rule = "determination.not_addicted_without_decision"
    assert await found(platform, rule, **asked) == people("binh", "chi", "dung")
    assert await found(platform, rule, date(2023, 12, 15), **asked) == people("binh", "dung")
    assert await found(platform, rule, first=date(2023, 6, 1)) == people("dung")
    assert await found(platform, "registry.user_without_decision") == people("binh", "chi")


async def test_a_user_with_one_decided_record_of_two_is_not_without_a_decision(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    listed(log, "an again", "user", date(2023, 1, 1), has_decision=True, decision_date=date(2023, 1, 1))
    same(log, "an", "an again", known=date(2023, 6, 1))
    await fold(platform, log.messages)
    assert await found(platform, "registry.user_without_decision") == set()
    assert await found(platform, "registry.double_record") == people("an")
    assert await found(platform, "registry.user_without_decision", known=date(2023, 5, 1)) == people("an")
    assert await found(platform, "registry.double_record", known=date(2023, 5, 1)) == set()


async def test_addicts_without_a_slip_and_slips_without_a_file_are_found(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    listed(log, "binh", "addict", date(2023, 1, 1))
    listed(log, "chi", "addict", date(2023, 1, 1))
    slip(log, "binh", date(2023, 6, 1), "addicted")
    slip(log, "chi", date(2023, 6, 1), "not_addicted")
    slip(log, "dung", date(2023, 6, 1), "addicted")
    slip(log, "em", date(2023, 6, 1), "addicted")
    slip(log, "em", date(2023, 7, 1), "not_addicted")
    await fold(platform, log.messages)
    assert await found(platform, "registry.addict_without_slip") == people("an", "chi")
    assert await found(platform, "registry.addict_without_slip", date(2023, 5, 31)) == people(
        "an", "binh", "chi"
    )
    assert await found(platform, "determination.addicted_not_listed") == people("dung")
    assert await found(platform, "determination.addicted_not_listed", date(2023, 6, 30)) == people(
        "dung", "em"
    )


async def test_an_addicted_conclusion_without_treatment_is_found_after_its_days_and_not_before(
    platform: Platform,
) -> None:
    log = Log()
    for who in ("an", "binh", "chi", "dung", "em", "giang"):
        slip(log, who, date(2023, 6, 1), "addicted")
    on_methadone(log, "binh", date(2023, 6, 20))
    in_detox(log, "chi", date(2023, 5, 1), ended_on=date(2023, 6, 1), end_reason="completed")
    in_detox(log, "dung", date(2023, 6, 15), ended_on=date(2023, 6, 15), end_reason="exempted")
    slip(log, "em", date(2023, 7, 15), "not_addicted")
    listed(log, "giang", "addict", date(2023, 6, 1), presence="detained")
    await fold(platform, log.messages)
    rule = "determination.addicted_untreated"
    assert await found(platform, rule, date(2023, 6, 30)) == set()
    assert await found(platform, rule, date(2023, 7, 1)) == people("an", "chi", "em")
    assert await found(platform, rule, date(2023, 7, 15)) == people("an", "chi")
    assert await found(platform, rule, date(2023, 6, 11), days=10) == people(
        "an", "binh", "chi", "dung", "em"
    )


async def test_persons_at_two_sites_and_twice_at_one_site_are_found(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1), "F1")
    on_methadone(log, "an at F2", date(2023, 4, 1), "F2", commune=CHI_LINH)
    same(log, "an", "an at F2")
    on_methadone(log, "binh", date(2023, 3, 1), "F1", ended_on=date(2023, 4, 1), end_reason="transferred")
    on_methadone(log, "binh", date(2023, 4, 1), "F2")
    on_methadone(log, "chi", date(2023, 3, 1), "F1")
    on_methadone(log, "chi", date(2023, 4, 1), "F1")
    await fold(platform, log.messages)
    assert await found(platform, "methadone.two_sites") == people("an")
    assert await found(platform, "methadone.two_sites", uid="290@2008") == people("an")
    assert await found(platform, "methadone.two_sites", uid="291@2008") == set()
    assert await found(platform, "methadone.two_sites", date(2023, 3, 31)) == set()
    assert await found(platform, "methadone.double_record") == people("chi")


async def test_transfers_that_nobody_received_are_found(platform: Platform) -> None:
    log = Log()
    end: dict[str, Any] = {"ended_on": date(2023, 6, 1), "end_reason": "transferred"}
    on_methadone(log, "an", date(2023, 3, 1), "F1", **end)
    on_methadone(log, "binh", date(2023, 3, 1), "F1", **end)
    on_methadone(log, "binh", date(2023, 6, 5), "F2")
    on_methadone(log, "chi", date(2023, 3, 1), "F1", transferred_to="F3", **end)
    on_methadone(log, "chi", date(2023, 6, 5), "F2")
    on_methadone(log, "dung", date(2023, 3, 1), "F1", ended_on=date(2023, 6, 1), end_reason="dropped_out")
    await fold(platform, log.messages)

    def records(*names: str) -> set[str]:
        return {str(named(f"methadone F1 {name} 2023-03-01 F1")) for name in names}

    assert await found(platform, "methadone.transfer_not_received") == records("an", "chi")
    early = await found(platform, "methadone.transfer_not_received", date(2023, 6, 4))
    assert early == records("an", "binh", "chi")
    assert await found(platform, "methadone.transfer_not_received", date(2023, 6, 4), days=7) == set()


async def test_persons_in_a_centre_whom_the_register_has_in_the_community_are_found(
    platform: Platform,
) -> None:
    log = Log()
    for who in ("an", "binh", "chi", "dung"):
        listed(log, who, "addict", date(2023, 1, 1), presence="community")
        in_detox(log, who, date(2023, 6, 1), "voluntary_home" if who == "dung" else "compulsory")
    listed(log, "binh", "addict", date(2023, 6, 2), presence="detox_facility")
    in_detox(log, "em", date(2023, 6, 1))
    await fold(platform, log.messages)
    assert await found(platform, "registry.in_centre_but_community") == people("an", "chi")
    assert await found(platform, "registry.in_centre_but_community", date(2023, 6, 1)) == people(
        "an", "binh", "chi"
    )
    assert await found(platform, "registry.in_centre_but_community", date(2023, 5, 31)) == set()


async def test_the_dead_who_are_still_listed_are_found(platform: Platform) -> None:
    log = Log()
    died: dict[str, Any] = {"ended_on": date(2023, 8, 1), "end_reason": "died"}
    for who in ("an", "binh"):
        listed(log, who, "addict", date(2023, 1, 1), removed_on=date(2023, 9, 1) if who == "binh" else None)
        in_detox(log, who, date(2023, 6, 1), **died)
    listed(log, "chi", "addict", date(2023, 1, 1))
    on_methadone(log, "chi", date(2023, 6, 1), **died)
    await fold(platform, log.messages)
    assert await found(platform, "registry.died_in_detox_still_listed") == people("an")
    assert await found(platform, "registry.died_in_detox_still_listed", date(2023, 8, 1)) == people(
        "an", "binh"
    )
    assert await found(platform, "registry.died_in_detox_still_listed", date(2023, 7, 31)) == set()
    assert await found(platform, "registry.died_on_methadone_still_listed") == people("chi")


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
    year = {"first": date(2023, 1, 1), "day": date(2023, 12, 31)}
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
    async with desk.reading(platform.uow) as (connection, _):
        counted = await tally(connection, RULES["methadone.not_listed"], scope)
    assert counted.count == 1
    assert {area: number for area, number in (counted.rows or {}).items() if number} == {"288": 1, "290": 1}


@pytest.mark.parametrize("code", [code for code in RULES if code != "declared.contradiction"])
async def test_every_rule_finds_nothing_of_persons_and_records_in_an_empty_log(
    empty: Platform, code: str
) -> None:
    subjects = await found(empty, code, first=date(2023, 1, 1))
    assert len(subjects) == (235 if RULES[code].subject == "commune" else 0)
