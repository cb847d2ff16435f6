"""Each cross-agency check of persons by invented people: who is found, who is not, from when, as known when."""

from datetime import date
from typing import Any

from services.chassis.platform import Platform
from tests.component.reporting.checks.support import DAY, found, in_detox, on_methadone, people, same, slip
from tests.support.reporting import (
    CHI_LINH,
    Log,
    fold,
    listed,
    named,
)


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
    asked: dict[str, Any] = {"first": date(2023, 1, 1)}
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
