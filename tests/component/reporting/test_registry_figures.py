"""Stocks of the register: statuses, presence, psychosis, decisions and slips, each rule with a worked expectation."""

from datetime import date

import pytest

from services.chassis.platform import Platform
from tests.support.reporting import (
    CHI_LINH,
    A,
    Log,
    ask,
    fold,
    listed,
    person,
    rows,
    value,
)


async def test_a_status_counts_from_its_first_day_up_to_not_including_the_day_it_ends(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 3, 1), status_to=date(2023, 6, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.users", as_of=d)
        for d in ("2023-02-28", "2023-03-01", "2023-05-31", "2023-06-01")
    ]
    assert found == [0, 1, 1, 0]


async def test_a_status_ends_where_the_next_of_the_same_record_begins(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "suspected_user", date(2023, 1, 10))
    listed(log, "an", "user", date(2023, 4, 1))
    listed(log, "an", "addict", date(2023, 9, 1))
    await fold(platform, log.messages)
    codes = ("suspected_users", "users", "addicts_with_file")
    on = {
        day: [await value(platform, f"registry.{code}", as_of=day) for code in codes]
        for day in ("2023-03-31", "2023-04-01", "2023-09-01")
    }
    assert on == {"2023-03-31": [1, 0, 0], "2023-04-01": [0, 1, 0], "2023-09-01": [0, 0, 1]}


async def test_a_removal_ends_earlier_rows_too_and_a_row_that_starts_on_its_day_enters_again(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10))
    listed(log, "an", "addict", date(2023, 4, 1), removed_on=date(2023, 6, 1))
    listed(log, "an", "user", date(2023, 8, 1))
    listed(log, "binh", "addict", date(2023, 1, 1), removed_on=date(2023, 6, 1))
    listed(log, "binh", "addict", date(2023, 6, 1))
    await fold(platform, log.messages)
    addicts = [
        await value(platform, "registry.addicts_with_file", as_of=d) for d in ("2023-05-31", "2023-06-01")
    ]
    users = [await value(platform, "registry.users", as_of=d) for d in ("2023-07-31", "2023-08-01")]
    assert (addicts, users) == ([2, 1], [0, 1])


async def test_a_removal_written_in_an_earlier_row_ends_the_later_one_that_began_before_it(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10), removed_on=date(2023, 6, 1))
    listed(log, "an", "addict", date(2023, 4, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.addicts_with_file", as_of=d)
        for d in ("2023-04-01", "2023-05-31", "2023-06-01")
    ]
    assert found == [1, 1, 0]


async def test_a_voided_row_stands_as_if_never_written_and_the_rest_of_the_timeline_closes_over_it(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10))
    listed(log, "an", "addict", date(2023, 4, 1))
    log.write("registry", "an 2023-04-01", void=True, recorded=date(2023, 7, 1))
    await fold(platform, log.messages)
    assert await value(platform, "registry.users", as_of="2023-05-01") == 1
    assert await value(platform, "registry.addicts_with_file", as_of="2023-05-01") == 0
    assert await value(platform, "registry.addicts_with_file", as_of="2023-05-01", known_at="2023-06-30") == 1
    assert await value(platform, "registry.users", as_of="2023-05-01", known_at="2023-06-30") == 0


async def test_an_earlier_known_at_sees_the_row_as_it_was_before_its_correction(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10))
    log.write(
        "registry",
        "an 2023-01-10",
        person=person("an"),
        commune=CHI_LINH,
        status="addict",
        status_from=date(2023, 1, 10),
        recorded=date(2023, 5, 2),
    )
    await fold(platform, log.messages)
    before = await rows(platform, "registry.users", "area", as_of="2023-02-01", known_at="2023-05-01")
    after = await rows(platform, "registry.addicts_with_file", "area", as_of="2023-02-01")
    assert (before, after) == ({"288": 1}, {"290": 1})
    assert await value(platform, "registry.users", as_of="2023-02-01") == 0


async def test_what_was_recorded_on_a_day_is_known_on_that_day(platform: Platform) -> None:
    log = Log()
    listed(log, "first", "user", date(2023, 1, 1), recorded=date(2023, 1, 1))
    listed(log, "an", "user", date(2023, 1, 10), recorded=date(2023, 5, 2))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.users", as_of="2023-02-01", known_at=k)
        for k in ("2023-05-01", "2023-05-01T23:59:59+07:00", "2023-05-02T00:00:00+07:00", "2023-05-02")
    ]
    assert found == [1, 1, 2, 2]


@pytest.mark.parametrize(("linked_since", "expected"), [(None, 2), (date(2023, 5, 1), 1)])
async def test_two_records_of_one_human_being_count_once(
    platform: Platform, linked_since: date | None, expected: int
) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10))
    listed(log, "an too", "addict", date(2023, 2, 10))
    if linked_since:
        log.link("an", "nid", known=linked_since)
        log.link("an too", "nid", known=linked_since)
    await fold(platform, log.messages)
    assert await value(platform, "registry.addicts_with_file", as_of="2023-03-01") == expected
    assert await value(platform, "registry.addicts_with_file", as_of="2023-03-01", known_at="2023-04-30") == 2


async def test_a_person_in_two_communes_counts_in_both_rows_and_the_overlap_says_so(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10))
    listed(log, "an too", "addict", date(2023, 2, 10), commune=CHI_LINH)
    log.link("an", "nid", known=date(2023, 2, 10))
    log.link("an too", "nid", known=date(2023, 2, 10))
    await fold(platform, log.messages)
    document = await ask(platform, "registry.addicts_with_file", as_of="2023-03-01", by="area")
    assert document["value"] == 1
    assert document["overlap"] == 1
    assert len(document["rows"]) == 12
    assert {row["area"]: row["value"] for row in document["rows"] if row["value"]} == {"288": 1, "290": 1}


async def test_links_join_through_chains_of_tokens_and_an_unlink_takes_them_apart_again(
    platform: Platform,
) -> None:
    log = Log()
    for who in ("a", "b", "c"):
        listed(log, who, "addict", date(2023, 1, 10))
    log.link("a", "one", known=date(2023, 2, 1))
    log.link("b", "one", known=date(2023, 2, 1))
    log.link("b", "two", known=date(2023, 3, 1))
    log.link("c", "two", known=date(2023, 3, 1))
    await fold(platform, log.messages)

    async def count(known: str | None = None) -> int:
        given = {} if known is None else {"known_at": known}
        found: int = await value(platform, "registry.addicts_with_file", as_of="2023-12-01", **given)
        return found

    assert [await count("2023-01-31"), await count("2023-02-28"), await count("2023-03-01")] == [3, 2, 1]
    log.link("b", "one", known=date(2023, 2, 1), unlink=True)
    await fold(platform, log.messages[-1:])
    assert [await count(), await count("2023-02-28")] == [2, 3]


async def test_a_link_contradicted_later_holds_up_to_that_moment_only(platform: Platform) -> None:
    log = Log()
    listed(log, "a", "user", date(2023, 1, 10))
    listed(log, "b", "user", date(2023, 1, 10))
    log.link("a", "name", known=date(2023, 2, 1), until=date(2023, 6, 1))
    log.link("b", "name", known=date(2023, 2, 1), until=date(2023, 6, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.users", as_of="2023-01-20", known_at=k)
        for k in ("2023-01-31", "2023-05-31", "2023-06-01")
    ]
    assert found == [2, 1, 2]


async def test_psychosis_counts_listed_persons_of_any_status_by_the_row_in_force(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10), psychosis=True, psychosis_from=date(2023, 3, 1))
    listed(log, "an", "user", date(2023, 6, 1))
    listed(log, "binh", "post_detox", date(2023, 1, 10), psychosis=True)
    listed(log, "chi", "addict", date(2023, 1, 10), psychosis=True, removed_on=date(2023, 4, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.psychosis", as_of=d)
        for d in ("2023-02-28", "2023-03-01", "2023-04-01", "2023-06-01")
    ]
    assert found == [2, 3, 2, 1]


async def test_a_decision_counts_when_it_is_there_and_dated_on_or_before_the_day(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 10), has_decision=True, decision_date=date(2023, 3, 1))
    listed(log, "binh", "user", date(2023, 1, 10), has_decision=True)
    listed(log, "chi", "user", date(2023, 1, 10), decision_date=date(2023, 1, 10))
    listed(log, "dung", "addict", date(2023, 1, 10), has_decision=True, decision_date=date(2023, 1, 10))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.users_with_decision", as_of=d) for d in ("2023-02-28", "2023-03-01")
    ]
    assert found == [0, 1]
    document = await ask(platform, "registry.users_with_decision_pct", as_of="2023-03-01")
    assert (document["numerator"], document["denominator"]) == (1, 3)
    assert document["value"] == pytest.approx(100 / 3)


async def test_an_addict_has_a_slip_when_the_same_human_being_was_concluded_addicted_by_the_day(
    platform: Platform,
) -> None:
    log = Log()
    for who in ("an", "binh", "chi"):
        listed(log, who, "addict", date(2023, 1, 10))

    def slip(who: str, conclusion: str, on: date) -> None:
        log.write(
            "determination",
            f"{who} {on}",
            unit="station",
            person=person(f"{who} the patient"),
            **A,
            facility="station",
            clinician="c1",
            requested_on=on,
            concluded_on=on,
            conclusion=conclusion,
        )
        log.link(who, f"nid {who}", known=on)
        log.link(f"{who} the patient", f"nid {who}", known=on)

    slip("an", "addicted", date(2023, 3, 1))
    slip("binh", "not_addicted", date(2023, 2, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.addicts_with_slip", as_of=d) for d in ("2023-02-28", "2023-03-01")
    ]
    assert found == [0, 1]
    document = await ask(platform, "registry.addicts_with_slip_pct", as_of="2023-03-01")
    assert (document["numerator"], document["denominator"]) == (1, 3)


async def test_a_ratio_over_nothing_has_no_value(platform: Platform) -> None:
    document = await ask(platform, "registry.users_with_decision_pct", as_of="2023-03-01")
    assert (document["value"], document["numerator"], document["denominator"]) == (None, 0, 0)


async def test_age_bands_are_in_completed_years_on_the_day_asked(platform: Platform) -> None:
    log = Log()
    born_2007 = person("minh", band="14-15", until=date(2023, 5, 20))
    log.write("registry", "minh", person=born_2007, **A, status="user", status_from=date(2022, 6, 1))
    await fold(platform, log.messages)
    asked = ("2023-05-19", "2023-05-20", "2025-05-20", "2037-05-19", "2037-05-20")
    found = [
        list(
            await rows(
                platform, "registry.users", "age_band", as_of=d, area="30@2008" if d < "2025-07-01" else "31"
            )
        )
        for d in asked
    ]
    assert found == [["14-15"], ["16-17"], ["18-29"], ["18-29"], ["30+"]]


async def test_an_age_past_30_is_traced_back_through_earlier_events_of_the_same_person(
    platform: Platform,
) -> None:
    log = Log()
    young = person("an", band="18-29", until=date(2022, 5, 20))
    log.write("methadone", "an", person=young, **A, facility="F1", enrolled_on=date(2021, 6, 1))
    log.write(
        "methadone",
        "an",
        person=person("an"),
        **A,
        facility="F1",
        enrolled_on=date(2021, 6, 1),
        ended_on=date(2023, 6, 1),
        recorded=date(2023, 6, 1),
        occurred=date(2023, 6, 1),
    )
    await fold(platform, log.messages)
    assert await rows(platform, "methadone.active", "age_band", as_of="2021-07-01") == {"18-29": 1}
    assert await rows(platform, "methadone.active", "age_band", as_of="2022-07-01") == {"30+": 1}
    assert await rows(platform, "methadone.left", "age_band", since="2023-01-01", to="2023-12-31") == {
        "30+": 1
    }
