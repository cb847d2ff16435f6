"""Marks on the records behind the steps of a waterfall: kept with their line, seen with the line and by nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.component.reporting.reconciliation.test_reconciliation_http import (
    ASKED,
    CALLERS,
    PATH,
    PURPOSE,
    step,
)
from tests.support.callers import bearer, client_of, known_to
from tests.support.clock import FixedClock
from tests.support.reconciliation import LATE, Case, row
from tests.support.reporting import CHI_LINH, NOW, fold

MORE = CALLERS | {"other district": Principal("police:290", "290", "official", "i")}


class Waterfall:
    """The officials of one service, and what they do with one waterfall."""

    def __init__(self, client: httpx.AsyncClient, clock: FixedClock, platform: Platform) -> None:
        self.client, self.clock, self.platform = client, clock, platform

    async def document(self, who: str = "police", **asked: str) -> dict[str, Any]:
        answer = await self.client.get(PATH, params=ASKED | asked, headers=bearer(who, **PURPOSE))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def late(self, who: str = "police", **asked: str) -> dict[str, dict[str, Any]]:
        """The records of the step "recorded late", by their ids."""
        listed = step(await self.document(who, **asked), "recorded_late")["records"]
        return {record["record"]: record for record in listed}

    async def mark(self, line: str, mark: str, who: str = "police", **more: Any) -> httpx.Response:
        params, headers = ASKED | more.pop("asked", {}), bearer(who, **more.pop("headers", PURPOSE))
        body = {"line": line, "mark": mark, **more}
        return await self.client.post(f"{PATH}/marks", params=params, json=body, headers=headers)


@pytest.fixture
async def waterfall(platform: Platform) -> AsyncIterator[Waterfall]:
    """One addict declared by the province; three more came late, one of them in Chí Linh."""
    case = Case()
    case.addict("an")
    for name in ("binh", "chi"):
        case.addict(name, recorded=LATE)
    case.addict("dung", recorded=LATE, commune=CHI_LINH)
    case.declare(1)
    await fold(platform, case.log.messages)
    clock = FixedClock(NOW)
    async with client_of(known_to(platform, MORE, clock), compose) as client:
        yield Waterfall(client, clock, platform)


async def test_a_record_behind_a_step_carries_its_mark_and_no_other_does(waterfall: Waterfall) -> None:
    # Given three late records without a mark
    late = await waterfall.late()
    assert {record["mark"] for record in late.values()} == {None}
    # When one is assigned and then disputed with a note
    line = late[row("binh")]["line"]
    given = await waterfall.mark(line, "assigned", to_unit="police:288")
    assert (given.status_code, given.json()["outcome"]) == (200, "marked"), given.text
    assert (await waterfall.mark(line, "disputed", note="đã nộp đúng hạn")).status_code == 200
    # Then it says so, and the others say nothing
    late = await waterfall.late()
    mark = late[row("binh")]["mark"]
    assert (mark["state"], mark["to_unit"], mark["note"], mark["by"], mark["marks"]) == (
        "disputed",
        "police:288",
        "đã nộp đúng hạn",
        "e",
        2,
    )
    assert [late[row(name)]["mark"] for name in ("chi", "dung")] == [None, None]


async def test_steps_are_narrowed_by_marks_and_their_counts_are_not(waterfall: Waterfall) -> None:
    # Given one record done and one assigned to the district
    late = await waterfall.late()
    await waterfall.mark(late[row("binh")]["line"], "done")
    await waterfall.mark(late[row("chi")]["line"], "assigned", to_unit="police:288")
    # Then each word shows its records
    expected = {
        "open": {"chi", "dung"},
        "mine": set(),
        "done": {"binh"},
        "assigned": {"chi"},
        "disputed": set(),
    }
    for wanted, names in expected.items():
        assert set(await waterfall.late(marked=wanted)) == {row(name) for name in names}, wanted
    # And pages are those of the narrowed list, and the step counts what it counted
    pages = [await waterfall.late(marked="open", limit="1", offset=offset) for offset in ("0", "1", "2")]
    assert [len(page) for page in pages] == [1, 1, 0]
    assert pages[0].keys() | pages[1].keys() == {row("chi"), row("dung")}
    assert step(await waterfall.document(marked="open"), "recorded_late")["records_total"] == 3
    wrong = await waterfall.client.get(
        PATH, params=ASKED | {"marked": "all"}, headers=bearer("police", **PURPOSE)
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["rule"]) == (422, "mark_wanted")


async def test_an_answer_from_before_a_mark_is_not_taken_for_the_present_one(waterfall: Waterfall) -> None:
    # Given somebody who keeps the answer of before
    before = await waterfall.client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE))
    kept = {"If-None-Match": before.headers["etag"]}
    # When a line is marked
    await waterfall.mark((await waterfall.late())[row("binh")]["line"], "done")
    # Then the answer is a new one
    again = await waterfall.client.get(PATH, params=ASKED, headers=bearer("police", **PURPOSE, **kept))
    assert again.status_code == 200


async def test_of_two_who_mark_one_record_the_second_is_told_what_stands(waterfall: Waterfall) -> None:
    line = (await waterfall.late())[row("binh")]["line"]
    await waterfall.mark(line, "assigned", to_unit="police:288", seen="none")
    second = await waterfall.mark(line, "done", seen="none")
    assert (second.status_code, second.json()["errors"][0]["rule"]) == (409, "mark_seen_other")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 403),
        ("committee", 403),
        ("committee clerk", 403),
        ("committee analyst", 403),
        ("health", 403),
        ("district police", 403),
        ("other district", 403),
    ],
)
async def test_who_is_not_shown_the_record_neither_marks_it_nor_reads_its_mark(
    waterfall: Waterfall, who: str, status: int
) -> None:
    # Given a marked record
    line = (await waterfall.late())[row("binh")]["line"]
    await waterfall.mark(line, "done", note="việc riêng của công an")
    # When somebody who is not shown it asks
    tried = await waterfall.mark(line, "open", who)
    answer = await waterfall.client.get(PATH, params=ASKED, headers=bearer(who, **PURPOSE))
    # Then nothing of it is told, and nothing was marked
    assert tried.status_code == status, tried.text
    assert "việc riêng" not in tried.text + answer.text
    assert line not in answer.text
    assert (await waterfall.late())[row("binh")]["mark"]["marks"] == 1


@pytest.mark.parametrize(
    ("mark", "given", "rule"),
    [
        ("note", {}, "mark_needs_note"),
        ("assigned", {}, "mark_needs_whom"),
        ("assigned", {"to_unit": "health:288"}, "mark_unit_of_others"),
        ("assigned", {"to_unit": "police:290"}, "mark_unit_of_elsewhere"),
        ("note", {"note": "CCCD 030 - / - 090001234"}, "mark_identity_number"),
        ("done", {"on": "2099-01-01"}, "mark_in_future"),
        ("done", {"asked": {"known_at": "2024-01-20"}}, "mark_known_earlier"),
        ("done", {"asked": {"step": "recorded_late"}}, "unknown_parameter"),
    ],
)
async def test_a_mark_that_cannot_stand_is_refused_and_says_why(
    waterfall: Waterfall, mark: str, given: dict[str, Any], rule: str
) -> None:
    line = (await waterfall.late())[row("binh")]["line"]
    answer = await waterfall.mark(line, mark, **given)
    assert (answer.status_code, [fault["rule"] for fault in answer.json()["errors"]]) == (422, [rule])
    assert (await waterfall.late())[row("binh")]["mark"] is None


async def test_a_line_that_the_waterfall_does_not_have_cannot_be_marked(waterfall: Waterfall) -> None:
    line = (await waterfall.late())[row("binh")]["line"]
    declaration, _, record = line.split(".")
    for other in (
        f"{declaration}.linked_since.{record}",
        f"{record}.recorded_late.{record}",
        "none",
        "a.b.c",
    ):
        refused = await waterfall.mark(other, "done")
        assert (refused.status_code, refused.json()["rule"]) == (404, "mark_line_unknown"), other


async def test_records_behind_a_number_that_nobody_handed_in_are_no_lines(waterfall: Waterfall) -> None:
    late = await waterfall.late(declared="1", declared_on="2023-12-18")
    assert {record["line"] for record in late.values()} == {None}


async def test_without_a_purpose_nothing_is_marked(waterfall: Waterfall) -> None:
    line = (await waterfall.late())[row("binh")]["line"]
    tried = await waterfall.mark(line, "done", headers={})
    assert (tried.status_code, tried.json()["rule"]) == (400, "purpose_missing")


async def test_marks_are_known_from_when_they_were_told(waterfall: Waterfall) -> None:
    # Given a record marked today
    await waterfall.mark((await waterfall.late())[row("binh")]["line"], "done")
    # When the waterfall is asked as known yesterday
    waterfall.clock.now = NOW + timedelta(days=1)
    earlier = await waterfall.late(known_at=(NOW - timedelta(days=1)).isoformat())
    # Then that knowledge has no mark
    assert earlier[row("binh")]["mark"] is None
