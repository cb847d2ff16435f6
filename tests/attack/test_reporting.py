"""No count that releases hide is told to anybody who may not see it, by any route of reporting, in any format.

The province has twins that differ from it only in counts of two and three that changed places, all of them hidden by the
releases, which are the same for all of them. Whoever is told something else by a twin has learnt a hidden count.
"""

import pytest

from services.chassis.service import http_app
from services.reporting.app import compose
from tests.attack.calls import CALLS, Call, named
from tests.attack.operations import AMENDING, OPERATIONS, OPERATORS_PAGES, REBUILDING, below
from tests.attack.parties import PARTIES, exact_for, parties_of
from tests.attack.readers import ONE_EACH, OUTSIDERS, READERS, TWO, WITNESS, sees
from tests.attack.releases import released
from tests.attack.twins import Provinces, leaks
from tests.support.routes import routes_of
from tests.support.small_province import AGENCIES, FEW_CODE

pytestmark = pytest.mark.timeout(900)
ASKED_BY = {"everybody": tuple(READERS), "one of each": ONE_EACH, "two": TWO, "outsiders": OUTSIDERS}


async def test_every_route_is_asked_by_everybody_or_by_all_outsiders(there: Provinces) -> None:
    platform = there[""].platform
    composed = routes_of(http_app(platform, compose(platform), ["api"]))
    asked = {call.route for call in CALLS if call.by in ("everybody", "outsiders")}
    assert composed == asked | OPERATIONS | REBUILDING | AMENDING | below("reporting", OPERATORS_PAGES)


@pytest.mark.parametrize("call", CALLS, ids=named)
async def test_nobody_is_told_a_count_that_is_hidden_from_him(there: Provinces, call: Call) -> None:
    assert await leaks(there, call, ASKED_BY[call.by]) == []


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
