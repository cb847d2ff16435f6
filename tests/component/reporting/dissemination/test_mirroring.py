"""A copy that is kept by asking again and again: nothing is lost, nothing comes twice, whatever order facts come in."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from reference.pack.areas import area_book
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.dissemination import observing
from services.reporting.facts import generations
from services.reporting.subscriptions.worker import Notifier
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import CHI_LINH, HAI_DUONG, NOW, Log, days, fold, listed, person, queries_of

CALLERS = {
    "committee": Principal("committee:30", "30", "official", "b"),
    "analyst": Principal("health:30", "30", "analyst", "a"),
}
ADDICTS = "/v1/data/registry.addicts_with_file"
CASES = "/v1/data/drug_cases.detected"


@pytest.fixture
def there(platform: Platform) -> Platform:
    return known_to(platform, CALLERS, NOW)


@pytest.fixture
async def client(there: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(there, compose) as made:
        made.headers.update(bearer("committee"))
        yield made


def case(log: Log, number: str, day: date, commune: str = HAI_DUONG, **given: Any) -> None:
    log.write(
        "drug_cases", number, commune=commune, detected_on=day, **{"offence": "trade", "subjects": 1, **given}
    )


async def get(client: httpx.AsyncClient, path: str = CASES, **given: str) -> dict[str, Any]:
    answer = await client.get(path, params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def keyed(document: dict[str, Any]) -> dict[tuple[Any, ...], Any]:
    """The observations by what identifies them; each may be there only once."""
    found = {}
    for seen in document["observations"]:
        key = (seen["figure"], seen["area"], seen.get("by"), seen.get("row"), seen["period"])
        assert key not in found
        found[key] = seen["value"]
    return found


async def test_a_fact_that_was_under_way_when_the_copy_was_made_is_among_the_next_updates(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    case(log, "early", date(2023, 1, 10))
    case(log, "late", date(2023, 1, 5))
    early, late = log.messages
    await fold(there, [early])
    copy = await get(client, startPeriod="2023")
    await fold(there, [late])
    updates = await get(client, startPeriod="2023", updatedAfter=copy["known_at"])
    assert [(seen["value"], seen["action"]) for seen in updates["observations"]] == [(2, "replace")]
    after = await get(client, startPeriod="2023", updatedAfter=updates["known_at"])
    again = await get(client, startPeriod="2023", updatedAfter=after["known_at"])
    assert keyed(again) in ({}, keyed(updates)), "told again at most, never otherwise"


async def test_a_clock_that_is_ahead_somewhere_does_not_put_the_next_visit_off(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    case(log, "0", date(2022, 1, 10))
    case(log, "1", date(2023, 1, 10), recorded=NOW + timedelta(days=3))
    await fold(there, log.messages)
    known = (await get(client, startPeriod="2023"))["known_at"]
    again = await get(client, startPeriod="2023", updatedAfter=known)
    assert [seen["value"] for seen in again["observations"]] == [1], (
        "told again, since then it was not known yet"
    )


async def test_a_copy_stays_equal_to_the_whole_while_services_fall_behind_each_other(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for number, day in enumerate(days(date(2023, 1, 1), 12)):
        case(
            log,
            f"c{number % 5}",
            day,
            (HAI_DUONG, CHI_LINH)[number % 2],
            offence=("trade", "possession")[number % 3 == 0],
        )
    order = [3, 0, 1, 5, 4, 2, 9, 11, 6, 10, 8, 7]
    copy: dict[tuple[Any, ...], Any] = {}
    known: dict[str, str] = {}
    asked = {"startPeriod": "2023", "by": "offence"}
    for number in order:
        await fold(there, [log.messages[number]])
        document = await get(client, **asked, **known)
        for seen in document["observations"]:
            key = (seen["figure"], seen["area"], seen.get("by"), seen.get("row"), seen["period"])
            if seen.get("action") == "delete":
                copy.pop(key)
            else:
                copy[key] = seen["value"]
        known = {"updatedAfter": document["known_at"]}
        assert copy == keyed(await get(client, **asked)), f"after message {number}"


async def test_updates_hold_what_went_back_to_zero_in_every_format(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    case(log, "1", date(2023, 1, 10), offence="possession")
    case(log, "2", date(2023, 1, 11))
    await fold(there, log.messages)
    known = (await get(client, startPeriod="2023"))["known_at"]
    log.write("drug_cases", "1", void=True, occurred=date(2023, 1, 10), recorded=date(2023, 2, 1))
    await fold(there, log.messages[-1:])
    asked = {"startPeriod": "2023", "by": "offence", "updatedAfter": known}
    plain = {seen.get("row"): seen for seen in (await get(client, **asked))["observations"]}
    assert (plain[None]["value"], plain["possession"]["value"], plain["possession"]["action"]) == (
        1,
        None,
        "delete",
    )
    dhis2 = {
        row["categoryOptionCombo"]: row for row in (await get(client, format="dhis2", **asked))["dataValues"]
    }
    assert dhis2["offence:possession"]["deleted"] is True
    assert "deleted" not in dhis2["default"]
    adx = (await client.get(CASES, params={**asked, "format": "adx"})).text
    assert 'value="0" offence="possession"' in adx
    lines = (await client.get(CASES, params={**asked, "format": "csv"})).text.splitlines()
    assert [line for line in lines if ",D,drug_cases.detected,30@2008,offence,possession," in line]


async def test_areas_that_lie_in_each_other_are_said_once(there: Platform, client: httpx.AsyncClient) -> None:
    log = Log()
    case(log, "1", date(2023, 1, 10))
    await fold(there, log.messages)
    for by in ("area", "commune"):
        for areas in ("30,288,10513", "288,30,30@2008,30", "10513"):
            found = keyed(await get(client, startPeriod="2023", area=areas, by=by))
            assert found["drug_cases.detected", HAI_DUONG, None, None, "2023"] == 1, (by, areas)
    everything = keyed(await get(client, startPeriod="2023", area="30,288", by="commune", limit="1"))
    alone = keyed(await get(client, startPeriod="2023", area="288", by="commune"))
    assert not everything.keys() & alone.keys(), "pages do not repeat each other"


async def test_pages_that_take_long_end_early_and_lose_nothing(
    there: Platform, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    case(log, "1", date(2023, 1, 10))
    await fold(there, log.messages)
    asked = {"startPeriod": "2023", "frequency": "M", "includeHistory": "true"}
    whole = (await get(client, **asked))["observations"]
    monkeypatch.setattr(observing, "PAGE_SECONDS", 0.0)
    pages = [await get(client, **asked)]
    while pages[-1]["next"]:
        pages.append(await get(client, cursor=pages[-1]["next"], **asked))
    assert len(pages) == 12
    assert [seen for page in pages for seen in page["observations"]] == whole


async def test_pages_lose_and_repeat_no_cell_while_facts_arrive(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    keys: list[tuple[Any, ...]] = []
    asked = {"startPeriod": "2023", "frequency": "Q", "by": "area", "limit": "1"}
    following: dict[str, str] = {}
    for number in range(4):
        case(log, str(number), date(2023, 1 + 3 * number, 10))
        await fold(there, log.messages[-1:])
        page = await get(client, **asked, **following)
        keys += keyed(page)
        following = {"cursor": page["next"]}
    assert page["next"] is None
    assert len(keys) == len(set(keys)) == 13 * 4


async def test_history_as_of_an_instant_ends_there_and_begins_with_the_first_record(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    case(log, "1", date(2023, 2, 1))
    case(log, "2", date(2023, 3, 1))
    await fold(there, log.messages)
    asked = {"startPeriod": "2023", "includeHistory": "true"}
    everything = (await get(client, **asked))["observations"]
    then = (await get(client, **asked, asOf="2023-02-15"))["observations"]
    assert [seen["value"] for seen in everything] == [0, 1, 2]
    assert [(seen["value"], seen["valid_to"]) for seen in then] == [
        (0, everything[0]["valid_to"]),
        (1, None),
    ]


async def test_updates_later_than_the_instant_asked_are_refused_by_their_names(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    case(log, "1", date(2023, 1, 10))
    await fold(there, log.messages)
    for given, field, rule in (
        ({"asOf": "2023-02-01", "updatedAfter": "2023-03-01"}, "updatedAfter", "updated_after_as_of"),
        ({"asOf": "someday"}, "asOf", "known_at"),
        ({"asOf": "2020-01-01"}, "asOf", "known_at_before_first"),
        ({"updatedAfter": "2020-01-01"}, "updatedAfter", "known_at_before_first"),
    ):
        answer = await client.get(CASES, params={"startPeriod": "2023", **given})
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["field"], fault["rule"]) == (422, field, rule)


async def test_a_reader_of_releases_is_not_told_by_the_tag_that_facts_came_in(
    there: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for number in range(7):
        listed(log, f"a{number}", "addict", date(2023, 1, 1))
    await fold(there, log.messages)
    client.headers.update(bearer("analyst"))
    first = await client.get(ADDICTS, params={"startPeriod": "2023-11"})
    listed(log, "more", "addict", date(2023, 1, 1))
    await fold(there, log.messages[-1:])
    again = await client.get(
        ADDICTS, params={"startPeriod": "2023-11"}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert "Khopso-Watermark" not in first.headers
    assert first.json()["watermark"] is None
    assert again.status_code == 304


async def test_a_reader_of_releases_is_told_of_every_figure_what_is_released_of_it(
    there: Platform, client: httpx.AsyncClient
) -> None:
    client.headers.update(bearer("analyst"))
    figures = "registry.users,methadone.active,fires.cases"
    answer = await client.get(f"/v1/data/{figures}", params={"startPeriod": "2023-11-15"})
    assert (answer.status_code, answer.json()["rule"]) == (422, "protected_question")
    assert {fault["field"] for fault in answer.json()["errors"]} == {
        "registry.users as_of",
        "methadone.active as_of",
    }
    assert all("2023-11-30" in fault["message"]["en"] for fault in answer.json()["errors"])


async def switch(there: Platform) -> None:
    """What the end of a rebuild does: another generation is live, and the tables of the one before are gone."""
    async with there.uow() as session:
        connection = await raw(session)
        number = await generations.live(connection)
        await generations.ask(session, NOW, "test")
        await generations.begin(session, number + 1, NOW)
        await generations.add_indexes(connection, number + 1)
        await generations.switch(session, number, number + 1, NOW)
    async with there.uow() as session:
        await generations.drop(await raw(session), number)


def let_it_switch(there: Platform, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the next read of a generation meet the switch: it has the number, and the tables are gone."""
    live = generations.live
    met: list[int] = []

    async def late(connection: Any) -> int:
        number = await live(connection)
        if not met:
            met.append(number)
            await switch(there)
        return number

    monkeypatch.setattr(generations, "live", late)
    return met


@pytest.mark.parametrize(
    "path",
    [
        CASES + "?startPeriod=2023",
        "/v1/figures/drug_cases.detected/overlap?from=2023-01-01&to=2023-12-31&by=commune",
    ],
)
async def test_a_query_that_meets_the_switch_of_a_rebuild_is_answered_from_the_next_generation(
    there: Platform, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    met = let_it_switch(there, monkeypatch)
    answer = await client.get(path)
    assert (answer.status_code, met) == (200, [1])


async def test_following_goes_on_over_the_switch_of_a_rebuild(
    there: Platform, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    made = await client.post("/v1/follows", json={"figure": "drug_cases.detected", **year})
    assert made.status_code == 201
    follower = Notifier(there, queries_of(there))
    met = let_it_switch(there, monkeypatch)
    assert (await follower.look(), met) == (0, [1])
    log = Log()
    case(log, "1", date(2023, 1, 10))
    await fold(there, log.messages, generation=2)
    assert [await follower.look(), await follower.look()] == [1, 0]


async def test_history_in_another_hierarchy_moves_with_the_addresses_that_became_known(
    platform: Platform,
) -> None:
    """A commune was divided: its addict counts there until a determination in one of its parts becomes known."""
    log = Log()
    split_area, successor = divided()
    listed(log, "an", "addict", date(2023, 1, 1), commune=split_area)
    log.write(
        "determination",
        "slip",
        recorded=date(2025, 8, 1),
        person=person("an"),
        commune=successor,
        facility="TYT-1",
        clinician="BS-1",
        requested_on=date(2025, 7, 20),
        concluded_on=date(2025, 7, 20),
        conclusion="addicted",
        criteria_met=4,
    )
    await fold(platform, log.messages)
    later = known_to(platform, CALLERS, datetime(2025, 9, 1, tzinfo=UTC))
    async with client_of(later, compose, headers=bearer("committee")) as client:
        asked = {"startPeriod": "2023-12-14", "geography": "2025-07-01", "by": "commune"}
        history = (await get(client, ADDICTS, includeHistory="true", **asked))["observations"]
        for at in ("2025-07-31", "2025-08-02"):
            then = await get(client, ADDICTS, asOf=at, **asked)
            end = datetime.fromisoformat(f"{at}T23:59:59+07:00")
            stood = {
                (seen["area"], seen.get("row")): seen["value"]
                for seen in history
                if datetime.fromisoformat(seen["valid_from"]) <= end
                and (seen["valid_to"] is None or end < datetime.fromisoformat(seen["valid_to"]))
            }
            assert stood == {
                (seen["area"], seen.get("row")): seen["value"] for seen in then["observations"]
            }, at
        assert {seen["value"] for seen in history if seen["area"] == successor} == {0, 1}


def divided() -> tuple[str, str]:
    """A commune of 2023 that was divided on 1 July 2025, and one of its parts."""
    book = area_book()
    for uid in sorted(book.by_uid):
        parts = [step.to_uid for step in book.successions(uid) if step.kind == "part" and step.to_uid]
        if (
            parts
            and uid.endswith("@2008")
            and all(part.endswith("@2025") for part in parts)
            and len(parts) > 1
        ):
            return uid, parts[0]
    raise LookupError("no commune was divided")
