"""Ages in completed years, whatever the birth date, the day of the event and the day asked: against plain counting."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.common import LinkageKeys, PersonKeys
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.registers.person import age_band, leap_day
from services.reporting.facts.projections.model import Version
from services.reporting.facts.projections.project import project
from services.reporting.figures.definitions import DEFINITIONS

REF = UUID(int=138)
BANDS = (("0-13", 14), ("14-15", 16), ("16-17", 18), ("18-29", 30))
_births = st.dates(date(1950, 1, 1), date(2023, 12, 31)) | st.integers(1950, 2023)
_births |= st.builds(lambda n: date(1952 + 4 * n, 2, 29), st.integers(0, 17))
_days = st.integers(0, 12_000)
Case = tuple[date | int, date, date]


def age(birth: date | int, day: date) -> int:
    """Completed years: a year alone is 31 December; 29 February of another year is over when March begins."""
    month_and_day = (12, 31) if isinstance(birth, int) else (birth.month, birth.day)
    year = birth if isinstance(birth, int) else birth.year
    return day.year - year - ((day.month, day.day) < month_and_day)


def band(birth: date | int, day: date) -> str:
    return next((name for name, below in BANDS if age(birth, day) < below), "30+")


def arrested(birth: date | int, on: date) -> tuple[date | None, str | None]:
    """What reporting keeps of an event about somebody born then."""
    name, until = age_band(birth, on)
    keys = LinkageKeys(nid12="x" * 32)
    person = PersonKeys(
        ref=REF, sex="male", age_band=name, age_band_until=until, leap_day=leap_day(birth, on), keys=keys
    )
    said = PersonKeys.model_validate_json(person.model_dump_json(exclude_none=True))
    data: Any = type(
        "Row", (), {"person": said, "commune": "", "outcome": None, "case": "", "arrested_on": on}
    )()
    version = Version(
        "r", 1, REF, "arrests", datetime(2024, 1, 1, tzinfo=UTC), on, "police:288", None, data, None
    )
    (known,) = project([version])
    row: Any = known.row
    return row.age30_on, row.attrs


async def bands(platform: Platform, cases: list[Case]) -> list[str]:
    """The band that a figure has on the day asked, for each (birth, day of the event, day asked)."""
    rows = [(*arrested(birth, on), asked) for birth, on, asked in cases]
    by_age = DEFINITIONS["arrests.persons"].dims["age_band"]
    query = (
        f"SELECT {by_age} FROM unnest(%s::date[], %s::jsonb[], %s::date[])"
        " WITH ORDINALITY AS s (age30_on, attrs, occurred_on, place) ORDER BY place"
    )
    async with platform.uow() as session:
        found = await (await raw(session)).execute(
            query.encode(), [list(part) for part in zip(*rows, strict=True)]
        )
        return [name for (name,) in await found.fetchall()]


@settings(max_examples=20, deadline=None)
@given(drawn=st.lists(st.tuples(_births, _days, _days), min_size=1, max_size=300))
async def test_the_band_is_that_of_the_completed_years_whoever_when_and_asked_for_whenever_after(
    shared: Platform, drawn: list[tuple[date | int, int, int]]
) -> None:
    cases = []
    for birth, before, after in drawn:
        born = date(birth, 12, 31) if isinstance(birth, int) else birth
        on = born + timedelta(days=before)
        cases.append((birth, on, on + timedelta(days=after)))
    assert await bands(shared, cases) == [band(birth, asked) for birth, _, asked in cases]


@pytest.mark.parametrize("born", ["02-28", "02-29", "03-01"])
async def test_around_every_birthday_at_the_end_of_february(shared: Platform, born: str) -> None:
    """Entered in every band there was before and on the three days around each border, asked on those days."""
    cases: list[Case] = []
    for year in range(1980, 2021, 4 if born == "02-29" else 1):
        birth = date.fromisoformat(f"{year}-{born}")
        borders = [date(year + below, month, day) for _, below in BANDS for month, day in ((2, 28), (3, 1))]
        asked = [day + timedelta(days=n) for day in borders for n in (-1, 0, 1)]
        years = (5, 13.9, 14.5, 15.9, 16.5, 20, 29.9)
        entered = [birth + timedelta(days=round(365.25 * some)) for some in years] + asked
        cases += [(birth, on, day) for on in entered for day in asked if on <= day]
    assert await bands(shared, cases) == [band(birth, asked) for birth, _, asked in cases]
