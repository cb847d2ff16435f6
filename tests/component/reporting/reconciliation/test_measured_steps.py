"""Steps that the log itself gives: another date, recorded late, corrected, withdrawn, people linked since."""

from datetime import date
from typing import Any

import pytest

from services.chassis.platform import Platform
from tests.support.reconciliation import (
    CHI_LINH,
    LATE,
    ON_TIME,
    PATIENTS,
    Case,
    counts,
    explain,
    records,
    row,
)
from tests.support.reporting import fold, named, person


async def test_a_number_that_agrees_has_no_steps(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["declared"], document["computed"], document["difference"]) == (1, 1, 0)
    assert counts(document) == {}
    assert document["closes"] is True


async def test_what_was_recorded_after_the_cut_off_is_missing_from_the_declared_number(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an")
    case.addict("binh", recorded=LATE)
    case.addict("chi", recorded=LATE)
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["difference"], counts(document)) == (-2, {"recorded_late": -2})
    assert records(document, "recorded_late") == {row("binh"), row("chi")}
    step = next(step for step in document["steps"] if step["step"] == "recorded_late")
    assert (step["kind"], step["in_computed_only"], step["in_declared_only"]) == ("measured", 2, 0)


async def test_the_day_of_the_cut_off_itself_was_still_known_to_the_agency(platform: Platform) -> None:
    case = Case()
    case.addict("an", recorded=date(2023, 12, 18))
    case.addict("binh", recorded=date(2023, 12, 19))
    case.declare(1)
    await fold(platform, case.log.messages)
    assert counts(await explain(platform)) == {"recorded_late": -1}


async def test_a_row_withdrawn_or_corrected_since_is_told_apart_from_one_that_came_late(
    platform: Platform,
) -> None:
    case = Case()
    for who in ("an", "binh", "chi"):
        case.addict(who)
    case.log.write("registry", f"an {ON_TIME}", void=True, recorded=LATE)
    moved: dict[str, Any] = {
        "status": "user",
        "status_from": ON_TIME,
        "person": person("binh"),
        "commune": CHI_LINH,
    }
    case.log.write("registry", f"binh {ON_TIME}", recorded=LATE, **moved)
    case.declare(3)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == {"voided_since": 1, "corrected_since": 1}
    assert records(document, "voided_since") == {row("an")}
    corrected = next(step for step in document["steps"] if step["step"] == "corrected_since")
    assert "status" in corrected["records"][0]["reason"]["en"]


async def test_an_end_that_was_written_down_late_is_late_and_not_a_correction(platform: Platform) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("an", date(2023, 3, 1), ended_on=date(2023, 12, 10), recorded=LATE)
    case.declare(1, figure=PATIENTS, agency="health")
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health")
    assert (document["difference"], counts(document)) == (1, {"recorded_late": 1})


async def test_a_status_that_a_late_row_of_the_same_person_ended_names_that_row(platform: Platform) -> None:
    case = Case()
    case.addict("an", since=date(2023, 1, 10))
    case.log.write(
        "registry",
        "an later",
        status="post_detox",
        status_from=ON_TIME,
        person=person("an"),
        commune=CHI_LINH,
        recorded=LATE,
    )
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert counts(document) == {"recorded_late": 1}
    (found,) = next(s for s in document["steps"] if s["step"] == "recorded_late")["records"]
    assert found["record"] == row("an", date(2023, 1, 10))
    assert found["because_of"] == str(named("registry police:288 an later"))


async def test_a_presence_stated_late_is_the_reason_why_a_person_is_no_longer_in_the_community(
    platform: Platform,
) -> None:
    case = Case()
    figure = "registry.addicts_in_community"
    case.addict("an", presence="community")
    case.log.write(
        "detox",
        "1",
        unit="centre",
        kind="compulsory",
        admitted_on=date(2023, 12, 5),
        person=person("an"),
        commune=CHI_LINH,
        facility="centre",
        recorded=LATE,
    )
    case.declare(1, figure=figure)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert (document["computed"], counts(document)) == (0, {"recorded_late": 1})


async def test_people_merged_since_are_listed_with_all_their_records(platform: Platform) -> None:
    case = Case()
    for who in ("an", "an too", "binh"):
        case.addict(who)
    case.same("an", "an too", known=LATE)
    case.declare(3)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["difference"], counts(document)) == (1, {"linked_since": 1})
    assert records(document, "linked_since") == {row("an"), row("an too")}
    step = next(step for step in document["steps"] if step["step"] == "linked_since")
    assert {record["person"] for record in step["records"]} == {1}


async def test_people_separated_since_count_the_other_way(platform: Platform) -> None:
    case = Case()
    for who in ("an", "binh"):
        case.addict(who)
    case.log.link("an", "one", known=ON_TIME)
    case.log.link("binh", "one", known=ON_TIME, until=LATE)
    case.declare(1)
    await fold(platform, case.log.messages)
    assert counts(await explain(platform)) == {"linked_since": -1}


async def test_a_late_record_of_somebody_already_counted_changes_nothing(platform: Platform) -> None:
    case = Case()
    case.addict("an")
    case.addict("an again", recorded=LATE)
    case.same("an", known=ON_TIME)
    case.log.link("an again", "token of an", known=LATE)
    case.declare(1)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["difference"], counts(document)) == (0, {})
    assert records(document, "recorded_late") == {row("an again")}


async def test_a_link_made_in_march_explains_nothing_to_who_asks_as_of_january(platform: Platform) -> None:
    case = Case()
    for who in ("an", "an too"):
        case.addict(who)
    case.same("an", "an too", known=date(2024, 3, 1))
    case.declare(2)
    await fold(platform, case.log.messages)
    assert counts(await explain(platform, known_at="2024-01-31")) == {}
    assert counts(await explain(platform)) == {"linked_since": 1}


async def test_another_date_is_a_step_of_what_happened_between_the_two(platform: Platform) -> None:
    case = Case()
    case.patient("an", date(2023, 3, 1))
    case.patient("binh", date(2023, 12, 17))
    case.patient("chi", date(2023, 12, 18))
    case.patient("dung", date(2023, 3, 1), ended_on=date(2023, 12, 16), recorded=date(2023, 12, 16))
    case.declare(3, figure=PATIENTS, agency="health", on=date(2023, 12, 22), as_of=date(2023, 12, 19))
    await fold(platform, case.log.messages)
    document = await explain(platform, PATIENTS, "health", as_of="2023-12-14")
    assert (document["declared"], document["computed"], counts(document)) == (3, 2, {"other_date": 1})
    step = document["steps"][0]
    assert (step["in_declared_only"], step["in_computed_only"]) == (2, 1)
    assert document["declaration"]["same_dates"] is False


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"since": "2023-01-01", "to": "2023-12-14"}, {}),
        ({"since": "2022-12-15", "to": "2023-12-14"}, {"other_date": -1}),
        ({"since": "2023-01-01", "to": "2023-12-31"}, {"other_date": -2}),
    ],
)
async def test_another_window_is_a_step_of_the_events_outside(
    platform: Platform, asked: dict[str, Any], expected: dict[str, int]
) -> None:
    case = Case()
    days = (date(2022, 12, 20), date(2023, 2, 1), date(2023, 12, 20), date(2023, 12, 30))
    for number, day in enumerate(days):
        case.log.write(
            "drug_cases",
            str(number),
            commune=CHI_LINH,
            detected_on=day,
            offence="trade",
            subjects=1,
            recorded=date(2023, 1, 1) if day.year == 2022 else day,
        )
    window: dict[str, Any] = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 14)}
    case.declare(1, figure="drug_cases.detected", **window)
    await fold(platform, case.log.messages)
    document = await explain(platform, "drug_cases.detected", **asked)
    assert counts(document) == expected


async def test_sums_are_reconciled_by_amount(platform: Platform) -> None:
    case = Case()
    for number, (grams, recorded) in enumerate((("1.5", ON_TIME), ("2.25", LATE))):
        about: dict[str, Any] = {
            "commune": CHI_LINH,
            "detected_on": ON_TIME,
            "offence": "trade",
            "subjects": 1,
        }
        case.log.write("drug_cases", str(number), recorded=recorded, seized_grams=grams, **about)
    window: dict[str, Any] = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 14)}
    case.declare("2", figure="drug_cases.seized_grams", **window)
    await fold(platform, case.log.messages)
    document = await explain(platform, "drug_cases.seized_grams", since="2023-01-01", to="2023-12-14")
    assert (document["computed"], document["difference"]) == (3.75, -1.75)
    assert counts(document) == {"recorded_late": -2.25, "rounding": 0.5}


async def test_communes_with_a_property_are_reconciled_by_commune(platform: Platform) -> None:
    case = Case()
    figure = "areas.with_drug_problem"
    case.addict("an")
    case.addict("binh", commune=CHI_LINH, recorded=LATE)
    case.declare(1, figure=figure)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert (document["computed"], counts(document)) == (2, {"changed_since": -1})
    step = next(step for step in document["steps"] if step["step"] == "changed_since")
    assert [record["area"] for record in step["records"]] == [CHI_LINH]


async def test_more_rows_than_anyone_reads_are_reconciled_by_their_number_alone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case()
    case.addict("an")
    case.addict("binh", recorded=LATE)
    case.declare(1)
    await fold(platform, case.log.messages)
    monkeypatch.setattr("services.reporting.reconciliation.decomposition.MEMBER_LIMIT", 1)
    document = await explain(platform)
    assert (document["computed"], counts(document)) == (2, {"changed_since": -1})
    assert document["closes"] is True


async def test_registers_handed_in_years_later_without_their_days_say_nothing_about_what_was_known(
    platform: Platform,
) -> None:
    case = Case()
    for number in range(10):
        case.addict(f"person {number}", recorded=LATE)
    case.declare(12)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert (document["declaration"]["log_kept"], counts(document)) == (False, {"unexplained": 2})


async def test_a_percent_declared_before_the_log_was_kept_is_held_against_what_is_known_now(
    platform: Platform,
) -> None:
    case = Case()
    figure = "registry.addicts_with_slip_pct"
    for number in range(4):
        case.addict(f"person {number}", recorded=LATE)
    case.declare(0, figure=figure)
    await fold(platform, case.log.messages)
    document = await explain(platform, figure)
    assert (document["declaration"]["log_kept"], document["computed"], counts(document)) == (False, 0, {})


async def test_a_log_that_was_kept_tells_what_the_agency_could_know_even_if_most_came_later(
    platform: Platform,
) -> None:
    case = Case()
    case.addict("an")
    for number in range(5):
        case.addict(f"late {number}", recorded=LATE)
    case.declare(4)
    await fold(platform, case.log.messages)
    document = await explain(platform)
    assert document["declaration"]["log_kept"] is True
    assert counts(document) == {"recorded_late": -5, "unexplained": 3}
