"""Who has handed in: over HTTP, with real events and PostgreSQL; deadlines are compared, corrections make nobody late."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import Log, fold

NOW = datetime(2024, 1, 31, 2, tzinfo=UTC)
CALLERS = {
    "committee": Principal("committee:30", "30", "official", "a"),
    "province": Principal("police:30", "30", "clerk", "b"),
    "district": Principal("police:288", "288", "clerk", "c"),
    "other district": Principal("police:290", "290", "official", "d"),
    "commune": Principal("police:10513", "10513", "clerk", "e"),
    "health": Principal("health:30", "30", "clerk", "f"),
    "site": Principal("MMT-01", "30", "clerk", "g"),
    "analyst": Principal("committee:30", "30", "analyst", "h"),
    "operator": Principal("committee:30", "30", "operator", "i"),
    "health analyst": Principal("health:30", "30", "analyst", "j"),
    "labour analyst": Principal("labour:30", "30", "analyst", "k"),
    "committee admin": Principal("committee:30", "30", "admin", "l"),
    "health admin": Principal("health:30", "30", "admin", "m"),
    "police admin": Principal("police:30", "30", "admin", "n"),
}
NOVEMBER = {
    "calendar": "police",
    "period": "2023-11",
}  # 15 October to 14 November; districts by the 16th, province by the 18th


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


async def asked(client: httpx.AsyncClient, who: str, **given: str) -> Any:
    """The answer's document."""
    answer = await client.get("/v1/ledger", params={**NOVEMBER, **given}, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def entry(client: httpx.AsyncClient, who: str, unit: str, form: str, **given: str) -> Mapping[str, Any]:
    """The one line of a form and unit."""
    (found,) = (await asked(client, who, unit=unit, form=form, **given))["entries"]
    return dict(found)


def fire(log: Log, number: str, day: date, recorded: date, *, unit: str = "police:288", **more: Any) -> None:
    """A fire of the day, written down on another."""
    alarm = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    content: dict[str, Any] = {"commune": "10513@2008", "alarm_at": alarm, "place": "dwelling"}
    log.write("fires", number, unit=unit, recorded=recorded, occurred=day, **content, **more)


def some_fires() -> Log:
    """Two of November, one of them late, later corrected, and one of another month."""
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10))
    fire(log, "2", date(2023, 11, 3), date(2023, 11, 20))
    fire(log, "2", date(2023, 11, 3), date(2023, 12, 20), injured=1)
    fire(log, "3", date(2023, 11, 20), date(2023, 11, 21))
    return log


async def test_a_register_is_late_by_the_days_between_its_deadline_and_its_last_record(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, some_fires().messages)
    assert await entry(client, "district", "police:288", "fires") == {
        "form": "fires",
        "unit": "police:288",
        "state": "late",
        "due": "2023-11-16",
        "last_arrival": "2023-11-20",
        "late_days": 4,
        "records": 2,
        "late_records": 1,
        "declared": None,
        "declared_on": None,
        "declared_written_on": None,
        "contradicted": False,
        "rows_after": 0,
    }


async def test_an_earlier_instant_knows_what_had_come_by_then(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, some_fires().messages)
    known = {
        day: await entry(client, "district", "police:288", "fires", known_at=f"2023-11-{day}")
        for day in ("09", "12", "17", "20")
    }
    states = [(known[day]["state"], known[day]["records"]) for day in ("09", "12", "17", "20")]
    assert states == [("awaited", 0), ("received", 1), ("received", 1), ("late", 2)]
    drug_cases = await entry(client, "district", "police:288", "drug_cases", known_at="2023-11-19")
    assert (drug_cases["state"], drug_cases["late_days"]) == ("missing", 3)


async def test_a_withdrawn_record_was_not_handed_in_and_a_restored_one_was(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10))
    log.write("fires", "1", unit="police:288", recorded=date(2023, 11, 12), void=True)
    await fold(platform, log.messages)
    assert (await entry(client, "district", "police:288", "fires"))["state"] == "missing"
    before = await entry(client, "district", "police:288", "fires", known_at="2023-11-11")
    assert before["state"] == "received"
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 14))
    await fold(platform, log.messages[-1:])
    assert (await entry(client, "district", "police:288", "fires"))["state"] == "received"


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_of_events_repetitions_and_batches_leave_no_trace(
    platform: Platform, client: httpx.AsyncClient, seed: int
) -> None:
    shuffled = [*some_fires().messages, *some_fires().messages[:2]]
    Random(seed).shuffle(shuffled)
    await fold(platform, shuffled, batch=1 + seed)
    for known_at in ("2023-11-12", "2023-11-20", "2023-12-31"):
        found = await entry(client, "district", "police:288", "fires", known_at=known_at)
        expected = {"2023-11-12": (1, 0), "2023-11-20": (2, 1), "2023-12-31": (2, 1)}[known_at]
        assert (found["records"], found["late_records"]) == expected


async def test_a_treatment_site_is_expected_by_the_list_of_facilities_and_its_level_s_deadline(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    about: dict[str, Any] = {
        "facility": "MMT-01",
        "name": "Cơ sở",
        "commune": "10513@2008",
        "level": "district",
    }
    log.write(
        "facilities", "MMT-01", unit="health:30", does=("methadone",), valid_from=date(2020, 1, 1), **about
    )
    await fold(platform, log.messages)
    quarter = {"calendar": "health", "period": "2023-Q3"}
    for who in ("health", "site", "committee"):
        found = await entry(client, who, "MMT-01", "methadone", **quarter)
        assert (found["state"], found["due"]) == ("missing", "2023-09-18")
        assert (found["records"] is None) == (who == "committee")


async def test_a_facility_sees_no_line_of_its_neighbour(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two treatment sites of one commune
    log = Log()
    for code in ("MMT-01", "MMT-02"):
        about: dict[str, Any] = {
            "facility": code,
            "name": "Cơ sở",
            "commune": "10513@2008",
            "level": "district",
        }
        begun = date(2020, 1, 1)
        log.write("facilities", code, unit="health:30", does=("methadone",), valid_from=begun, **about)
    await fold(platform, log.messages)
    quarter = {"calendar": "health", "period": "2023-Q3"}
    # When one of them asks, then it sees its own lines alone, and a question about the other is refused
    for narrowed in ({}, {"area": "10513"}, {"form": "methadone"}):
        lines = (await asked(client, "site", **quarter, **narrowed))["entries"]
        assert {line["unit"] for line in lines} == {"MMT-01"}
    params = {**quarter, "unit": "MMT-02"}
    answer = await client.get("/v1/ledger", params=params, headers=bearer("site"))
    assert (answer.status_code, answer.json()["rule"]) == (403, "right_missing")


async def test_each_sees_the_lines_of_its_own_unit_and_of_those_below(client: httpx.AsyncClient) -> None:
    seen = {
        who: {one["unit"] for one in (await asked(client, who))["entries"]}
        for who in ("committee", "province", "district", "commune")
    }
    assert seen["commune"] == {"police:10513"}
    assert {"police:288", "police:10513"} <= seen["district"]
    assert "police:290" not in seen["district"]
    assert seen["province"] == seen["committee"] > seen["district"]
    registers = await asked(client, "committee", form="registry")
    assert {one["unit"] for one in registers["entries"]} == {
        u for u in seen["province"] if len(u) == len("police:10513")
    }


async def test_who_may_see_no_line_is_refused_and_analysts_see_counts_of_the_whole_province(
    client: httpx.AsyncClient,
) -> None:
    for who, more in (
        ("other district", {"unit": "police:288"}),
        ("health", {}),
        ("operator", {}),
        ("analyst", {"area": "288"}),
    ):
        answer = await client.get("/v1/ledger", params={**NOVEMBER, **more}, headers=bearer(who))
        assert (answer.status_code, answer.json()["rule"]) == (403, "right_missing"), who
    found = await asked(client, "analyst", form="registry")
    (counts,) = found["forms"]
    assert found["entries"] is None
    assert counts == {
        "form": "registry",
        "expected": 235,
        "received": 0,
        "late": 0,
        "missing": 235,
        "awaited": 0,
        "declared": 0,
        "nil": None,
    }


@pytest.mark.parametrize(
    "who",
    [
        "analyst",
        "health analyst",
        "labour analyst",
        "committee admin",
        "health admin",
        "police admin",
        "health",
    ],
)
async def test_who_only_counts_may_name_no_unit_at_no_instant(
    platform: Platform, client: httpx.AsyncClient, who: str
) -> None:
    # Given one record of a commune's register, which came at an instant between two that are asked
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10), unit="police:10513")
    await fold(platform, log.messages)
    # Then neither instant tells of the unit, with and without a form, an area, a state and a calendar of its own
    for narrowed in (
        {},
        {"form": "fires"},
        {"form": "fires", "area": "30"},
        {"state": "late"},
        {"calendar": "civil"},
    ):
        for known_at in ("2023-11-09", "2023-11-12"):
            asked_for = {**NOVEMBER, **narrowed, "unit": "police:10513", "known_at": known_at}
            answer = await client.get("/v1/ledger", params=asked_for, headers=bearer(who))
            assert (answer.status_code, answer.json()["rule"]) == (403, "right_missing"), asked_for


async def test_a_count_of_fewer_units_than_the_threshold_tells_no_state(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given one treatment site in the whole province
    log = Log()
    about: dict[str, Any] = {"facility": "MMT-01", "name": "Cơ sở", "commune": "10513@2008"}
    log.write(
        "facilities",
        "MMT-01",
        unit="health:30",
        does=("methadone",),
        level="district",
        valid_from=date(2020, 1, 1),
        **about,
    )
    await fold(platform, log.messages)
    # When somebody who only counts asks for its form, alone or among all
    quarter = {"calendar": "health", "period": "2023-Q3"}
    for narrowed in ({}, {"form": "methadone"}):
        forms = (await asked(client, "analyst", **quarter, **narrowed))["forms"]
        (counts,) = [one for one in forms if one["form"] == "methadone"]
        # Then he learns that it is expected, and nothing of whether it came
        assert counts == {
            "form": "methadone",
            "expected": 1,
            "received": None,
            "late": None,
            "missing": None,
            "awaited": None,
            "declared": None,
            "nil": None,
        }
    # And the site itself is told
    (own,) = (await asked(client, "site", **quarter, form="methadone"))["forms"]
    assert own["missing"] == 1


async def test_no_small_number_of_units_with_a_record_follows_from_the_counts_of_two_calendars(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given four communes with a fire each in the police's month, and a fifth whose fire is in the civil month alone
    log = Log()
    units = [f"police:{code}" for code in ("10513", "10516", "10519", "10522", "10525")]
    for number, unit in enumerate(units):
        day = date(2023, 11, 20) if number == 4 else date(2023, 11, 2)
        fire(log, str(number), day, day, unit=unit)
    await fold(platform, log.messages)

    async def came(calendar: str, known_at: str) -> int | None:
        answer = await asked(client, "analyst", form="fires", calendar=calendar, known_at=known_at)
        (counts,) = answer["forms"]
        shown = [counts[state] for state in ("received", "late", "missing", "awaited")]
        if None in shown:
            assert shown == [None] * 4, "one number of a state would give the others"
            return None
        return int(counts["received"] + counts["late"])

    # When somebody counts by both calendars and at all instants, then each number that is shown is none or large
    instants = ("2023-11-01", "2023-11-03", "2023-11-21", "2024-01-30")
    numbers = {calendar: [await came(calendar, at) for at in instants] for calendar in ("police", "civil")}
    # And no difference of two of them is the small number of those in between
    assert numbers == {"police": [0, None, None, None], "civil": [0, None, 5, 5]}


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"calendar": "police"}, [("period", "period_of_calendar_needed")]),
        ({}, [("calendar", "calendar_needed"), ("period", "period_of_calendar_needed")]),
        ({**NOVEMBER, "form": "none"}, [("form", "ledger_form")]),
        ({**NOVEMBER, "unit": "a b"}, [("unit", "ledger_unit")]),
        ({**NOVEMBER, "state": "lost"}, [("state", "ledger_state")]),
        ({**NOVEMBER, "sate": "late"}, [("sate", "unknown_parameter")]),
        ({**NOVEMBER, "period": "2023-13"}, [("period", "period_unknown")]),
    ],
)
async def test_a_faulty_question_is_answered_with_every_fault(
    client: httpx.AsyncClient, given: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    answer = await client.get("/v1/ledger", params=given, headers=bearer("committee"))
    assert answer.status_code == 422
    assert [(one["field"], one["rule"]) for one in answer.json()["errors"]] == faults


async def test_lines_of_one_state_are_listed_and_all_are_counted(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, some_fires().messages)
    found = await asked(client, "province", state="late", form="fires")
    assert [one["unit"] for one in found["entries"]] == ["police:288"]
    assert found["forms"][0]["late"] == 1
    assert found["forms"][0]["missing"] == found["forms"][0]["expected"] - 1
