"""Arrests that an earlier release stored, whose keys have a part hashed under the linkage secret, are the same arrests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import text

from services.chassis.security import Principal
from services.incidents.app import compose
from services.incidents.registers import REGISTERS
from services.registers import HandIn, Intake, RawRow
from tests.support.clock import late_in_2024
from tests.support.hashing import HASHER
from tests.support.register_rows import FULL
from tests.support.registers import Service, running


def arrests(count: int) -> list[dict[str, Any]]:
    return [{**FULL["arrests"], "national_id": f"03009{number:07}"} for number in range(1, count + 1)]


ROWS = arrests(20)


@pytest.fixture
async def upgraded(new_database: Callable[[str], str]) -> AsyncIterator[Service]:
    """A service that starts on three arrests of an earlier release, with the keys that it gave them."""
    url = new_database("incidents")
    async with running("incidents", compose, url, late_in_2024()) as earlier:
        assert (await earlier.post_rows("arrests", ROWS))["accepted"] == len(ROWS)
        for row in ROWS:
            part = HASHER.hash("key", "arrests", "national_id", row["national_id"])
            values = {"key": f"{row['case_no']}\x1f{part}", "now": await key_now(earlier, row)}
            async with earlier.platform.uow() as session:
                await session.execute(text("UPDATE record SET key = :key WHERE key = :now"), values)
    async with running("incidents", compose, url, late_in_2024()) as service:
        yield service


async def key_now(incidents: Service, row: dict[str, Any]) -> str:
    """The key of the record whose event has the row's number hashed."""
    nid12 = HASHER.hash("nid12", row["national_id"])
    (found,) = await incidents.query(
        "SELECT key FROM record WHERE record_id::text IN (SELECT subject FROM outbox"
        " WHERE convert_from(payload, 'UTF8')::jsonb #>> '{data,person,keys,nid12}' = :nid12)",
        nid12=nid12,
    )
    return str(found[0])


async def test_a_row_of_before_is_known_when_it_comes_again_and_its_key_is_new_then(
    upgraded: Service,
) -> None:
    before = {record for (record,) in await upgraded.query("SELECT record_id FROM record")}
    # When the rows are handed in again, one of them changed, and a new one with them
    rows = [*ROWS[:-1], ROWS[-1] | {"outcome": ""}, *arrests(len(ROWS) + 1)[-1:]]
    answer = await upgraded.post_rows("arrests", rows)
    # Then no record was doubled, and no key is as it was
    assert (answer["unchanged"], answer["corrected"], answer["accepted"]) == (len(ROWS) - 1, 1, 1)
    found = await upgraded.query("SELECT record_id, key FROM record")
    assert before < {record for record, _ in found}
    assert len(found) == len(ROWS) + 1
    assert all(key.split("\x1f")[1].startswith("~") for _, key in found)


async def test_hand_ins_that_begin_at_once_renew_the_keys_once(upgraded: Service) -> None:
    answers = await asyncio.gather(*(upgraded.post_rows("arrests", ROWS) for _ in range(3)))
    assert [answer["unchanged"] for answer in answers] == [len(ROWS)] * 3
    assert await upgraded.query("SELECT count(*) FROM record") == [(len(ROWS),)]


async def test_a_renewal_that_is_rolled_back_is_done_by_the_next_hand_in(upgraded: Service) -> None:
    # Given a hand-in that renews the keys and fails before its commit
    platform = upgraded.platform
    intake = Intake.of(platform, REGISTERS)
    async with platform.uow() as session:
        await intake.renew_keys(session, REGISTERS["arrests"])
        await session.rollback()
    # When the same process takes the next one, then it knows the rows
    batch = HandIn("arrests", [RawRow(2, ROWS[0])])
    async with platform.uow() as session:
        result = await intake.hand_in(session, batch, Principal("police:30", "30", "clerk", "tests"))
    assert result.count("unchanged") == 1


async def test_a_list_is_matched_with_rows_of_before_by_their_keys(upgraded: Service) -> None:
    body = {"rows": [{"row": number, "values": row} for number, row in enumerate(ROWS, 2)], "final": True}
    headers = upgraded.office("arrests")
    answer = await upgraded.client.post("/v1/forms/arrests/matches", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["in_both"], found["only_ours"], found["only_theirs"]) == (len(ROWS), 0, 0)
    assert {each["key"] for each in found["items"]} == set()
