"""Attacks on small counts with nothing but what any reader outside the owning agency is answered."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from proof import canonical, content_of, digest
from reference.pack.areas import area_book
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.closings import ACCEPTED, private_pem
from tests.support.reporting import NOW, Log, fold, listed, person, reporting_settings

READERS = {
    "official": Principal("committee:30", "30", "official", "o"),
    "analyst": Principal("committee:30", "30", "analyst", "a"),
    "health": Principal("health:30", "30", "official", "b"),
    "police": Principal("police:30", "30", "official", "c"),
}
QUARTERS = (
    ("2023-01-01", "2023-03-31"),
    ("2023-04-01", "2023-06-30"),
    ("2023-07-01", "2023-09-30"),
    ("2023-10-01", "2023-12-31"),
)
DAY = date(2023, 12, 31)
_SLIP_ON = date(2023, 2, 1)


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, READERS, NOW), compose) as made:
        yield made


async def answer(
    client: httpx.AsyncClient, code: str, reader: str = "analyst", **asked: str
) -> dict[str, Any]:
    """The answer, empty where there is none. ``from`` is written ``since`` here."""
    if "since" in asked:
        asked["from"] = asked.pop("since")
    found = await client.get(f"/v1/figures/{code}", params=asked, headers=bearer(reader))
    assert found.status_code in (200, 422), found.text
    return dict(found.json()) if found.status_code == 200 else {}


def districts() -> list[tuple[str, list[str]]]:
    """Districts with the uids of their communes."""
    book = area_book()
    return [
        (area.code, [one.uid for one in book.communes(area.uid, DAY)])
        for area in book.children("30@2008", DAY)
    ]


async def test_what_no_quarter_counted_gives_away_nothing_of_the_one_that_did(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    """Three quarters without anybody make the fourth and the year the same table, hidden in the same places."""
    log, (first, second, third, *_) = Log(), districts()
    deaths = {first[1][0]: 2, second[1][0]: 7, second[1][1]: 4, third[1][0]: 9}
    for commune, count in deaths.items():
        alarm = datetime(2023, 11, 5, 3, tzinfo=UTC)
        log.write("fires", commune, commune=commune, place="dwelling", alarm_at=alarm, deaths=count)
    await fold(platform, log.messages)
    tables = [
        await answer(client, "fires.deaths", since=since, to=to, by="area")
        for since, to in (*QUARTERS[3:], ("2023-07-01", "2023-12-31"), ("2023-01-01", "2023-12-31"))
    ]
    assert len(tables) == 3
    empty = [await answer(client, "fires.deaths", since=since, to=to) for since, to in QUARTERS[:3]]
    assert [found["value"] for found in empty] == [0, 0, 0]
    known = {
        row["area"]: row["value"] for found in tables for row in found["rows"] if row["value"] is not None
    }
    assert first[0] not in known
    total = next((found["value"] for found in tables if found["value"] is not None), None)
    unknown = [code for code, _ in districts() if code not in known]
    assert total is None or len(unknown) != 1, f"the only one not shown has {total} - {sum(known.values())}"


async def test_which_communes_have_a_drug_problem_does_not_say_where_the_few_persons_of_a_district_live(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log, (few, many, *_) = Log(), districts()
    for number, commune in enumerate(few[1][:4]):
        listed(log, f"few {number}", "user", date(2023, 1, 1), commune=commune)
    for number in range(30):
        listed(log, f"many {number}", "user", date(2023, 1, 1), commune=many[1][0])
    await fold(platform, log.messages)
    users = await answer(client, "registry.users", as_of="2023-12-31", by="area")
    assert {row["area"]: row["value"] for row in users["rows"]}[few[0]] is None
    for by in ("commune", "area"):
        found = await answer(client, "areas.with_drug_problem", as_of="2023-12-31", by=by)
        below = {row[by]: row["value"] for row in found.get("rows", ()) if row[by] != "30"}
        assert not below, "four communes with somebody and four persons at most: one in each"


async def test_the_doses_of_a_day_do_not_count_the_patients_of_a_small_site(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for site, patients in (("M1", 3), ("M2", 30), ("M3", 20)):
        for number in range(patients):
            who = person(f"{site} {number}")
            log.write(
                "methadone",
                f"{site} {number}",
                person=who,
                commune=districts()[0][1][0],
                facility=site,
                enrolled_on=date(2023, 1, 1),
            )
            log.write("doses", f"{site} {number}", facility=site, dosed_on=DAY)
    log.write(
        "facilities",
        "M1",
        facility="M1",
        name="M1",
        commune=districts()[1][1][0],
        does=["methadone"],
        valid_from=date(2020, 1, 1),
    )
    await fold(platform, log.messages)
    active = await answer(client, "methadone.active", as_of="2023-12-31", by="facility")
    assert {row["facility"]: row["value"] for row in active["rows"]}["M1"] is None
    for by in ("facility", "commune", "area", "kind"):
        found = await answer(client, "methadone.doses", since="2023-12-31", to="2023-12-31", by=by)
        assert 3 not in [row["value"] for row in found.get("rows", ())], by


async def test_the_rows_of_a_hidden_whole_do_not_say_what_the_few_were(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for number, outcome in enumerate(("prosecuted", "administrative", "released", "pending")):
        log.write(
            "arrests",
            f"{number}",
            person=person(f"{number}"),
            commune=districts()[0][1][0],
            arrested_on=date(2023, 11, 1),
            case="c",
            outcome=outcome,
        )
    await fold(platform, log.messages)
    found = await answer(client, "arrests.persons", since="2023-10-01", to="2023-12-31", by="outcome")
    assert found["value"] is None
    assert len(found["rows"]) != 4, "at most four, and one at least in each of the four rows"


async def test_the_public_hash_of_a_small_closing_cannot_be_tried_against_guesses(platform: Platform) -> None:
    """Whoever may not read a closing reads its hash: all but a few counts of a commune could be known."""
    log, commune = Log(), area_book().by_uid[districts()[0][1][0]]
    for number in range(3):
        listed(log, f"{number}", "user", date(2023, 1, 1), commune=commune.uid)
    await fold(platform, log.messages)
    url = platform.settings.database_url.get_secret_value()
    office = known_to(platform, READERS, NOW, settings=reporting_settings(url, signing_key=private_pem()))
    async with client_of(office, compose) as client:
        order = {
            "calendar": "civil",
            "period": "2023",
            "area": commune.code,
            "figures": "police",
            "accept_missing": ACCEPTED,
        }
        closed = await client.post("/v1/closings", json=order, headers=bearer("official"))
        assert closed.status_code == 201, closed.text
        refused = await client.get(f"/v1/closings/{closed.json()['id']}", headers=bearer("analyst"))
        public = [
            await client.get(path, headers=bearer("analyst"))
            for path in ("/v1/closings", "/v1/closings/chain")
        ]
    assert (refused.status_code, [found.status_code for found in public]) == (403, [200, 200])
    content = content_of(closed.json())
    assert digest(canonical(content)) == public[0].json()["closings"][0]["content_hash"]
    assert not any(content["nonce"] in found.text for found in public)
    assert len(content["nonce"]) == 64


async def test_a_check_taken_from_a_released_figure_does_not_give_the_hidden_one(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    """Addicts with a file less those without a slip are those with one: health sees the first, and is a party to the second."""
    log, (first, second, third, fourth, *_) = Log(), districts()
    counts = {first[1][0]: (12, 4), second[1][0]: (20, 9), third[1][0]: (31, 2), fourth[1][0]: (9, 1)}
    for commune, (files, slips) in counts.items():
        for number in range(files):
            who = f"{commune} {number}"
            listed(log, who, "addict", date(2023, 1, 1), commune=commune)
            if number < slips:
                slip: dict[str, Any] = {"commune": commune, "facility": "F1", "clinician": "BS-1"}
                slip |= {"substances": ("heroin",), "requested_on": _SLIP_ON, "concluded_on": _SLIP_ON}
                log.write("determination", who, unit="F1", person=person(who), conclusion="addicted", **slip)
    await fold(platform, log.messages)
    asked = {"as_of": "2023-12-31", "by": "commune"}
    with_file = await answer(client, "registry.addicts_with_file", "health", **asked)
    with_slip = await answer(client, "registry.addicts_with_slip", "health", **asked)
    checked = await client.get(
        "/v1/checks/registry.addict_without_slip", params=asked, headers=bearer("health")
    )
    file, slip, without = (
        {row["commune"]: row["value"] for row in found["rows"]}
        for found in (with_file, with_slip, checked.json())
    )
    hidden = {commune for commune in file if slip[commune] is None}
    assert len(hidden) >= 3
    recovered = {commune for commune in hidden if None not in (file[commune], without[commune])}
    assert recovered == set()
    assert [one for one in without.values() if one is not None and 0 < one < 5] == []
    assert 20 in file.values(), "a release that shows nothing would prove nothing"
