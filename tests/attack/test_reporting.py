"""No count that releases hide is told to anybody who may not see it, by any route of reporting, in any format.

The province has twins that differ from it only in counts of two and three that changed places, all of them hidden by the
releases, which are the same for all of them. Whoever is told something else by a twin has learnt a hidden count.
"""

from typing import Any

import pytest

from reference import FIGURES
from services.chassis.service import http_app
from services.reporting.app import compose
from services.reporting.disclosure.release import Release
from tests.attack.calls import CALLS, Call
from tests.attack.operations import OPERATIONS, REBUILDING
from tests.attack.parties import PARTIES, exact_for, parties_of
from tests.attack.readers import ONE_EACH, OUTSIDERS, READERS, TWO, WITNESS, sees
from tests.attack.releases import Cell, Released, reader_of, released
from tests.attack.twins import Provinces, leaks, told
from tests.support.routes import routes_of
from tests.support.small_province import AGENCIES, DAY, FEW_CODE

pytestmark = pytest.mark.timeout(900)
ASKED_BY = {"everybody": tuple(READERS), "one of each": ONE_EACH, "two": TWO, "outsiders": OUTSIDERS}
TELLING = [call for call in CALLS if call.tells]
READ = [call for call in CALLS if reader_of(call) is not None]


def named(call: Call) -> str:
    return call.name


async def test_every_route_is_asked_by_everybody_or_by_all_outsiders(there: Provinces) -> None:
    platform = there[""].platform
    composed = routes_of(http_app(platform, compose(platform), ["api"]))
    assert (
        composed
        == {call.route for call in CALLS if call.by in ("everybody", "outsiders")} | OPERATIONS | REBUILDING
    )


@pytest.mark.parametrize("call", CALLS, ids=named)
async def test_nobody_is_told_a_count_that_is_hidden_from_him(there: Provinces, call: Call) -> None:
    assert await leaks(there, call, ASKED_BY[call.by]) == []


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


@pytest.mark.parametrize("call", [call for call in CALLS if call.by == "outsiders"], ids=named)
async def test_what_changes_something_is_refused_to_outsiders(there: Provinces, call: Call) -> None:
    # Rebuilding is the administrators' work; of closings they change nothing.
    may = "admin" if call.route == "POST /v1/rebuild" else None
    for reader in OUTSIDERS:
        if READERS[reader].role != may:
            assert (await there[""].ask(call, reader)).status_code == 403, reader


@pytest.mark.parametrize(
    "rule", ["methadone.not_listed", "registry.addict_without_slip", "registry.addict_in_community_untreated"]
)
async def test_a_small_count_of_a_check_is_seen_by_those_whose_persons_are_found_and_hidden_from_other_parties(
    there: Provinces, rule: str
) -> None:
    path = f"/v1/checks/{rule}"
    call = Call("GET /v1/checks/{rule}", path, {"as_of": "2023-12-31", "area": FEW_CODE})
    for name, reader in READERS.items():
        answer = await there[""].ask(call, name)
        party = bool(sees(name) & PARTIES[rule]) and reader.area != "291"
        assert answer.status_code == (200 if party else 403), name
        exact = bool(sees(name) & exact_for(rule)) or "committee" in reader.unit
        if party:
            assert answer.json()["count"] == (2 if exact else None), name
            assert exact or answer.json()["findings"] is None, name


@pytest.mark.parametrize("agency", AGENCIES)
async def test_the_overview_of_checks_names_those_alone_to_which_one_is_a_party(
    there: Provinces, agency: str
) -> None:
    call = Call("GET /v1/checks", "/v1/checks", {"as_of": "2023-12-31", "area": FEW_CODE})
    listed = (await there[""].ask(call, f"official, {agency}")).json()["checks"]
    every = (await there[""].ask(call, WITNESS)).json()["checks"]
    theirs = {check["rule"] for check in every if agency in parties_of(check["rule"])}
    assert {check["rule"] for check in listed} == theirs
    assert theirs != {check["rule"] for check in every}


async def test_twins_release_the_same_and_differ_in_what_is_hidden(there: Provinces) -> None:
    """What is compared is worth comparing."""
    for call in CALLS:
        if call.route == "GET /v1/figures/{code}":
            for province in there.values():
                await province.ask(call, "analyst, committee")
    own = await released(there[""].platform)
    assert len(own.hidden_and_small) > 20
    for agency in AGENCIES:
        twin = await released(there[agency].platform)
        # Tests above ask one province alone about checks, which releases windows of their own on asking.
        assert twin.shown == {cell: shown for cell, shown in own.shown.items() if cell in twin.shown}
        assert twin.values != own.values
