"""What the steps and their records say: sentences that somebody at the meeting would accept, each by its own dates."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.reconciliation.usecases import Given
from tests.support.reconciliation import (
    ADDICTS,
    CHI_LINH,
    CUT_OFF,
    HAI_DUONG,
    LATE,
    ON_TIME,
    PATIENTS,
    Case,
    counts,
    explain,
    row,
)
from tests.support.reporting import fold, listed, named, person


def said(document: dict[str, Any], step: str) -> list[str]:
    """What is said of the records behind a step, in Vietnamese."""
    found = next(one for one in document["steps"] if one["step"] == step)
    return [record["reason"]["vi"] for record in found["records"]]


async def test_between_two_agencies_each_step_has_the_dates_of_its_own_declaration(
    platform: Platform,
) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 3, 1), recorded=date(2024, 1, 5))
    case.declare(1, figure=PATIENTS, agency="health", on=date(2023, 12, 22))
    case.declare(1, figure=PATIENTS, agency="police", on=date(2023, 12, 18))
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", against="police")
    assert [(step["agency"], step["step"], step["vi"]) for step in document["between"]["steps"]] == [
        ("health", "recorded_late", "Ghi nhận sau ngày báo cáo 22/12/2023"),
        ("police", "recorded_late", "Ghi nhận sau ngày báo cáo 18/12/2023"),
    ]


async def test_what_was_added_or_corrected_is_named_as_the_form_names_it(platform: Platform) -> None:
    case = Case()
    for who in ("ended", "moved"):
        case.patient(who, date(2023, 3, 1))
    case.patient(
        "ended", date(2023, 3, 1), recorded=LATE, ended_on=date(2023, 9, 1), end_reason="dropped_out"
    )
    case.patient("moved", date(2023, 3, 1), recorded=LATE, commune=CHI_LINH)
    case.declare(2, figure=PATIENTS, agency="health", area="288@2008")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", area="288")
    assert said(document, "recorded_late") == [
        "Ghi bổ sung “Lý do kết thúc”, “Ngày kết thúc” ngày 10/01/2024, sau ngày báo cáo 18/12/2023"
    ]
    assert said(document, "corrected_since") == ["Sửa “Mã xã nơi cư trú” ngày 10/01/2024"]


async def test_a_record_that_was_withdrawn_at_the_cut_off_and_is_there_again_says_so(
    platform: Platform,
) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.log.write("methadone", f"an {date(2023, 3, 1)}", unit="F1", void=True, recorded=date(2023, 12, 1))
    case.patient("an", date(2023, 3, 1), recorded=LATE)
    case.declare(0, figure=PATIENTS, agency="health")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health")
    assert counts(document) == {"corrected_since": -1}
    assert said(document, "corrected_since") == [
        "Ghi lại ngày 10/01/2024; vào ngày báo cáo 18/12/2023 đang bị hủy"
    ]


async def test_a_case_that_has_an_outcome_by_the_later_day_did_not_happen_outside_the_period(
    platform: Platform,
) -> None:
    case = Case()
    about: dict[str, Any] = {"commune": HAI_DUONG, "offence": "trade", "subjects": 1}
    case.log.write("drug_cases", "1", detected_on=date(2023, 3, 1), prosecuted_on=date(2023, 12, 20), **about)
    case.log.write("drug_cases", "2", detected_on=date(2023, 12, 16), **about)
    await fold(platform, case.log.messages)
    first, last = date(2023, 1, 1), date(2023, 12, 31)
    figure = "drug_cases.without_outcome"
    number = Given(value=Decimal(1), day=date(2023, 12, 14), first=first)
    document = await explain(platform, figure, None, given=number, since=str(first), to=str(last))
    assert sorted(said(document, "other_date")) == [
        "Xảy ra ngày 01/03/2023; đến cuối kỳ đối chiếu tình trạng, kết quả xử lý đã khác nên không tính",
        "Xảy ra ngày 16/12/2023, ngoài kỳ báo cáo",
    ]


async def test_an_addict_who_went_to_a_centre_between_the_dates_is_still_in_the_register(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an", presence="community")
    case.log.write(
        "detox",
        "an",
        unit="centre",
        person=person("an"),
        commune=HAI_DUONG,
        kind="compulsory",
        admitted_on=date(2023, 12, 16),
    )
    await fold(platform, case.log.messages)
    number = Given(value=Decimal(1), day=date(2023, 12, 14))
    figure = "registry.addicts_in_community"
    document = await explain(platform, figure, None, given=number, as_of="2023-12-19")
    assert said(document, "other_date") == [
        "Vào ngày đối chiếu vẫn có trong sổ nhưng không còn thuộc diện tính (từ 01/12/2023 đến …)"
    ]


async def test_who_moved_to_another_district_is_not_said_to_have_ended(platform: Platform) -> None:
    case = Case()
    case.addict("an", since=date(2023, 3, 1))
    case.addict("an", since=date(2023, 9, 1), commune=CHI_LINH)
    case.addict("binh", since=date(2023, 3, 1), removed_on=date(2023, 8, 1))
    case.declare(2, area="288@2008")
    await fold(platform, case.log.messages)
    document = await explain(platform, area="288")
    assert counts(document) == {"ended_before": 2}
    assert said(document, "ended_before") == [
        "Từ ngày 01/09/2023 được tính ở địa bàn khác",
        "Đã kết thúc ngày 01/08/2023",
    ]


async def test_a_conclusion_before_detox_is_no_other_status_of_who_is_in_post_detox(
    platform: Platform,
) -> None:
    case = Case()
    for who, concluded in (("an", date(2022, 5, 1)), ("relapsed", date(2023, 12, 5))):
        listed(case.log, who, "post_detox", ON_TIME)
        case.log.write(
            "determination",
            who,
            unit="tram",
            person=person(who),
            commune=HAI_DUONG,
            facility="tram",
            clinician="c",
            requested_on=concluded,
            concluded_on=concluded,
            conclusion="addicted",
        )
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == {"other_status": 1}
    step = next(one for one in document["steps"] if one["step"] == "other_status")
    assert (step["found"], step["records_total"]) == (1, 1)


async def test_the_record_that_ended_a_row_is_named_not_another_that_came_late_or_was_touched(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an", since=date(2023, 3, 1), has_decision=True)
    case.addict("an", since=date(2023, 3, 1), recorded=LATE, removed_on=date(2023, 12, 20))
    listed(case.log, "an", "suspected_addict", date(2019, 5, 1), recorded=LATE)
    listed(case.log, "an", "post_detox", date(2023, 10, 1), recorded=date(2024, 2, 1))
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == {"recorded_late": 1}
    (step,) = (one for one in document["steps"] if one["step"] == "recorded_late")
    (record,) = step["records"]
    assert (record["record"], record["because_of"]) == (
        row("an", date(2023, 3, 1)),
        row("an", date(2023, 10, 1)),
    )
    assert "01/02/2024" in record["reason"]["vi"]


async def test_of_two_late_statements_about_presence_the_one_that_holds_is_named(platform: Platform) -> None:
    case = Case()
    case.addict("an", since=date(2023, 3, 1), presence="community")
    for name, admitted, ended in (
        ("first", date(2023, 5, 1), date(2023, 6, 1)),
        ("last", date(2023, 12, 5), None),
    ):
        case.log.write(
            "detox",
            name,
            unit="centre",
            person=person("an"),
            commune=HAI_DUONG,
            kind="compulsory",
            admitted_on=admitted,
            ended_on=ended,
            recorded=LATE,
        )
    case.declare(1, figure="registry.addicts_in_community")
    await fold(platform, case.log.messages)
    document = await explain(platform, "registry.addicts_in_community")
    (step,) = (one for one in document["steps"] if one["step"] == "recorded_late")
    assert [record["because_of"] for record in step["records"]] == [str(named("detox centre last"))]


async def test_a_row_of_the_timeline_from_before_is_not_what_brought_somebody_back_into_the_community(
    platform: Platform,
) -> None:
    case = Case()
    listed(case.log, "an", "user", date(2023, 11, 14), commune=CHI_LINH)
    listed(case.log, "an", "user", date(2023, 11, 14), void=True, recorded=LATE)
    case.addict("an", since=date(2023, 11, 25))
    case.log.write(
        "detox",
        "an",
        unit="centre",
        person=person("an"),
        commune=HAI_DUONG,
        kind="compulsory",
        admitted_on=date(2023, 11, 10),
        ended_on=date(2023, 11, 19),
        recorded=LATE,
    )
    case.declare(0, figure="registry.addicts_in_community")
    await fold(platform, case.log.messages)
    document = await explain(platform, "registry.addicts_in_community")
    assert counts(document) == {"recorded_late": -1}
    (step,) = (one for one in document["steps"] if one["step"] == "recorded_late")
    assert [record["because_of"] for record in step["records"]] == [str(named("detox centre an"))]


async def test_a_row_that_gained_an_end_says_nothing_new_about_presence(platform: Platform) -> None:
    case = Case()
    first, second = date(2023, 3, 1), date(2023, 12, 1)
    case.addict("an", since=first, presence="detained")
    case.addict("an", since=second)
    case.addict("an", since=first, presence="detained", removed_on=second, recorded=date(2024, 1, 5))
    case.log.write(
        "detox",
        "an",
        unit="centre",
        person=person("an"),
        commune=HAI_DUONG,
        kind="compulsory",
        admitted_on=date(2023, 5, 1),
        ended_on=second,
        recorded=LATE,
    )
    case.declare(0, figure="registry.addicts_in_community")
    await fold(platform, case.log.messages)
    document = await explain(platform, "registry.addicts_in_community")
    (step,) = (one for one in document["steps"] if one["step"] == "recorded_late")
    assert [record["because_of"] for record in step["records"]] == [str(named("detox centre an"))]


async def test_what_may_be_kept_on_the_list_would_have_counted_but_for_its_end(platform: Platform) -> None:
    case = Case()
    for who in ("with a slip", "without"):
        case.addict(who, since=date(2023, 3, 1), removed_on=date(2023, 8, 1))
    case.log.write(
        "determination",
        "1",
        unit="tram",
        person=person("with a slip"),
        commune=HAI_DUONG,
        facility="tram",
        clinician="c",
        requested_on=date(2023, 2, 1),
        concluded_on=date(2023, 2, 1),
        conclusion="addicted",
    )
    case.declare(1, figure="registry.addicts_with_slip")
    await fold(platform, case.log.messages)
    assert counts(await explain(platform, "registry.addicts_with_slip")) == {"ended_before": 1}


async def test_by_facility_what_ended_is_looked_for_at_the_facilities_of_the_area(platform: Platform) -> None:
    case = Case()
    for code, commune in (("F1", HAI_DUONG), ("F2", CHI_LINH)):
        about: dict[str, Any] = {"facility": code, "commune": commune, "name": code, "does": ["methadone"]}
        case.log.write("facilities", code, unit="health:30", valid_from=date(2020, 1, 1), **about)
    gone = {"ended_on": date(2023, 9, 1), "recorded": date(2023, 9, 1)}
    case.patient("here", date(2023, 3, 1), facility="F1", commune=CHI_LINH, **gone)
    case.patient("there", date(2023, 3, 1), facility="F2", commune=HAI_DUONG, **gone)
    case.declare(1, figure=PATIENTS, agency="health", area="288@2008")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", area="288", area_of="facility")
    step = next(one for one in document["steps"] if one["step"] == "ended_before")
    assert [record["unit"] for record in step["records"]] == ["F1"]


async def test_of_two_declarations_for_a_part_the_one_declared_last_counts(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.declare(1)
    case.declare(1, area="288@2008", on=CUT_OFF)
    for unit, value, on in (("police:288", 5, date(2023, 12, 10)), ("police:30", 7, date(2023, 12, 16))):
        case.log.write(
            "declared",
            "again",
            unit=unit,
            recorded=on,
            occurred=on,
            agency="police",
            figure=ADDICTS,
            area="288@2008",
            as_of=date(2023, 12, 14),
            value=value,
            declared_on=on,
        )
    await fold(platform, case.log.messages)
    parts = (await explain(platform))["parts"]
    assert [part["declared"] for part in parts["rows"] if part["area"] == "288"] == [1]


async def test_the_province_of_2025_is_told_what_was_declared_for_the_one_of_2023(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.declare(1)
    await fold(platform, case.log.messages)
    with pytest.raises(Problem) as refused:
        await explain(platform, as_of="2025-12-14")
    (fault,) = refused.value.faults
    assert (fault.rule, "police 30 2023-12-14 = 1" in fault.message.vi) == (
        "reconcile_declared_instead",
        True,
    )
