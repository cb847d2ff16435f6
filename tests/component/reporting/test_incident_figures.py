"""Drug cases, arrests, fires, conflicts, places, classes of communes: worked expectations for each rule."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.chassis.platform import Platform
from tests.support.reporting import Log, ask, fold, person, rows, value

HAI_DUONG, CHI_LINH = "10513@2008", "10546@2008"
Y2023 = {"since": "2023-01-01", "to": "2023-12-31"}
H1 = {"since": "2023-01-01", "to": "2023-06-30"}


def case(log: Log, number: str, on: date, **more: Any) -> None:
    given = {"commune": HAI_DUONG, "offence": "trade", "subjects": 1, **more}
    log.write("drug_cases", number, detected_on=on, **given)


def conflict(log: Log, number: str, on: date, **more: Any) -> None:
    given = {"commune": HAI_DUONG, "level": 1, "cause": "land", "parties": 2, "status": "in_progress", **more}
    log.write("conflicts", number, detected_on=on, **given)


def place(log: Log, number: str, since: date, kind: str, **more: Any) -> None:
    log.write(
        "places",
        f"{number} {since}",
        place=number,
        valid_from=since,
        kind=kind,
        **{"commune": HAI_DUONG, **more},
    )


def graded(
    log: Log, commune: str, since: date, grade: str, scheme: str = "public_order_risk", **more: Any
) -> None:
    name = f"{commune} {scheme} {since}"
    log.write(
        "area_classes", name, commune=commune, scheme=scheme, area_class=grade, valid_from=since, **more
    )


async def test_each_figure_of_drug_cases_goes_by_its_own_date(platform: Platform) -> None:
    log = Log()
    case(log, "1", date(2022, 11, 1), prosecuted_on=date(2023, 2, 1), accused=3, subjects=4)
    case(log, "2", date(2023, 5, 1), prosecuted_on=date(2024, 1, 5), accused=2, subjects=2)
    case(log, "3", date(2023, 6, 1), administrative_on=date(2023, 6, 2))
    await fold(platform, log.messages)
    names = ("detected", "prosecuted", "administrative", "without_outcome", "subjects", "accused")
    assert [await value(platform, f"drug_cases.{name}", **Y2023) for name in names] == [2, 1, 1, 1, 3, 3]
    assert await value(platform, "drug_cases.without_outcome", since="2023-05-01", to="2024-01-05") == 0
    assert await value(platform, "drug_cases.without_outcome", since="2023-05-01", to="2023-06-01") == 2
    assert await rows(platform, "drug_cases.detected", "outcome", **Y2023) == {
        "administrative": 1,
        "unknown": 1,
    }


async def test_drug_cases_by_what_was_found(platform: Platform) -> None:
    log = Log()
    case(log, "1", date(2023, 5, 1), channel="air", seized_grams="4000.5", substance="ketamine")
    case(log, "2", date(2023, 5, 1), channel="post", seized_grams="5000")
    case(log, "3", date(2023, 5, 1), channel="none", seized_grams="1.5", disguised_drug=True)
    case(log, "4", date(2023, 5, 1), offence="organising_use", venue="conditional_business")
    case(log, "5", date(2023, 5, 1), offence="harbouring_use", venue="lodging")
    await fold(platform, log.messages)
    expected = {
        "by_air_or_post": 2,
        "seized_grams_by_air_or_post": 9000.5,
        "seized_grams": 9002,
        "disguised_drug": 1,
        "organising_or_harbouring": 2,
        "organising_or_harbouring_at_conditional_business": 1,
    }
    assert {name: await value(platform, f"drug_cases.{name}", **Y2023) for name in expected} == expected
    assert await rows(platform, "drug_cases.seized_grams", "substance", **Y2023) == {
        "ketamine": 4000.5,
        "unknown": 5001.5,
    }
    assert await rows(platform, "drug_cases.detected", "venue", **Y2023) == {
        "conditional_business": 1,
        "lodging": 1,
        "unknown": 3,
    }


async def test_a_person_arrested_twice_counts_once_at_the_residence_in_the_row(platform: Platform) -> None:
    log = Log()
    common: dict[str, Any] = {"person": person("an"), "outcome": "prosecuted"}
    log.write("arrests", "1", **common, commune=HAI_DUONG, case="c1", arrested_on=date(2023, 3, 1))
    log.write("arrests", "2", **common, commune=CHI_LINH, case="c2", arrested_on=date(2023, 4, 1))
    log.write(
        "arrests", "3", person=person("binh"), commune=CHI_LINH, case="c2", arrested_on=date(2023, 4, 1)
    )
    await fold(platform, log.messages)
    document = await ask(platform, "arrests.persons", by="area", **Y2023)
    assert (document["value"], document["overlap"]) == (2, 1)
    assert await rows(platform, "arrests.persons", "outcome", **Y2023) == {"prosecuted": 1, "unknown": 1}


async def test_fires_count_by_the_vietnamese_date_of_the_alarm_when_they_count_as_a_case(
    platform: Platform,
) -> None:
    log = Log()
    near_midnight = datetime(2022, 12, 31, 17, 30, tzinfo=UTC)
    common: dict[str, Any] = {"commune": HAI_DUONG, "place": "dwelling"}
    log.write(
        "fires", "1", **common, alarm_at=near_midnight, deaths=1, injured=2, rescued=3, damage_vnd=1_500_000
    )
    log.write(
        "fires", "2", **common, alarm_at=datetime(2023, 5, 1, tzinfo=UTC), damage_vnd=500_000, cause="arson"
    )
    log.write(
        "fires", "3", **common, alarm_at=datetime(2023, 5, 1, tzinfo=UTC), deaths=9, counts_as_case=False
    )
    await fold(platform, log.messages)
    names = ("cases", "deaths", "injured", "rescued", "damage_vnd")
    assert [await value(platform, f"fires.{name}", **Y2023) for name in names] == [2, 1, 2, 3, 2_000_000]
    assert await rows(platform, "fires.cases", "cause", **Y2023) == {"arson": 1, "unknown": 1}
    assert await value(platform, "fires.cases", since="2022-12-31", to="2022-12-31") == 0


async def test_the_status_of_a_conflict_is_that_at_the_end_of_the_period(platform: Platform) -> None:
    log = Log()
    conflict(log, "1", date(2023, 3, 1), status="resolved_stable", status_on=date(2023, 8, 1))
    conflict(log, "2", date(2023, 3, 1), status="resolved_unstable")
    conflict(log, "3", date(2023, 3, 1))
    await fold(platform, log.messages)
    assert await rows(platform, "conflicts.detected", "status", **H1) == {
        "in_progress": 2,
        "resolved_unstable": 1,
    }
    names = ("in_progress", "resolved_unstable", "resolved_stable")
    assert [await value(platform, f"conflicts.status.{name}", **Y2023) for name in names] == [1, 1, 1]
    assert await value(platform, "conflicts.status.resolved_stable", since="2023-01-01", to="2023-08-01") == 1
    assert await value(platform, "conflicts.status.resolved_stable", since="2023-01-01", to="2023-07-31") == 0


async def test_conflicts_by_level_cause_parties_and_duration(platform: Platform) -> None:
    log = Log()
    for number, (level, cause) in enumerate(((1, "land"), (2, "daily_life"), (3, "love"), (3, "other"))):
        conflict(
            log, str(number), date(2023, 3, 1), level=level, cause=cause, parties=level, prolonged=level == 3
        )
    await fold(platform, log.messages)
    expected = {
        "conflicts.detected": 4,
        "conflicts.parties": 9,
        "conflicts.level.3": 2,
        "conflicts.cause.other": 1,
        "conflicts.cause.not_land_or_daily_life": 2,
        "conflicts.prolonged": 2,
    }
    assert {code: await value(platform, code, **Y2023) for code in expected} == expected
    assert await rows(platform, "conflicts.detected", "level", **Y2023) == {"1": 1, "2": 1, "3": 2}


async def test_places_are_watched_until_their_end_or_their_next_row(platform: Platform) -> None:
    log = Log()
    place(log, "p1", date(2022, 1, 1), "lodging", at_risk=True)
    place(log, "p1", date(2023, 5, 1), "lodging")
    place(
        log,
        "p2",
        date(2022, 1, 1),
        "disguised_business",
        at_risk=True,
        valid_to=date(2023, 5, 1),
        end_reason="closed",
    )
    place(log, "h1", date(2022, 1, 1), "hot_spot", valid_to=date(2023, 5, 1), end_reason="eliminated")
    place(log, "h2", date(2022, 1, 1), "hot_spot", valid_to=date(2023, 5, 1), end_reason="moved")
    await fold(platform, log.messages)
    before, after = {"as_of": "2023-04-30"}, {"as_of": "2023-05-01"}
    codes = (
        "venues.watched",
        "venues.at_risk.lodging",
        "venues.at_risk.disguised_business",
        "hot_spots.open",
    )
    assert [await value(platform, code, **before) for code in codes] == [2, 1, 1, 2]
    assert [await value(platform, code, **after) for code in codes] == [1, 0, 0, 0]
    assert await value(platform, "hot_spots.eliminated", **Y2023) == 1
    assert await value(platform, "hot_spots.eliminated", since="2023-01-01", to="2023-04-30") == 0
    assert await rows(platform, "venues.watched", "kind", **before) == {"disguised_business": 1, "lodging": 1}


async def test_the_same_place_number_in_two_units_is_two_places(platform: Platform) -> None:
    log = Log()
    place(log, "7", date(2022, 1, 1), "lodging")
    place(log, "7", date(2022, 6, 1), "lodging", unit="police:290", commune=CHI_LINH)
    await fold(platform, log.messages)
    assert await value(platform, "venues.watched", as_of="2023-01-01") == 2


async def test_risk_classes_and_the_unclassified_add_up_to_the_number_of_communes(platform: Platform) -> None:
    log = Log()
    graded(log, HAI_DUONG, date(2022, 1, 1), "low")
    graded(log, HAI_DUONG, date(2023, 1, 1), "high")
    graded(log, CHI_LINH, date(2022, 1, 1), "at_risk", valid_to=date(2023, 6, 1))
    graded(log, CHI_LINH, date(2022, 1, 1), "hot", scheme="drug_hot")
    await fold(platform, log.messages)
    names = ("high", "at_risk", "low", "unclassified")
    found = {
        day: [await value(platform, f"areas.risk.{name}", as_of=day) for name in names]
        for day in ("2022-12-31", "2023-01-01", "2023-06-01")
    }
    assert found == {"2022-12-31": [0, 1, 1, 233], "2023-01-01": [1, 1, 0, 233], "2023-06-01": [1, 0, 0, 234]}
    assert await rows(platform, "areas.drug_hot", "area", as_of="2023-06-01") == {"290": 1}


@pytest.mark.parametrize("sign", ["addict", "user", "hot_spot", "case"])
async def test_a_commune_has_a_drug_problem_by_any_one_of_its_signs(platform: Platform, sign: str) -> None:
    log = Log()
    on = date(2023, 3, 1)
    if sign == "hot_spot":
        place(log, "h", on, "hot_spot")
    elif sign == "case":
        case(log, "c", on)
    else:
        log.write("registry", "an", person=person("an"), commune=HAI_DUONG, status=sign, status_from=on)
    log.write("registry", "x", person=person("x"), commune=CHI_LINH, status="suspected_user", status_from=on)
    await fold(platform, log.messages)
    found = [
        await value(platform, "areas.with_drug_problem", as_of=d)
        for d in ("2023-02-28", "2023-03-01", "2024-01-01")
    ]
    assert found == [0, 1, 0 if sign == "case" else 1]
    assert await value(platform, "areas.without_drug_problem", as_of="2023-03-01") == 234
    assert await rows(platform, "areas.with_drug_problem", "commune", as_of="2023-03-01") == {"10513": 1}
