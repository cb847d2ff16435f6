"""Determinations, methadone, detox: flows and stocks with worked expectations."""

from datetime import date
from typing import Any

from services.chassis.platform import Platform
from tests.support.reporting import Log, ask, fold, person, rows, value

HAI_DUONG, CHI_LINH = "10513@2008", "10546@2008"
A = {"commune": HAI_DUONG}
Y2023 = {"since": "2023-01-01", "to": "2023-12-31"}


def slip(log: Log, number: str, who: str, on: date, conclusion: str = "addicted", **more: Any) -> None:
    given = {"person": person(who), **A, "facility": "tram-1", "clinician": "c1", "requested_on": on}
    log.write(
        "determination", number, unit="tram-1", concluded_on=on, conclusion=conclusion, **{**given, **more}
    )


def patient(log: Log, who: str, since: date, facility: str = "F1", **more: Any) -> None:
    given = {"person": person(who), **A, **more}
    log.write("methadone", f"{who} {since}", unit=facility, facility=facility, enrolled_on=since, **given)


def episode(log: Log, number: str, who: str, since: date, kind: str = "compulsory", **more: Any) -> None:
    given = {"person": person(who), **A, "facility": "centre", **more}
    log.write("detox", number, unit="centre", kind=kind, admitted_on=since, **given)


def facility(log: Log, code: str, since: date, commune: str, **more: Any) -> None:
    given = {"name": f"Cơ sở {code}", "does": ["methadone"], **more}
    log.write(
        "facilities",
        f"{code} {since}",
        unit="health:30",
        facility=code,
        commune=commune,
        valid_from=since,
        **given,
    )


async def test_a_person_concluded_twice_counts_once_per_figure_while_slips_count_slips(
    platform: Platform,
) -> None:
    log = Log()
    slip(log, "1", "an", date(2023, 2, 1), "not_addicted")
    slip(log, "2", "an", date(2023, 9, 1), "addicted")
    slip(log, "3", "an at home", date(2023, 10, 1), "addicted")
    slip(log, "4", "binh", date(2022, 12, 31), "addicted")
    log.link("an", "nid", known=date(2023, 10, 1))
    log.link("an at home", "nid", known=date(2023, 10, 1))
    await fold(platform, log.messages)
    codes = ("concluded", "addicted", "not_addicted", "slips")
    assert [await value(platform, f"determination.{code}", **Y2023) for code in codes] == [1, 1, 1, 3]
    document = await ask(platform, "determination.concluded", by="outcome", **Y2023)
    assert document["rows"] == [{"outcome": "addicted", "value": 1}, {"outcome": "not_addicted", "value": 1}]
    assert document["overlap"] == 1


async def test_a_slip_counts_in_the_row_of_each_of_its_substances(platform: Platform) -> None:
    log = Log()
    slip(log, "1", "an", date(2023, 2, 1), substances=["heroin", "meth"])
    slip(log, "2", "binh", date(2023, 2, 1))
    await fold(platform, log.messages)
    for code in ("slips", "concluded"):
        document = await ask(platform, f"determination.{code}", by="substance", **Y2023)
        assert {row["substance"]: row["value"] for row in document["rows"]} == {
            "heroin": 1,
            "methamphetamine": 1,  # what the list of substances has for "meth"
            "unknown": 1,
        }
        assert (document["value"], document["overlap"]) == (2, 1)


async def test_both_days_of_a_period_belong_to_it(platform: Platform) -> None:
    log = Log()
    for number, day in enumerate(
        (date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1))
    ):
        slip(log, str(number), f"person {number}", day)
    await fold(platform, log.messages)
    assert await value(platform, "determination.concluded", **Y2023) == 2


async def test_methadone_is_active_from_enrolment_up_to_not_including_the_end(platform: Platform) -> None:
    log = Log()
    patient(log, "an", date(2023, 3, 1), ended_on=date(2023, 6, 1), end_reason="dropped_out")
    patient(log, "binh", date(2023, 3, 1), ended_on=date(2023, 3, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "methadone.active", as_of=d)
        for d in ("2023-02-28", "2023-03-01", "2023-05-31", "2023-06-01")
    ]
    assert found == [0, 1, 1, 0]
    assert await value(platform, "methadone.entered", **Y2023) == 2
    assert await rows(platform, "methadone.left", "end_reason", **Y2023) == {"dropped_out": 1, "unknown": 1}


async def test_a_transfer_is_a_leaving_at_one_site_and_an_entering_at_the_other(platform: Platform) -> None:
    log = Log()
    patient(
        log, "an", date(2023, 3, 1), ended_on=date(2023, 6, 1), end_reason="transferred", transferred_to="F2"
    )
    patient(log, "an", date(2023, 6, 4), facility="F2")
    await fold(platform, log.messages)
    found = [
        await value(platform, "methadone.active", as_of=d) for d in ("2023-05-31", "2023-06-03", "2023-06-04")
    ]
    assert found == [1, 0, 1]
    assert await rows(platform, "methadone.active", "facility", as_of="2023-07-01") == {"F2": 1}
    document = await ask(platform, "methadone.entered", by="facility", **Y2023)
    assert document["rows"] == [{"facility": "F1", "value": 1}, {"facility": "F2", "value": 1}]
    assert (document["value"], document["overlap"]) == (1, 1)
    assert await rows(platform, "methadone.left", "end_reason", **Y2023) == {"transferred": 1}


async def test_a_patient_at_two_sites_counts_once(platform: Platform) -> None:
    log = Log()
    patient(log, "an", date(2023, 3, 1))
    patient(log, "an", date(2023, 4, 1), facility="F2")
    await fold(platform, log.messages)
    document = await ask(platform, "methadone.active", as_of="2023-05-01", by="facility")
    assert (document["value"], document["overlap"]) == (1, 1)


async def test_area_of_facility_counts_where_the_facility_was_on_the_day(platform: Platform) -> None:
    log = Log()
    facility(log, "F1", date(2020, 1, 1), CHI_LINH)
    facility(log, "F1", date(2023, 7, 1), HAI_DUONG)
    patient(log, "an", date(2023, 3, 1))
    patient(log, "binh", date(2023, 3, 1), facility="unlisted")
    await fold(platform, log.messages)
    asked = {"by": "area", "as_of": "2023-06-30"}
    assert await rows(platform, "methadone.active", **asked) == {"288": 2}
    assert await rows(platform, "methadone.active", **asked, area_of="facility") == {"290": 1, "unknown": 1}
    moved = asked | {"as_of": "2023-07-01"}
    assert await rows(platform, "methadone.active", **moved, area_of="facility") == {"288": 1, "unknown": 1}
    assert await value(platform, "methadone.active", as_of="2023-06-30", area="290", area_of="facility") == 1
    entered = {"by": "area", "area_of": "facility", **Y2023}
    assert await rows(platform, "methadone.entered", **entered) == {"290": 1, "unknown": 1}


async def test_doses_count_at_the_commune_of_their_facility(platform: Platform) -> None:
    log = Log()
    facility(log, "F1", date(2020, 1, 1), CHI_LINH)
    for day in (1, 2, 3):
        kind = "take_home" if day == 3 else "observed"
        log.write("doses", f"an {day}", unit="F1", facility="F1", dosed_on=date(2023, 5, day), kind=kind)
    log.write("doses", "an 2", unit="F1", void=True, recorded=date(2023, 5, 9))
    await fold(platform, log.messages)
    assert await rows(platform, "methadone.doses", "area", **Y2023) == {"290": 2}
    assert await rows(platform, "methadone.doses", "kind", **Y2023) == {"observed": 1, "take_home": 1}
    assert await value(platform, "methadone.doses", area="288", **Y2023) == 0
    assert await value(platform, "methadone.doses", known_at="2023-05-08", **Y2023) == 3


async def test_facilities_count_while_listed_for_what_they_do(platform: Platform) -> None:
    log = Log()
    facility(log, "F1", date(2020, 1, 1), CHI_LINH, level="district", does=["determination", "methadone"])
    facility(log, "F1", date(2023, 7, 1), CHI_LINH, level="province", does=["determination"])
    facility(log, "F2", date(2021, 1, 1), HAI_DUONG, valid_to=date(2023, 7, 1))
    await fold(platform, log.messages)
    assert [await value(platform, "methadone.sites", as_of=d) for d in ("2023-06-30", "2023-07-01")] == [2, 0]
    assert await rows(platform, "determination.facilities", "level", as_of="2023-06-30") == {"district": 1}
    assert await rows(platform, "determination.facilities", "level", as_of="2023-07-01") == {"province": 1}


async def test_detox_admissions_count_persons_by_kind_and_day_of_admission(platform: Platform) -> None:
    log = Log()
    episode(log, "1", "an", date(2023, 2, 1), ended_on=date(2023, 3, 1), end_reason="escaped")
    episode(log, "2", "an", date(2023, 5, 1))
    episode(log, "3", "binh", date(2023, 5, 1), kind="voluntary_facility")
    episode(log, "4", "chi", date(2023, 5, 1), kind="voluntary_home", facility=None)
    await fold(platform, log.messages)
    kinds = ("compulsory", "voluntary_facility", "voluntary_home")
    assert [await value(platform, f"detox.{kind}_admitted", **Y2023) for kind in kinds] == [1, 1, 1]
    found = [
        await value(platform, "detox.in_facility", as_of=d)
        for d in ("2023-02-28", "2023-03-01", "2023-05-01")
    ]
    assert found == [1, 0, 2]
    assert await rows(platform, "detox.in_facility", "kind", as_of="2023-05-01") == {
        "compulsory": 1,
        "voluntary_facility": 1,
    }


async def test_a_target_answers_only_for_its_own_area_and_period(platform: Platform) -> None:
    log = Log()
    log.write(
        "targets",
        "t",
        unit="committee:30",
        figure="detox.compulsory_admitted",
        area="30@2008",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        value=180,
        recorded=date(2023, 1, 15),
    )
    for number in range(3):
        episode(log, str(number), f"person {number}", date(2023, 5, 1))
    await fold(platform, log.messages)
    assert await value(platform, "detox.compulsory_target", **Y2023) == 180
    assert await value(platform, "detox.compulsory_target", since="2023-01-01", to="2023-06-30") is None
    assert await value(platform, "detox.compulsory_target", area="288", **Y2023) is None
    document = await ask(platform, "detox.compulsory_target_pct", **Y2023)
    assert (document["numerator"], document["denominator"]) == (3, 180)
    assert document["value"] == 100 * 3 / 180
    document = await ask(platform, "detox.compulsory_target_pct", area="288", **Y2023)
    assert (document["value"], document["numerator"], document["denominator"]) == (None, 3, None)


async def test_age_in_a_flow_is_that_of_the_day_of_the_event(platform: Platform) -> None:
    log = Log()
    young = person("an", band="16-17", until=date(2023, 5, 20))
    slip(log, "1", "an", date(2023, 5, 19), person=young)
    slip(log, "2", "an", date(2023, 5, 20), person=young)
    await fold(platform, log.messages)
    assert await rows(platform, "determination.slips", "age_band", **Y2023) == {"16-17": 1, "18-29": 1}
