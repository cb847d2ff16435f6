"""The age band around the birthdays: age 30 counts once, in the upper band; born on 29 February too."""

from datetime import date

import pytest

from services.chassis.platform import Platform
from tests.component.reporting.support import Log, fold, person, rows


@pytest.mark.parametrize(
    ("thirtieth", "eve"),
    [("2023-12-14", "2023-12-13"), ("2026-03-01", "2026-02-28")],
    ids=["an ordinary birthday", "born on 29 February 1996"],
)
async def test_who_turns_30_is_in_one_band_on_every_day(platform: Platform, thirtieth: str, eve: str) -> None:
    log = Log()
    born = person("an", band="18-29", until=date.fromisoformat(thirtieth))
    row = {"person": born, "commune": "10513@2008", "status": "user", "status_from": date(2023, 1, 1)}
    log.write("registry", "an", **row)
    await fold(platform, log.messages)
    found = [await rows(platform, "registry.users", "age_band", as_of=day) for day in (eve, thirtieth)]
    assert found == [{"18-29": 1}, {"30+": 1}]
