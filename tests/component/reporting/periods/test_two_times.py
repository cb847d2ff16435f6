"""Two times, everywhere: what was true when, and by when it was known. One test per promise, worked by hand."""

from datetime import date
from typing import Any

from services.chassis.platform import Platform
from tests.support.reporting import Log, fold, person, rows, value

HOME, ELSEWHERE = "10513@2008", "10546@2008"
ADDICTS = "registry.addicts_with_file"
YEAR_END = {"as_of": "2023-12-14"}


def listed(log: Log, who: str, since: date, status: str = "addict", commune: str = HOME, **more: Any) -> None:
    given: dict[str, Any] = {
        "person": person(who),
        "commune": commune,
        "status": status,
        "status_from": since,
    }
    log.write("registry", f"{who} {since}", **given, **more)


async def test_a_back_filled_register_is_known_from_the_day_it_was_written_down(platform: Platform) -> None:
    """Handed in today, written in the book on 10 January."""
    log = Log()
    listed(log, "an", date(2023, 1, 5), recorded=date(2023, 1, 10))
    await fold(platform, log.messages)
    found = [await value(platform, ADDICTS, known_at=day, **YEAR_END) for day in ("2023-01-10", "2023-12-31")]
    assert found == [1, 1]
    assert await value(platform, ADDICTS, as_of="2023-01-04") == 0


async def test_a_correction_is_known_from_its_own_time_on_and_holds_for_the_day_it_is_about(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", date(2023, 1, 5))
    listed(log, "an", date(2023, 1, 5), status="user", recorded=date(2024, 2, 1))
    await fold(platform, log.messages)
    assert await value(platform, ADDICTS, known_at="2024-01-31", **YEAR_END) == 1
    assert await value(platform, ADDICTS, known_at="2024-02-01", **YEAR_END) == 0
    assert await value(platform, "registry.users", **YEAR_END) == 1


async def test_a_withdrawn_row_was_known_until_it_was_withdrawn(platform: Platform) -> None:
    log = Log()
    listed(log, "an", date(2023, 1, 5))
    log.write(
        "registry", f"an {date(2023, 1, 5)}", void=True, recorded=date(2024, 2, 1), occurred=date(2023, 1, 5)
    )
    await fold(platform, log.messages)
    assert await value(platform, ADDICTS, known_at="2024-01-31", **YEAR_END) == 1
    assert await value(platform, ADDICTS, **YEAR_END) == 0


async def test_a_late_row_changes_its_day_but_not_what_was_reported_of_it(platform: Platform) -> None:
    log = Log()
    listed(log, "an", date(2023, 1, 5))
    listed(log, "late", date(2023, 11, 1), recorded=date(2024, 3, 1))
    await fold(platform, log.messages)
    assert await value(platform, ADDICTS, known_at="2023-12-20", **YEAR_END) == 1
    assert await value(platform, ADDICTS, **YEAR_END) == 2


async def test_a_link_made_in_march_does_not_change_what_januarys_report_said(platform: Platform) -> None:
    log = Log()
    for number in ("one number", "another number"):
        listed(log, number, date(2023, 1, 5))
    await fold(platform, log.messages)
    january = await value(platform, ADDICTS, known_at="2024-01-31", **YEAR_END)
    for number in ("one number", "another number"):
        log.link(number, "an", known=date(2024, 3, 10), until=date(2024, 5, 20))
    await fold(platform, log.messages[2:])
    assert await value(platform, ADDICTS, known_at="2024-01-31", **YEAR_END) == january == 2
    assert await value(platform, ADDICTS, known_at="2024-03-10", **YEAR_END) == 1
    # The link was given up in May: two again, and what April's report said stays one.
    assert await value(platform, ADDICTS, **YEAR_END) == 2
    assert await value(platform, ADDICTS, known_at="2024-04-30", **YEAR_END) == 1


async def test_changing_a_status_today_moves_no_earlier_figure(platform: Platform) -> None:
    log = Log()
    listed(log, "an", date(2023, 1, 5))
    await fold(platform, log.messages)
    before = await value(platform, ADDICTS, **YEAR_END)
    listed(log, "an", date(2024, 5, 1), status="post_detox")
    await fold(platform, log.messages[1:])
    assert await value(platform, ADDICTS, **YEAR_END) == before == 1
    assert await value(platform, ADDICTS, as_of="2024-05-01") == 0


async def test_changing_a_residence_today_moves_no_earlier_figure(platform: Platform) -> None:
    log = Log()
    listed(log, "an", date(2023, 1, 5))
    await fold(platform, log.messages)
    listed(log, "an", date(2024, 5, 1), commune=ELSEWHERE)
    await fold(platform, log.messages[1:])
    assert await rows(platform, ADDICTS, "area", **YEAR_END) == {"288": 1}
    assert await rows(platform, ADDICTS, "area", as_of="2024-04-30") == {"288": 1}
    assert await rows(platform, ADDICTS, "area", as_of="2024-05-01") == {"290": 1}


async def test_changing_a_facilitys_level_or_place_today_moves_no_earlier_figure(platform: Platform) -> None:
    log = Log()
    site: dict[str, Any] = {"facility": "F1", "name": "Cơ sở", "does": ["methadone"]}
    log.write("facilities", "old", level="district", commune=HOME, valid_from=date(2020, 1, 1), **site)
    patient: dict[str, Any] = {
        "person": person("an"),
        "commune": HOME,
        "facility": "F1",
        "enrolled_on": date(2023, 1, 5),
    }
    log.write("methadone", "an", **patient)
    await fold(platform, log.messages)
    log.write("facilities", "new", level="province", commune=ELSEWHERE, valid_from=date(2024, 5, 1), **site)
    await fold(platform, log.messages[2:])
    assert await rows(platform, "methadone.sites", "level", **YEAR_END) == {"district": 1}
    assert await rows(platform, "methadone.active", "area", area_of="facility", **YEAR_END) == {"288": 1}
    assert await rows(platform, "methadone.sites", "level", as_of="2024-05-01") == {"province": 1}
    assert await rows(platform, "methadone.active", "area", area_of="facility", as_of="2024-05-01") == {
        "290": 1
    }
