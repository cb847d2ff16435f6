"""What units state of their registers, in the ledger over HTTP: declared, nil, contradicted, known at any instant."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.reporting.app import compose
from tests.component.reporting.ledger.test_ledger_over_http import CALLERS, asked, entry, fire
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import Log, fold

NOW = datetime(2024, 1, 31, 2, tzinfo=UTC)
FIRST, LAST = date(2023, 10, 15), date(2023, 11, 14)
UNIT = "police:288"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


def told(line: Any) -> tuple[Any, ...]:
    return line["state"], line["declared"], line["contradicted"], line["rows_after"]


async def test_nothing_happened_is_a_hand_in_from_the_day_on_which_it_is_stated(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    log.state("fires", UNIT, FIRST, LAST, "nil", recorded=date(2023, 11, 20), written=date(2023, 11, 15))
    await fold(platform, log.messages)
    found = await entry(client, "district", UNIT, "fires")
    assert told(found) == ("late", "nil", False, 0)
    assert (found["late_days"], found["declared_on"], found["records"]) == (4, "2023-11-20", 0)
    # The day that the unit names itself is told, and makes nothing early.
    assert found["declared_written_on"] == "2023-11-15"
    before = await entry(client, "district", UNIT, "fires", known_at="2023-11-19")
    assert told(before) == ("missing", None, False, 0)


async def test_rows_that_come_after_a_statement_are_told_beside_it(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10))
    log.state("fires", UNIT, FIRST, LAST, "complete", recorded=date(2023, 11, 15))
    log.state("arrests", UNIT, FIRST, LAST, "nil", recorded=date(2023, 11, 15))
    fire(log, "2", date(2023, 11, 3), date(2023, 11, 20))
    await fold(platform, log.messages)
    assert told(await entry(client, "district", UNIT, "fires", known_at="2023-11-16")) == (
        "received", "complete", False, 0,
    )  # fmt: skip
    assert told(await entry(client, "district", UNIT, "fires")) == ("late", "complete", True, 1)
    # A statement of nothing with a row against it declares nothing.
    log.state("fires", UNIT, FIRST, LAST, "nil", recorded=date(2023, 12, 1))
    await fold(platform, log.messages[-1:])
    assert told(await entry(client, "district", UNIT, "fires")) == ("late", None, True, 2)
    assert told(await entry(client, "district", UNIT, "arrests"))[:2] == ("received", "nil")


async def test_a_withdrawn_statement_says_nothing_since_its_withdrawal(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    log.state("fires", UNIT, FIRST, LAST, "nil", recorded=date(2023, 11, 15))
    log.state("fires", UNIT, FIRST, LAST, None, recorded=date(2023, 12, 1))
    await fold(platform, log.messages[::-1])
    assert (await entry(client, "district", UNIT, "fires", known_at="2023-11-30"))["declared"] == "nil"
    assert (await entry(client, "district", UNIT, "fires"))["declared"] is None


async def test_months_of_one_calendar_declare_the_quarter_of_another(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for first, last in (
        (date(2023, 7, 1), date(2023, 7, 31)),
        (date(2023, 8, 1), date(2023, 8, 31)),
        (date(2023, 9, 1), date(2023, 9, 30)),
    ):
        log.state("fires", UNIT, first, last, "nil", recorded=date(2023, 10, 2))
    quarter = {"calendar": "civil", "period": "2023-Q3"}
    await fold(platform, log.messages[:2])
    assert (await entry(client, "district", UNIT, "fires", **quarter))["declared"] is None
    await fold(platform, log.messages)
    assert (await entry(client, "district", UNIT, "fires", **quarter))["declared"] == "nil"


async def test_who_only_counts_is_told_how_many_are_declared_and_never_how_many_have_nothing(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given two units that say that nothing happened, and six with a case that say that this is all
    log = Log()
    for code in ("10513", "10516"):
        log.state("fires", f"police:{code}", FIRST, LAST, "nil", recorded=date(2023, 11, 15))
    for code in ("10519", "10522", "10525", "10528", "10531", "10532"):
        fire(log, code, date(2023, 11, 2), date(2023, 11, 10), unit=f"police:{code}")
        log.state("fires", f"police:{code}", FIRST, LAST, "complete", recorded=date(2023, 11, 15))
    await fold(platform, log.messages)
    # Then the province police know how many are which, and an analyst knows how many are declared
    (known,) = (await asked(client, "province", form="fires"))["forms"]
    assert (known["received"], known["declared"], known["nil"]) == (8, 8, 2)
    (counted,) = (await asked(client, "analyst", form="fires"))["forms"]
    assert (counted["received"], counted["declared"], counted["nil"]) == (8, 8, None)


async def test_units_that_had_nothing_do_not_hide_that_few_had_something(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    # Given many units that say that nothing happened, and one with a case
    log = Log()
    for code in ("10513", "10516", "10519", "10522", "10525", "10528"):
        log.state("fires", f"police:{code}", FIRST, LAST, "nil", recorded=date(2023, 11, 15))
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10), unit="police:10531")
    await fold(platform, log.messages)
    # Then whoever only counts learns no more than of one case without their statements
    (counted,) = (await asked(client, "analyst", form="fires"))["forms"]
    assert {name: number for name, number in counted.items() if number is not None} == {
        "form": "fires",
        "expected": counted["expected"],
    }


async def test_a_committee_sees_that_rows_contradict_a_statement_and_not_how_many(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    log.state("fires", UNIT, FIRST, LAST, "nil", recorded=date(2023, 11, 15))
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 20))
    await fold(platform, log.messages)
    found = await entry(client, "committee", UNIT, "fires")
    assert (found["contradicted"], found["rows_after"], found["records"]) == (True, None, None)


async def test_a_statement_is_no_record_of_any_figure(platform: Platform, client: httpx.AsyncClient) -> None:
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10))
    await fold(platform, log.messages)
    question = {"from": "2023-10-15", "to": "2023-11-14", "by": "commune", "area": "288"}
    before = await client.get("/v1/figures/fires.cases", params=question, headers=bearer("committee"))
    log.state("fires", UNIT, FIRST, LAST, "complete", recorded=date(2023, 11, 15))
    await fold(platform, log.messages[1:])
    after = await client.get("/v1/figures/fires.cases", params=question, headers=bearer("committee"))
    assert (before.json()["value"], before.json()["rows"]) == (after.json()["value"], after.json()["rows"])
