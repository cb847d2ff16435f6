"""Presence of listed persons: the latest statement of register and detox episodes, each rule by an example."""

from datetime import date
from typing import Any

from services.chassis.platform import Platform
from tests.support.reporting import A, Log, fold, listed, person, rows, value


async def test_presence_is_the_latest_statement_and_unknown_without_one(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10), presence="community")
    listed(log, "an", "addict", date(2023, 5, 1), presence="detained")
    listed(log, "binh", "addict", date(2023, 1, 10))
    listed(log, "chi", "addict", date(2023, 1, 10), presence="absent", presence_from=date(2023, 2, 1))
    await fold(platform, log.messages)
    assert await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-01-15") == {
        "community": 1,
        "unknown": 2,
    }
    assert await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-06-01") == {
        "detained": 1,
        "absent": 1,
        "unknown": 1,
    }
    assert await value(platform, "registry.addicts_in_community", as_of="2023-04-30") == 1
    assert await value(platform, "registry.addicts_in_community", as_of="2023-05-01") == 0


async def test_linked_detox_episodes_move_presence_and_win_ties_with_the_register(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10), presence="community")
    listed(log, "an", "addict", date(2023, 5, 1), presence="community")
    log.write(
        "detox",
        "e1",
        unit="centre",
        person=person("an in the centre"),
        **A,
        kind="compulsory",
        admitted_on=date(2023, 5, 1),
        ended_on=date(2023, 8, 1),
        end_reason="completed",
    )
    log.link("an", "nid", known=date(2023, 5, 1))
    log.link("an in the centre", "nid", known=date(2023, 5, 1))
    await fold(platform, log.messages)
    found = [
        await value(platform, "registry.addicts_in_community", as_of=d)
        for d in ("2023-04-30", "2023-05-01", "2023-07-31", "2023-08-01")
    ]
    assert found == [1, 0, 0, 1]


async def test_death_in_detox_removes_the_presence_but_not_the_status(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10), presence="community")
    log.write(
        "detox",
        "e1",
        person=person("an"),
        **A,
        kind="voluntary_facility",
        admitted_on=date(2023, 3, 1),
        ended_on=date(2023, 4, 1),
        end_reason="died",
    )
    await fold(platform, log.messages)
    assert await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-04-01") == {
        "removed": 1
    }
    assert await value(platform, "registry.addicts_in_community", as_of="2023-04-01") == 0


async def test_home_detox_says_nothing_about_presence(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10), presence="community")
    log.write("detox", "e1", person=person("an"), **A, kind="voluntary_home", admitted_on=date(2023, 3, 1))
    await fold(platform, log.messages)
    assert await value(platform, "registry.addicts_in_community", as_of="2023-04-01") == 1


async def test_a_transfer_between_centres_on_one_day_leaves_the_person_in_a_centre(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10), presence="community")
    common: dict[str, Any] = {"person": person("an"), **A, "kind": "compulsory"}
    log.write(
        "detox",
        "e1",
        **common,
        admitted_on=date(2023, 3, 1),
        ended_on=date(2023, 4, 1),
        end_reason="transferred",
    )
    log.write("detox", "e2", **common, admitted_on=date(2023, 4, 1))
    await fold(platform, log.messages)
    assert await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-04-01") == {
        "detox_facility": 1
    }


async def test_the_end_of_a_detox_episode_wins_over_a_register_row_of_the_same_day(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10))
    listed(log, "an", "addict", date(2023, 4, 1), presence="absent")
    log.write(
        "detox",
        "e1",
        person=person("an"),
        **A,
        kind="compulsory",
        admitted_on=date(2023, 3, 1),
        ended_on=date(2023, 4, 1),
        end_reason="completed",
    )
    await fold(platform, log.messages)
    presence = await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-04-01")
    assert presence == {"community": 1}


async def test_a_stay_that_ends_on_the_day_it_began_was_none(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 10))
    day: dict[str, Any] = {
        "admitted_on": date(2023, 3, 1),
        "ended_on": date(2023, 3, 1),
        "end_reason": "exempted",
    }
    log.write("detox", "e1", person=person("an"), **A, kind="compulsory", **day)
    await fold(platform, log.messages)
    presence = await rows(platform, "registry.addicts_with_file", "presence", as_of="2023-03-01")
    assert presence == {"community": 1}
    assert await value(platform, "detox.in_facility", as_of="2023-03-01") == 0
    assert await value(platform, "detox.compulsory_admitted", since="2023-03-01", to="2023-03-01") == 1
