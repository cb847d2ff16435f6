"""The age band around the birthdays: age 30 counts once, in the upper band; born on 29 February, to the day."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.chassis.platform import Platform
from tests.support.reporting import Log, fold, person, rows


@pytest.mark.parametrize(
    ("thirtieth", "eve"),
    [("2023-12-14", "2023-12-13"), ("2026-03-01", "2026-02-28")],
    ids=["an ordinary birthday", "born on 29 February 1996"],
)
async def test_who_turns_30_is_in_one_band_on_every_day(platform: Platform, thirtieth: str, eve: str) -> None:
    log = Log()
    born = person("an", band="18-29", until=date.fromisoformat(thirtieth))
    row: dict[str, Any] = {
        "person": born,
        "commune": "10513@2008",
        "status": "user",
        "status_from": date(2023, 1, 1),
    }
    log.write("registry", "an", **row)
    await fold(platform, log.messages)
    found = [await rows(platform, "registry.users", "age_band", as_of=day) for day in (eve, thirtieth)]
    assert found == [{"18-29": 1}, {"30+": 1}]


@pytest.mark.parametrize(
    ("leap_day", "sixteenth"),
    [(True, "2024-02-29"), (None, "2024-03-01")],
    ids=["born on 29 February 2008", "born on 1 March, or as events without the field have it"],
)
async def test_who_was_born_on_29_february_is_16_on_that_day(
    platform: Platform, leap_day: bool | None, sixteenth: str
) -> None:
    """A child of 12 is entered; both turn 14 on 1 March 2022."""
    log = Log()
    child = person("an", band="0-13", until=date(2022, 3, 1)).model_copy(update={"leap_day": leap_day})
    row: dict[str, Any] = {"person": child, "commune": "10513@2008"}
    log.write("registry", "an", **row, status="user", status_from=date(2020, 6, 1))
    log.write(
        "methadone",
        "an",
        **row,
        facility="F1",
        enrolled_on=date(2020, 6, 1),
        ended_on=date.fromisoformat(sixteenth),
    )
    await fold(platform, log.messages)
    eve = (date.fromisoformat(sixteenth) - timedelta(days=1)).isoformat()
    found = [await rows(platform, "registry.users", "age_band", as_of=day) for day in (eve, sixteenth)]
    assert found == [{"14-15": 1}, {"16-17": 1}]
    assert await rows(platform, "methadone.active", "age_band", as_of=eve) == {"14-15": 1}
    left = await rows(platform, "methadone.left", "age_band", since=sixteenth, to=sixteenth)
    assert left == {"16-17": 1}
    for day, band in (("2022-02-28", "0-13"), ("2022-03-01", "14-15"), ("2026-03-01", "18-29")):
        assert await rows(platform, "registry.users", "age_band", as_of=day) == {band: 1}
