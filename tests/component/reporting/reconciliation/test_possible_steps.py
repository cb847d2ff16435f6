"""Other ways of counting that an agency may have used: named only as far as they explain, the rest is unexplained."""

from datetime import date
from typing import Any

import pytest

from reference.pack.areas import area_book
from services.chassis.platform import Platform
from tests.support.reconciliation import (
    CHI_LINH,
    HAI_DUONG,
    LATE,
    ON_TIME,
    PATIENTS,
    Case,
    counts,
    explain,
    records,
    row,
)
from tests.support.reporting import fold, listed, person

DISTRICT, OTHER_DISTRICT = "288@2008", "290@2008"


def kinds(document: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["kind"] for step in document["steps"] if step["count"]}


async def test_an_agency_that_counts_records_counts_a_person_with_two_of_them_twice(
    platform: Platform,
) -> None:
    case = Case()
    for who in ("an", "an too", "an thrice", "binh"):
        case.addict(who)
    case.same("an", "an too", "an thrice")
    case.declare(4)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["computed"], counts(document)) == (2, {"counted_twice": 2})
    assert kinds(document) == {"counted_twice": "possible"}
    assert records(document, "counted_twice") == {row("an"), row("an too"), row("an thrice")}


async def test_what_nothing_in_the_log_explains_is_said_to_be_unexplained(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.declare(5)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["unexplained"], counts(document)) == (4, {"unexplained": 4})
    assert document["closes"] is True


async def test_a_possible_step_never_explains_more_than_there_is(platform: Platform) -> None:
    case = Case()
    for who in ("an", "an too", "an thrice"):
        case.addict(who)
    case.same("an", "an too", "an thrice")
    case.declare(2)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    step = next(step for step in document["steps"] if step["step"] == "counted_twice")
    assert (step["count"], step["found"], document["unexplained"]) == (1, 2, 0)


async def test_a_possible_step_in_the_wrong_direction_explains_nothing(platform: Platform) -> None:
    case = Case()
    for who in ("an", "an too", "binh"):
        case.addict(who)
    case.same("an", "an too")
    case.declare(1)
    await fold(platform, case.log.messages)
    assert counts(await explain(platform)) == {"unexplained": -1}


async def test_a_state_that_ended_before_the_day_may_still_be_on_the_agencys_list(platform: Platform) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 3, 1), ended_on=date(2023, 9, 1), recorded=date(2023, 9, 1))
    case.patient("long ago", date(2021, 3, 1), ended_on=date(2022, 9, 1), recorded=date(2022, 9, 1))
    case.declare(2, figure=PATIENTS, agency="health")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health")
    assert counts(document) == {"ended_before": 1}
    (found,) = next(s for s in document["steps"] if s["step"] == "ended_before")["records"]
    assert (found["until"], "01/09/2023" in found["reason"]["vi"]) == ("2023-09-01", True)


async def test_an_agency_may_count_where_people_are_treated_instead_of_where_they_live(
    platform: Platform,
) -> None:
    case = Case()
    for code, commune in (("F1", HAI_DUONG), ("F2", CHI_LINH)):
        case.log.write(
            "facilities",
            code,
            unit="health:30",
            facility=code,
            commune=commune,
            valid_from=date(2020, 1, 1),
            name=code,
            does=["methadone"],
        )
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 3, 1), commune=CHI_LINH)
    case.patient("chi", date(2023, 3, 1), commune=CHI_LINH)
    case.declare(3, figure=PATIENTS, agency="health", area=DISTRICT)
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", area="288")
    assert counts(document) == {"facility_area": 2}
    assert len(records(document, "facility_area")) == 2


async def test_a_person_may_be_counted_in_the_commune_that_another_record_of_theirs_names(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an", commune=CHI_LINH)
    case.patient("an at F1", date(2023, 3, 1), commune=HAI_DUONG)
    case.same("an", "an at F1")
    case.declare(1, area=DISTRICT)
    case.declare(0, area=OTHER_DISTRICT)
    await fold(platform, case.log.messages)
    here, there = await explain(platform, area="288"), await explain(platform, area="290")
    assert (counts(here), counts(there)) == ({"residence_elsewhere": 1}, {"residence_elsewhere": -1})
    assert records(here, "residence_elsewhere") == {row("an")} == records(there, "residence_elsewhere")


@pytest.mark.parametrize(
    ("status", "conclusion", "declared", "expected"),
    [("user", "addicted", 1, 1), ("addict", "not_addicted", 0, -1), ("user", "not_addicted", 1, None)],
)
async def test_a_conclusion_that_differs_from_the_register_may_decide_for_the_agency(
    platform: Platform, status: str, conclusion: str, declared: int, expected: int | None
) -> None:
    case = Case()
    listed(case.log, "an", status, ON_TIME)
    case.log.write(
        "determination",
        "1",
        unit="tram",
        person=person("an"),
        commune=HAI_DUONG,
        facility="tram",
        clinician="c",
        requested_on=date(2023, 12, 2),
        concluded_on=date(2023, 12, 2),
        conclusion=conclusion,
    )
    case.declare(declared)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == ({"unexplained": 1} if expected is None else {"other_status": expected})


async def test_what_an_agency_already_knew_is_named_only_where_it_closes_the_gap(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.addict("binh", recorded=LATE)
    case.declare(2)
    case.declare(4, area=DISTRICT)
    await fold(platform, case.log.messages)
    assert counts(await explain(platform)) == {"recorded_late": -1, "already_known": 1}
    assert counts(await explain(platform, area="288")) == {"recorded_late": -1, "unexplained": 3}


async def test_two_parts_that_are_off_by_three_each_way_show_although_the_total_agrees(
    platform: Platform,
) -> None:
    case = Case()
    for number in range(10):
        case.addict(f"person {number}", commune=HAI_DUONG if number < 5 else CHI_LINH)
    case.declare(10)
    case.declare(8, area=DISTRICT)
    case.declare(2, area=OTHER_DISTRICT)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    parts = document["parts"]
    off = {part["area"]: part["difference"] for part in parts["rows"] if part["difference"]}
    assert (document["difference"], off) == (0, {"288": 3, "290": -3})
    assert (parts["off_upwards"], parts["off_downwards"], parts["declared_minus_sum"]) == (3, -3, 0)


async def test_the_parts_and_what_lies_between_them_give_the_difference_exactly(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.addict("an too", commune=CHI_LINH)
    case.addict("binh", commune="10945@2008")
    case.same("an", "an too")
    case.declare(7)
    case.declare(2, area=DISTRICT)
    case.declare(1, area=OTHER_DISTRICT)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    parts = document["parts"]
    differences = sum(part["difference"] for part in parts["rows"] if part["difference"] is not None)
    assert (parts["overlap"], parts["computed_not_declared"]) == (1, 1)
    assert "296" in parts["not_declared"]
    assert (
        document["difference"]
        == parts["declared_minus_sum"] + differences - parts["computed_not_declared"] + parts["overlap"]
    )


async def test_an_agency_may_count_only_the_patients_whom_its_own_register_names(platform: Platform) -> None:
    case = Case()
    for who in ("an", "binh", "chi", "dung"):
        case.patient(who, ON_TIME)
    case.addict("an")
    case.addict("binh in the register")
    case.same("binh", "binh in the register")
    case.declare(2, figure=PATIENTS)
    case.declare(2, figure=PATIENTS, agency="health")
    await fold(platform, case.log.messages)
    police, health = await explain(platform, PATIENTS), await explain(platform, PATIENTS, "health")
    assert counts(police) == {"not_on_list": -2}
    assert len(records(police, "not_on_list")) == 2
    assert counts(health) == {"unexplained": -2}, "who owns the figure counts its own register"


async def test_an_area_for_which_nothing_was_declared_may_be_missing_from_the_total(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an")
    case.addict("binh", commune=CHI_LINH)
    case.declare(1)
    case.declare(1, area=DISTRICT)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == {"area_missing": -1}
    assert records(document, "area_missing") == {row("binh")}


async def test_a_total_that_is_not_the_sum_of_the_agencys_own_parts_is_an_arithmetic_slip(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an")
    case.declare(3, area=DISTRICT)
    for commune in communes(DISTRICT):
        case.declare(1 if commune == HAI_DUONG else 0, area=commune)
    await fold(platform, case.log.messages)
    document = await explain(platform, area="288")
    assert counts(document) == {"own_sum": 2}


def communes(uid: str) -> list[str]:
    return [area.uid for area in area_book().children(uid, date(2023, 12, 14))]


async def test_candidates_of_whom_only_some_would_be_needed_explain_nothing_but_are_named(
    platform: Platform,
) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    for who in ("binh", "chi"):
        case.patient(who, date(2023, 3, 1), ended_on=date(2023, 9, 1), recorded=date(2023, 9, 1))
    case.declare(2, figure=PATIENTS, agency="health")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health")
    step = next(step for step in document["steps"] if step["step"] == "ended_before")
    assert (step["count"], step["found"], step["records_total"]) == (0, 2, 2)
    assert counts(document) == {"unexplained": 1}


async def test_a_number_of_another_day_or_window_is_a_lead_and_no_step(platform: Platform) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 12, 17))
    case.declare(2, figure=PATIENTS, agency="health", on=date(2023, 12, 18))
    for number, day in enumerate((date(2022, 12, 20), date(2023, 2, 1))):
        about: dict[str, Any] = {"commune": CHI_LINH, "detected_on": day, "offence": "trade", "subjects": 1}
        case.log.write("drug_cases", str(number), recorded=day, **about)
    window: dict[str, Any] = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 14)}
    case.declare(2, figure="drug_cases.detected", **window)
    await fold(platform, case.log.messages)
    stock = await explain(platform, PATIENTS, "health")
    assert counts(stock) == {"unexplained": 1}
    assert [lead["as_of"] for lead in stock["leads"]] == ["2023-12-17", "2023-12-18", "2023-12-19"]
    flow = await explain(platform, "drug_cases.detected", since="2023-01-01", to="2023-12-14")
    (lead,) = [lead for lead in flow["leads"] if lead["from"] == "2022-12-15" and lead["to"] == "2023-12-14"]
    assert "health 2023" in lead["calendars"]
