"""Percents, several agencies, versions of a definition: what else stands between two numbers."""

from datetime import date
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.chassis.problems import Problem
from tests.support.reconciliation import (
    ADDICTS,
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
from tests.support.reporting import fold, listed, named, person


@pytest.mark.parametrize(
    ("declared", "rounding", "steps"),
    [("33.3", "rounded", 1), ("66.6", "truncated", 1), ("66.7", "rounded", 1), ("67", "rounded", 1)],
)
async def test_a_percent_says_whether_it_was_rounded_or_cut_off(
    platform: Platform, declared: str, rounding: str, steps: int
) -> None:
    case = Case()
    figure = "registry.addicts_with_slip_pct"
    with_slip = 1 if declared == "33.3" else 2
    for number in range(3):
        case.addict(f"person {number}")
        if number < with_slip:
            case.log.write(
                "determination",
                str(number),
                unit="tram",
                person=person(f"person {number}"),
                commune=HAI_DUONG,
                facility="tram",
                clinician="c",
                requested_on=date(2023, 12, 2),
                concluded_on=date(2023, 12, 2),
                conclusion="addicted",
            )
    case.declare(declared, figure=figure)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert document["rounding"] == rounding
    assert len(counts(document)) == steps
    assert (document["numerator"]["computed"], document["denominator"]["computed"]) == (with_slip, 3)
    assert (document["unexplained"], document["closes"]) == (0, True)


async def test_a_percent_is_walked_by_what_changes_its_two_counts(platform: Platform) -> None:
    case = Case()
    figure = "registry.users_with_decision_pct"
    for number, recorded in enumerate((ON_TIME, ON_TIME, LATE, LATE)):
        decided: dict[str, Any] = {"has_decision": True, "decision_date": ON_TIME} if number == 0 else {}
        case.log.write(
            "registry",
            f"user {number}",
            status="user",
            status_from=ON_TIME,
            person=person(f"user {number}"),
            commune=HAI_DUONG,
            recorded=recorded,
            **decided,
        )
    case.declare(50, figure=figure)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert (document["computed"], counts(document)) == (25, {"recorded_late": 25})
    assert records(document, "recorded_late") == {
        str(named(f"registry police:288 user {number}")) for number in (2, 3)
    }


async def test_a_record_in_both_counts_of_a_percent_is_listed_once(platform: Platform) -> None:
    case = Case()
    for who in ("an", "binh"):
        decided: dict[str, Any] = {"has_decision": True, "decision_date": ON_TIME}
        recorded = LATE if who == "binh" else ON_TIME
        listed(case.log, who, "user", ON_TIME, recorded=recorded, **decided)
    case.declare(100, figure="registry.users_with_decision_pct")
    await fold(platform, case.log.messages)
    document = await explain(platform, "registry.users_with_decision_pct")
    (step,) = (one for one in document["steps"] if one["step"] == "recorded_late")
    assert [record["record"] for record in step["records"]] == [row("binh")]
    assert step["records_total"] == 1


async def test_a_percent_is_held_against_the_agencys_own_two_counts(platform: Platform) -> None:
    case = Case()
    figure = "registry.addicts_with_slip_pct"
    for number in range(8):
        case.addict(f"person {number}")
    case.declare("16.5", figure=figure)
    case.declare(60, figure="registry.addicts_with_slip")
    case.declare(374, figure=ADDICTS)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert (document["rounding"], document["unexplained"]) == (None, 16.5)
    assert (document["numerator"]["declared"], document["denominator"]["declared"]) == (60, 374)
    own = document["of_declared_counts"]
    assert (round(own["percent"], 2), own["rounding"]) == (16.04, None)


async def test_two_agencies_numbers_are_walked_from_one_to_the_other_through_the_log(
    platform: Platform,
) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 12, 17))
    case.patient("chi", date(2023, 3, 1), recorded=date(2023, 12, 20))
    case.declare(3, figure=PATIENTS, agency="health", on=date(2023, 12, 22), as_of=date(2023, 12, 19))
    case.declare(4, figure=PATIENTS, agency="police", on=date(2023, 12, 18))
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", against="police")
    between = document["between"]
    assert (between["difference"], between["closes"], between["unexplained"]) == (-1, True, -3)
    assert [(step["agency"], step["step"], step["count"]) for step in between["steps"]] == [
        ("health", "other_date", 1),
        ("police", "unexplained", -3),
        ("police", "recorded_late", 1),
    ]
    assert sum(step["count"] for step in between["steps"]) == between["difference"]
    assert document["against"]["computed"] == document["computed"] == 2


async def test_figures_of_other_agencies_are_reconciled_all_the_same(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.declare(2, agency="health")
    await fold(platform, case.log.messages)
    assert counts(await explain(platform, ADDICTS, "health")) == {"unexplained": 1}


async def test_another_version_of_the_definition_between_the_dates_is_named(platform: Platform) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.declare(1, figure=PATIENTS, agency="health", as_of=date(2024, 12, 14), on=date(2024, 12, 16))
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", as_of="2024-12-19")
    step = next(step for step in document["steps"] if step["step"] == "definition")
    assert (step["count"], "ost-2024" in step["en"]) == (0, True)
    assert document["definition"]["asked"]["version"] == "ost-2024"


async def test_a_ratio_without_a_denominator_has_nothing_to_reconcile(platform: Platform) -> None:
    case = Case()
    figure = "registry.users_with_decision_pct"
    case.addict("an")
    case.declare(50, figure=figure)
    await fold(platform, case.log.messages)
    with pytest.raises(Problem) as refused:
        await explain(platform, figure)
    assert [fault.rule for fault in refused.value.faults] == ["reconcile_no_value"]
