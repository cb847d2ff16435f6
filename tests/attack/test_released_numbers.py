"""Numbers told to outsiders are the released ones, and whoever may see the counts is told them: else nothing is attacked.

The province and its twins are those of `test_reporting`, which asks who is told a hidden count.
"""

from typing import Any

import pytest

from reference import FIGURES
from services.reporting.disclosure.release import Release
from tests.attack.calls import CALLS, Call, named
from tests.attack.readers import ONE_EACH, WITNESS, sees
from tests.attack.releases import Cell, Released, reader_of, released
from tests.attack.twins import Provinces, told
from tests.support.small_province import AGENCIES, DAY

pytestmark = pytest.mark.timeout(900)
TELLING = [call for call in CALLS if call.tells]
READ = [call for call in CALLS if reader_of(call) is not None]


@pytest.mark.parametrize("call", TELLING, ids=named)
async def test_whoever_may_see_the_counts_notices_that_they_differ(there: Provinces, call: Call) -> None:
    """Without this a call that asks past the few would prove nothing."""
    own = await told(there[""], call, WITNESS)
    assert own.status in (200, 201)
    noticed = {agency for agency in AGENCIES if await told(there[agency], call, WITNESS) != own}
    assert set(call.tells) <= noticed


@pytest.mark.parametrize("call", READ, ids=named)
async def test_each_number_told_to_an_outsider_is_the_released_one(there: Provinces, call: Call) -> None:
    await compared(there, call)


async def test_numbers_told_to_outsiders_are_held_against_releases(there: Provinces) -> None:
    """What the test above reads out of answers are released numbers indeed, shown ones and hidden ones."""
    (call,) = (one for one in READ if one.name.endswith("startPeriod=2023-Q4 format=csv by=area"))
    values = await compared(there, call)
    assert len(values) > 50
    assert None in values
    assert {0, 14} <= set(values)


WITH_HIDDEN = ("/v1/figures/arrests.persons", "/v1/reports/annual.csv", "/v1/reports/annual.json")
PLANTED_IN = [
    call
    for call in READ
    if (call.path in WITH_HIDDEN and call.params.get("by", "area") == "area")
    or ("conflicts" in call.path and call.params.get("format") in ("json", "csv"))
]
"""A call for each route and format of which numbers are read."""


@pytest.mark.parametrize("call", PLANTED_IN, ids=named)
async def test_one_hidden_number_that_is_shown_is_found_by_the_comparison(
    there: Provinces, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted leak: without it the comparison could be one that never fails."""
    # Given a service that shows one cell that its releases hide, and whoever asks for it as before
    hidden = {cell for cell, value in await stated_to_outsiders(there, call) if value is None}
    known = await released(there[""].platform)
    leaked = min(cell for cell in hidden if known.values.get(cell))
    honest = Release.shown

    def shown(release: Release, figure: str, place: str) -> int | None:
        window = release.window
        first = "" if window.first is None else window.first.isoformat()
        if Cell(figure, first, window.last.isoformat(), place) == leaked:
            return release.values[figure][place]
        return honest(release, figure, place)

    monkeypatch.setattr(Release, "shown", shown)
    # When its answers are held against the releases, then that cell is found, and no other
    assert {cell for cell, _ in untrue(known, await stated_to_outsiders(there, call))} == {leaked}


async def compared(there: Provinces, call: Call) -> list[Any]:
    """The numbers of others' figures that outsiders are told, each the released one or none."""
    # Asking makes releases, so they are read afterwards.
    told_each = await stated_to_outsiders(there, call)
    known = await released(there[""].platform)
    assert untrue(known, told_each) == []
    return [value for cell, value in told_each if cell in known.shown]


async def stated_to_outsiders(there: Provinces, call: Call) -> list[tuple[Cell, Any]]:
    """The numbers of others' figures that outsiders are told, and of which they are told that they are hidden (None)."""
    read = reader_of(call)
    assert read is not None
    answers = {reader: await there[""].ask(call, reader) for reader in ONE_EACH}
    return [
        (cell, value)
        for reader, answer in answers.items()
        for cell, value in (read(answer) if answer.status_code == 200 else ())
        if FIGURES[cell.figure].owner_on(DAY) not in sees(reader)
    ]


def untrue(known: Released, told_each: list[tuple[Cell, Any]]) -> list[tuple[Cell, Any]]:
    """What is told otherwise than it was released: a hidden number, or another one than was shown."""
    return [
        (cell, value)
        for cell, value in told_each
        if cell in known.shown and value not in (None, known.shown[cell])
    ]
